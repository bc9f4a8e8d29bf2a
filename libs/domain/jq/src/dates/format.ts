import { failure } from '../errors.js';
import { daysFromCivil, secondsOf, weekdayOf, type Moment } from './civil.js';
import { COMPOSITES, MONTHS, WEEKDAYS } from './names.js';

function padded(value: number, width: number, fill = '0'): string {
  const text = String(Math.abs(Math.trunc(value))).padStart(width, fill);
  return value < 0 ? `-${text}` : text;
}

function twelve(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

/** Weeks since the first of their first day in the year. */
function weekOfYear({ yearday, weekday }: Moment, firstDay: number): number {
  return Math.floor((yearday + 7 - ((weekday - firstDay + 7) % 7)) / 7);
}

/** ISO 8601: a week belongs to the year that its Thursday is in. */
function isoWeek(moment: Moment): { readonly year: number; readonly week: number } {
  const today = daysFromCivil(moment.year, 0, 1) + moment.yearday;
  const thursday = today - ((weekdayOf(today) + 6) % 7) + 3;
  let { year } = moment;
  if (thursday < daysFromCivil(year, 0, 1)) year -= 1;
  else if (thursday >= daysFromCivil(year + 1, 0, 1)) year += 1;
  return { year, week: Math.floor((thursday - daysFromCivil(year, 0, 1)) / 7) + 1 };
}

const directives: Record<string, (moment: Moment) => string> = {
  A: ({ weekday }) => WEEKDAYS[weekday] ?? '?',
  B: ({ month }) => MONTHS[month] ?? '?',
  C: ({ year }) => padded(Math.floor(year / 100), 2),
  G: (moment) => String(isoWeek(moment).year),
  H: ({ hour }) => padded(hour, 2),
  I: ({ hour }) => padded(twelve(hour), 2),
  M: ({ minute }) => padded(minute, 2),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  S: ({ second }) => padded(second, 2),
  U: (moment) => padded(weekOfYear(moment, 0), 2),
  V: (moment) => padded(isoWeek(moment).week, 2),
  W: (moment) => padded(weekOfYear(moment, 1), 2),
  Y: ({ year }) => padded(year, 4),
  Z: () => 'UTC',
  a: ({ weekday }) => WEEKDAYS[weekday]?.slice(0, 3) ?? '?',
  b: ({ month }) => MONTHS[month]?.slice(0, 3) ?? '?',
  d: ({ day }) => padded(day, 2),
  e: ({ day }) => padded(day, 2, ' '),
  g: (moment) => padded(((isoWeek(moment).year % 100) + 100) % 100, 2),
  h: ({ month }) => MONTHS[month]?.slice(0, 3) ?? '?',
  j: ({ yearday }) => padded(yearday + 1, 3),
  k: ({ hour }) => padded(hour, 2, ' '),
  l: ({ hour }) => padded(twelve(hour), 2, ' '),
  m: ({ month }) => padded(month + 1, 2),
  n: () => '\n',
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  s: (moment) => String(Math.floor(secondsOf(moment))),
  t: () => '\t',
  u: ({ weekday }) => String(weekday === 0 ? 7 : weekday),
  w: ({ weekday }) => String(weekday),
  y: ({ year }) => padded(((year % 100) + 100) % 100, 2),
  z: () => '+0000',
  '%': () => '%',
};

/** `strftime` in the C locale and in UTC. */
export function formatMoment(moment: Moment, format: string): string {
  return format.replace(/%([\s\S]?)/g, (_found, letter: string) => {
    if (Object.hasOwn(COMPOSITES, letter)) return formatMoment(moment, COMPOSITES[letter] ?? '');
    const directive = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
    if (directive === undefined) throw failure(`strftime/1: %${letter} is not supported`);
    return directive(moment);
  });
}
