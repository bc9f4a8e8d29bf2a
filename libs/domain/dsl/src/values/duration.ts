import { err, ok, type Result } from '@parley/kernel';

/** Longer durations are cut to this: nobody waits for them. */
export const durationMsMax = 36_525 * 86_400_000;

/** Milliseconds per unit of the object form. */
export const durationUnits = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
} as const;

export interface ParsedDuration {
  readonly ms: number;
  /** It has months or years, which count as 30 and 365 days. */
  readonly calendar: boolean;
  /** It was longer than `durationMsMax`. */
  readonly cut: boolean;
}

const number = String.raw`\d+(?:\.\d+)?`;
const pattern = new RegExp(
  `^P(?!$)(?:(${number})Y)?(?:(${number})M)?(?:(${number})W)?(?:(${number})D)?` +
    `(?:T(?=\\d)(?:(${number})H)?(?:(${number})M)?(?:(${number})S)?)?$`,
);
const factors = [
  365 * 86_400_000,
  30 * 86_400_000,
  7 * 86_400_000,
  86_400_000,
  3_600_000,
  60_000,
  1000,
];

/** Reads an ISO 8601 duration such as `PT5M`. */
export function parseDuration(text: string): Result<ParsedDuration, string> {
  const match = pattern.exec(text);
  if (match === null) return err('is not an ISO 8601 duration');
  const parts = match.slice(1).map((part) => Number(part ?? 0));
  const ms = Math.round(parts.reduce((sum, part, index) => sum + part * (factors[index] ?? 0), 0));
  const calendar = match[1] !== undefined || match[2] !== undefined;
  return ok({ ms: Math.min(ms, durationMsMax), calendar, cut: ms > durationMsMax });
}

/** The canonical text of a duration: equal durations have equal texts. */
export function formatDuration(ms: number): string {
  const units = [
    ['D', 86_400_000],
    ['H', 3_600_000],
    ['M', 60_000],
  ] as const;
  let rest = ms;
  let date = '';
  let time = '';
  for (const [letter, factor] of units) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    if (count === 0) continue;
    if (letter === 'D') date = `${count}D`;
    else time += `${count}${letter}`;
  }
  if (rest > 0 || (date === '' && time === '')) time += `${rest / 1000}S`;
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

/** A duration in words: `1 day 2 hours`. */
export function describeDuration(ms: number): string {
  const words: string[] = [];
  let rest = ms;
  for (const [unit, factor] of Object.entries(durationUnits)) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    if (count > 0) words.push(`${count} ${count === 1 ? unit.slice(0, -1) : unit}`);
  }
  return words.length === 0 ? '0 seconds' : words.join(' ');
}
