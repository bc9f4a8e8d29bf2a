import { durationMsMax, durationUnits, formatDuration, parseDuration } from '../values/duration.js';
import type { MapNode, SourceNode } from '../source/tree.js';
import { nameOf, type Check } from './context.js';
import { checkTemplateText, computedPattern, reportUnclosed } from './template.js';
import type { WrittenText } from './text.js';
import { interpolate } from '../expressions/interpolation.js';

/** A duration: ISO 8601, or an expression that yields one. */
export function checkDurationText(check: Check, { node, text, shape, env }: WrittenText): void {
  if (text.trimStart().startsWith('${')) {
    const found = interpolate(text);
    if (found.kind === 'unclosed') {
      reportUnclosed(check, node, found.offset);
      return;
    }
    if (shape.fixed === true) {
      check.reporter.report('PL1035', node, {
        message: `${nameOf(node)} must be a fixed duration`,
      });
      return;
    }
    if (computedPattern.test(text)) {
      checkTemplateText(check, node, text, env);
      return;
    }
  }
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    reportNoDuration(check, { node, text, problem: parsed.error });
  } else if (parsed.value.cut) {
    reportCut(check, node);
  } else if (parsed.value.calendar) {
    check.reporter.report('PL1046', node, {
      message: `${nameOf(node)}: a month counts as 30 days and a year as 365 days`,
    });
  }
}

function reportNoDuration(
  check: Check,
  {
    node,
    text,
    problem,
  }: {
    readonly node: WrittenText['node'];
    readonly text: string;
    readonly problem: string;
  },
): void {
  const guess = guessDuration(text);
  check.reporter.report('PL1040', node, {
    message: `${nameOf(node)}: "${text}" ${problem}`,
    expected: 'an ISO 8601 duration such as PT5M, or { minutes: 5 }',
    actual: text,
    ...(guess !== undefined && {
      suggestions: [guess],
      fix: { title: `Write ${guess}`, span: node.span, newText: guess },
    }),
  });
}

/** The sum of a duration that is written as an object. */
export function checkDurationObject(check: Check, node: MapNode): void {
  let ms = 0;
  for (const { key, value } of node.entries) {
    const known = Object.hasOwn(durationUnits, key);
    if (!known || value.kind !== 'scalar' || typeof value.value !== 'number') return;
    if (value.value < 0) {
      check.reporter.report('PL1013', value, {
        message: `"${key}" must be at least 0`,
        expected: '>= 0',
        actual: String(value.value),
      });
      return;
    }
    ms += value.value * durationUnits[key as keyof typeof durationUnits];
  }
  if (ms > durationMsMax) reportCut(check, node);
}

function reportCut(check: Check, node: SourceNode): void {
  check.reporter.report('PL1049', node, {
    message: `${nameOf(node)} is longer than 100 years, and counts as 100 years`,
  });
}

const unitWords: readonly (readonly [RegExp, number])[] = [
  [/^(ms|millis(econds?)?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
];

/** What a person probably meant by `5 minutes` or `10s`. */
function guessDuration(text: string): string | undefined {
  const match = /^(\d{1,6})\s*([a-z]+)$/i.exec(text.trim());
  const word = match?.[2]?.toLowerCase() ?? '';
  const factor = unitWords.find(([pattern]) => pattern.test(word))?.[1];
  return factor === undefined ? undefined : formatDuration(Number(match?.[1]) * factor);
}
