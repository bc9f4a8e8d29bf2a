import { spanInScalar } from '../source/positions.js';
import { memberOf, textOf, type MapNode, type SourceNode } from '../source/tree.js';
import { parseCron } from '../values/cron.js';
import { durationUnits, parseDuration } from '../values/duration.js';
import { keyPlace, type Check } from './context.js';
import type { Around } from './rules.js';

/** A schedule that fires faster than this is a mistake, and would keep everybody else waiting. */
const intervalMsMin = 1_000;

export function checkSchedule(check: Check, node: MapNode): void {
  const every = memberOf(node, 'every');
  const ms = millisecondsOf(every);
  if (every !== undefined && ms !== undefined && ms < intervalMsMin) {
    check.reporter.report('PL1040', every, { message: '"every" must be at least one second' });
  }
  const cron = memberOf(node, 'cron');
  if (cron !== undefined) checkCron(check, cron);
}

/** The problem of a cron expression is reported at the field that has it. */
function checkCron(check: Check, node: SourceNode): void {
  const text = textOf(node);
  if (text === undefined || node.kind !== 'scalar' || text.includes('${')) return;
  const parsed = parseCron(text);
  if (parsed.ok) return;
  const { offset, length, message } = parsed.error;
  const span = spanInScalar(check.source, node, offset, length);
  check.reporter.report(
    'PL1041',
    { span, pointer: node.pointer },
    {
      message: `The cron expression "${text}": ${message}`,
      expected: 'minute, hour, day of month, month, day of week, e.g. 0 9 * * 1-5',
      actual: text,
    },
  );
}

/** A container is kept for a time only when it is removed eventually. */
export function checkLifetime(check: Check, node: MapNode, { whole }: Around): void {
  if (!whole) return;
  const cleanup = textOf(memberOf(node, 'cleanup'));
  const after = node.entries.find(({ key }) => key === 'after');
  if (cleanup === 'eventually' && after === undefined) {
    check.reporter.report('PL1010', keyPlace(node), {
      message: '"cleanup: eventually" needs "after"',
      expected: 'after',
    });
  } else if (after !== undefined && (cleanup === 'always' || cleanup === 'never')) {
    const place = { span: after.keySpan, pointer: after.value.pointer };
    check.reporter.report('PL1019', place, {
      message: '"after" means nothing without "cleanup: eventually"',
      expected: 'cleanup: eventually',
    });
  }
}

export function checkJitter(check: Check, node: MapNode): void {
  const to = memberOf(node, 'to');
  const least = millisecondsOf(memberOf(node, 'from'));
  const most = millisecondsOf(to);
  if (to === undefined || least === undefined || most === undefined || most >= least) return;
  check.reporter.report('PL1063', to, { message: '"to" is shorter than "from"' });
}

/** A duration that is written out. */
function millisecondsOf(node: SourceNode | undefined): number | undefined {
  const text = textOf(node);
  if (text !== undefined) {
    const parsed = parseDuration(text);
    return parsed.ok ? parsed.value.ms : undefined;
  }
  if (node?.kind !== 'map') return undefined;
  let ms = 0;
  for (const { key, value } of node.entries) {
    const known = Object.hasOwn(durationUnits, key);
    if (!known || value.kind !== 'scalar' || typeof value.value !== 'number') return undefined;
    ms += value.value * durationUnits[key as keyof typeof durationUnits];
  }
  return node.entries.length === 0 ? undefined : ms;
}
