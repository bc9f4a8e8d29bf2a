import type { Shape } from '../language/index.js';
import { parseCron, type Cron } from '../values/cron.js';
import { describeDuration, parseDuration } from '../values/duration.js';

type Text = Extract<Shape, { kind: 'text' }>;

/** A duration or a cron expression in words. */
export function timeInWords(
  shape: Text,
  text: string,
  timezone: string | undefined,
): string | undefined {
  if (shape.holds === 'duration') {
    const parsed = parseDuration(text.trim());
    if (!parsed.ok) return undefined;
    const note = parsed.value.calendar ? '\n\nA month counts as 30 days, a year as 365.' : '';
    return `**${describeDuration(parsed.value.ms)}**${note}`;
  }
  if (shape.title !== 'cron expression') return undefined;
  const cron = parseCron(text);
  if (!cron.ok) return undefined;
  return `**${cronInWords(cron.value)}**${timezone === undefined ? '' : `\n\nIn the time zone ${timezone}, unless \`metadata.timezone\` names another.`}`;
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `0 9 * * 1-5` → `At 09:00, on Monday to Friday`. */
export function cronInWords(cron: Cron): string {
  const days = [
    cron.daysOfMonth.length === 31 ? '' : `on day ${ranges(cron.daysOfMonth, String)} of the month`,
    cron.daysOfWeek.length === 7
      ? ''
      : `on ${ranges(cron.daysOfWeek, (day) => dayNames[day] ?? '')}`,
  ].filter((part) => part !== '');
  const months =
    cron.months.length === 12
      ? ''
      : `in ${ranges(cron.months, (month) => monthNames[month - 1] ?? '')}`;
  return [timeOf(cron), days.join(cron.eitherDay ? ' or ' : ' and '), months]
    .filter((part) => part !== '')
    .join(', ');
}

/** More times than this are not listed one by one. */
const timesMax = 4;

function timeOf({ minutes, hours }: Cron): string {
  if (minutes.length * hours.length <= timesMax) {
    const times = hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`));
    return `At ${list(times)}`;
  }
  const step = stepOf(minutes, 60);
  const at =
    minutes.length === 60
      ? 'Every minute'
      : step === undefined
        ? `At minute ${ranges(minutes, String)}`
        : `Every ${step} minutes`;
  if (hours.length === 24) return minutes.length === 1 ? `${at} of every hour` : at;
  const hourStep = stepOf(hours, 24);
  return `${at} of ${hourStep === undefined ? `hour ${ranges(hours, two)}` : `every ${hourStep} hours`}`;
}

/** The distance between numbers that are evenly spread from 0. */
function stepOf(numbers: readonly number[], size: number): number | undefined {
  const [first, second] = numbers;
  if (first !== 0 || second === undefined || size % second !== 0) return undefined;
  const isEven =
    numbers.length === size / second && numbers.every((n, index) => n === index * second);
  return isEven && second > 1 ? second : undefined;
}

function ranges(numbers: readonly number[], name: (n: number) => string): string {
  const parts: string[] = [];
  for (let start = 0; start < numbers.length;) {
    let end = start;
    while ((numbers[end + 1] ?? -1) === (numbers[end] ?? 0) + 1) end += 1;
    const [from, to] = [name(numbers[start] ?? 0), name(numbers[end] ?? 0)];
    if (end - start >= 2) parts.push(`${from} to ${to}`);
    else parts.push(from, ...(end > start ? [to] : []));
    start = end + 1;
  }
  return list(parts);
}

function list(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
