import { err, ok, type Result } from '@parley/kernel';

/** A five-field cron expression as sets of matching numbers, ascending. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /**
   * Both day fields are restricted: a day matches when either does, as cron has always had it.
   * Otherwise it must match both.
   */
  readonly eitherDay: boolean;
}

export interface CronProblem {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly [Field, Field, Field, Field, Field] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: monthNames },
  { name: 'day of week', min: 0, max: 7, names: dayNames },
];

/** Reads a cron expression: numbers, names, `*`, lists, ranges and steps. */
export function parseCron(text: string): Result<Cron, CronProblem> {
  const words = [...text.matchAll(/\S+/g)];
  if (words.length !== fields.length) {
    const message = `needs five fields (minute, hour, day of month, month, day of week), has ${words.length}`;
    return err({ message, offset: 0, length: text.length });
  }
  const sets: number[][] = [];
  for (const [index, field] of fields.entries()) {
    const word = words[index];
    if (word === undefined) continue;
    const set = readField(word[0], field);
    if (!set.ok) return err({ message: set.error, offset: word.index, length: word[0].length });
    sets.push(set.value);
  }
  const [minutes = [], hours = [], daysOfMonth = [], months = [], week = []] = sets;
  const daysOfWeek = [...new Set(week.map((day) => day % 7))].sort((a, b) => a - b);
  const free = (index: number) => words[index]?.[0].startsWith('*') ?? false;
  if (!free(2) && !dayExists(daysOfMonth, months)) {
    const day = words[2];
    const message = 'names a day that none of its months has';
    if (free(4)) return err({ message, offset: day?.index ?? 0, length: day?.[0].length ?? 0 });
  }
  return ok({ minutes, hours, daysOfMonth, months, daysOfWeek, eitherDay: !free(2) && !free(4) });
}

const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function dayExists(days: readonly number[], months: readonly number[]): boolean {
  return months.some((month) => days.some((day) => day <= (monthLengths[month - 1] ?? 0)));
}

function readField(word: string, field: Field): Result<number[], string> {
  const numbers = new Set<number>();
  for (const part of word.split(',')) {
    const range = readPart(part, field);
    if (!range.ok) return range;
    for (let n = range.value.from; n <= range.value.to; n += range.value.step) numbers.add(n);
  }
  return ok([...numbers].sort((a, b) => a - b));
}

function readPart(
  part: string,
  field: Field,
): Result<{ from: number; to: number; step: number }, string> {
  const match = /^(\*|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:\/(\d{1,3}))?$/.exec(part);
  const wrong = `the ${field.name} "${part}" cannot be read`;
  if (match === null) return err(wrong);
  const [, first = '', last, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step === 0 || (first === '*' && last !== undefined)) return err(wrong);
  if (first === '*') return ok({ from: field.min, to: field.max === 7 ? 6 : field.max, step });
  const from = readNumber(first, field);
  const to =
    last === undefined ? (stepText === undefined ? from : field.max) : readNumber(last, field);
  if (from === undefined || to === undefined) {
    return err(`the ${field.name} must be from ${field.min} to ${field.max}, not "${part}"`);
  }
  if (to < from) return err(`the ${field.name} "${part}" runs backwards`);
  return ok({ from, to, step });
}

function readNumber(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named !== -1) return named + field.min;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.min && value <= field.max ? value : undefined;
}
