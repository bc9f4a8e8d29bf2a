import { missedPolicies, overlapPolicies, runHistories, runPriorities } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import { semver, workflow } from '../language/workflow.js';
import type { Place } from '../diagnostics/reporter.js';
import { memberOf, textOf, type MapNode, type SourceNode } from '../source/tree.js';
import { isTimezone, zonesOfCity } from '../values/timezone.js';
import { keyPlace, nameOf, type Check } from './context.js';
import type { Around } from './rules.js';
import { expectMap, wrongType, wrongWord } from './wrong.js';

export function checkDocument(check: Check, node: MapNode, { whole }: Around): void {
  const dsl = memberOf(node, 'dsl');
  const version = textOf(dsl);
  const readable = version !== undefined && semver.pattern?.test(version) === true;
  if (dsl !== undefined && readable && !version.startsWith('1.0.')) {
    check.reporter.report('PL1043', dsl, {
      message: `Version ${version} of the language is not supported`,
      expected: '1.0.x',
      actual: version,
      fix: { title: 'Write 1.0.3', span: dsl.span, newText: "'1.0.3'" },
    });
  }
  const metadata = memberOf(node, 'metadata');
  const timezone = memberOf(metadata, 'timezone');
  if (timezone !== undefined && whole) checkTimezone(check, timezone);
  const schedule = memberOf(metadata, 'schedule');
  if (schedule !== undefined && whole) checkPolicies(check, schedule);
  const priority = memberOf(metadata, 'priority');
  if (priority !== undefined && whole) checkWord(check, priority, runPriorities);
  const history = memberOf(metadata, 'history');
  if (history !== undefined && whole) checkWord(check, history, runHistories);
}

/** What is done at a time of the schedule, which the language itself has no words for. */
const policies: Readonly<Record<string, readonly string[]>> = {
  overlap: overlapPolicies,
  missed: missedPolicies,
};

function checkPolicies(check: Check, node: SourceNode): void {
  if (!expectMap(check, node)) return;
  for (const { key, keySpan, value } of node.entries) {
    const words = Object.hasOwn(policies, key) ? policies[key] : undefined;
    if (words === undefined) unknownPolicy(check, key, { span: keySpan, pointer: value.pointer });
    else checkWord(check, value, words);
  }
}

function checkWord(check: Check, node: SourceNode, words: readonly string[]): void {
  const text = textOf(node);
  if (text === undefined) wrongType(check, node, 'a text');
  else if (!words.includes(text)) wrongWord(check, node, { text, words });
}

function unknownPolicy(check: Check, key: string, place: Place): void {
  const names = Object.keys(policies);
  const near = nearest(key, names);
  const [best] = near;
  check.reporter.report('PL1011', place, {
    message: `A schedule has no policy "${key}"`,
    expected: names.join(', '),
    actual: key,
    suggestions: near,
    ...(best !== undefined && {
      fix: { title: `Write ${best}`, span: place.span, newText: best },
    }),
  });
}

function checkTimezone(check: Check, node: SourceNode): void {
  const zone = textOf(node);
  if (zone === undefined) {
    wrongType(check, node, 'a text');
    return;
  }
  if (isTimezone(zone)) return;
  const cities = zonesOfCity(zone);
  const near = cities.length > 0 ? cities : nearest(zone, Intl.supportedValuesOf('timeZone'));
  const [best] = near;
  check.reporter.report('PL1042', node, {
    message: `There is no time zone "${zone}"`,
    expected: 'an IANA name such as Europe/Berlin',
    actual: zone,
    suggestions: near,
    ...(best !== undefined && {
      fix: { title: `Write ${best}`, span: node.span, newText: best },
    }),
  });
}

export function checkEvaluate(check: Check, node: MapNode): void {
  const language = memberOf(node, 'language');
  const name = textOf(language);
  if (language === undefined || name === undefined || name === 'jq') return;
  check.reporter.report('PL1047', language, {
    message: `${nameOf(language)} cannot be "${name}": expressions are written in jq`,
    expected: 'jq',
    actual: name,
    suggestions: ['jq'],
    fix: { title: 'Write jq', span: language.span, newText: 'jq' },
  });
}

/** What a run that a schedule starts is given, whatever the workflow is. */
const scheduledInput = 'scheduledAt';

/** A schedule whose every run would be refused for its input starts nothing, and nobody would see. */
function checkScheduledInput(check: Check, node: MapNode): void {
  const schedule = memberOf(node, 'schedule');
  const timed = ['cron', 'every'].some((name) => memberOf(schedule, name) !== undefined);
  const schema = memberOf(memberOf(memberOf(node, 'input'), 'schema'), 'document');
  const required = memberOf(schema, 'required');
  if (!timed || schedule === undefined || required?.kind !== 'list') return;
  const lacking = required.items.map(textOf).filter((name) => name !== scheduledInput);
  if (lacking.length === 0) return;
  const names = lacking.slice(0, 5).map((name) => `"${name ?? ''}"`);
  check.reporter.report('PL1064', keyPlace(schedule), {
    message: `The schedule cannot start a run: it gives nothing but "${scheduledInput}", and the input must have ${names.join(', ')}${lacking.length > 5 ? ', …' : ''}`,
    expected: `an input that needs nothing but ${scheduledInput}`,
    actual: lacking.join(', '),
  });
}

/** The schema lets a definition have members of any name; they mean nothing, and may be slips. */
export function checkWorkflow(check: Check, node: MapNode, { whole }: Around): void {
  if (whole) checkScheduledInput(check, node);
  for (const { key, keySpan, value } of node.entries) {
    if (Object.hasOwn(workflow.members, key) || check.repeats.has('use', keySpan)) continue;
    const names = Object.keys(workflow.members);
    const near = nearest(key, names);
    check.reporter.report(
      'PL1009',
      { span: keySpan, pointer: value.pointer },
      {
        message: `"${key}" is no member of a definition and means nothing`,
        expected: names.join(', '),
        actual: key,
        suggestions: near,
      },
    );
  }
}
