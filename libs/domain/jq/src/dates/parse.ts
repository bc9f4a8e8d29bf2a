import { failure } from '../errors.js';
import { daysFromCivil, momentOf, weekdayOf, type Moment } from './civil.js';
import { COMPOSITES, MONTHS, WEEKDAYS } from './names.js';

/** What has been read so far. Fields that a format does not mention stay 0. */
interface Reading {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  afternoon: boolean | undefined;
  yearday: number | undefined;
}

interface Parsed {
  readonly moment: Moment;
  /** Text after what the format describes. */
  readonly rest: string;
}

/** `strptime`. Undefined when the text does not match. A zone is read, and ignored as in jq. */
export function parseMoment(text: string, format: string): Parsed | undefined {
  const reading: Reading = {
    year: 1900,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
    afternoon: undefined,
    yearday: undefined,
  };
  const end = read(text, 0, format, reading);
  return end === undefined ? undefined : { moment: complete(reading), rest: text.slice(end) };
}

function complete(reading: Reading): Moment {
  const { year, minute, second } = reading;
  let { month, day, hour } = reading;
  if (reading.afternoon !== undefined) hour = (hour % 12) + (reading.afternoon ? 12 : 0);
  if (reading.yearday !== undefined && day === 0) {
    ({ month, day } = momentOf((daysFromCivil(year, 0, 1) + reading.yearday) * 86_400));
  }
  const days = daysFromCivil(year, month, day);
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    weekday: weekdayOf(days),
    yearday: days - daysFromCivil(year, 0, 1),
  };
}

/** Where reading ended, or undefined. */
function read(text: string, start: number, format: string, reading: Reading): number | undefined {
  let at: number | undefined = start;
  for (let i = 0; i < format.length && at !== undefined; i += 1) {
    const letter = format.charAt(i);
    if (/\s/.test(letter)) {
      at = skipSpace(text, at);
    } else if (letter === '%') {
      i += 1;
      at = readDirective(text, at, format.charAt(i), reading);
    } else {
      at = text.charAt(at) === letter ? at + 1 : undefined;
    }
  }
  return at;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (/\s/.test(text.charAt(end))) end += 1;
  return end;
}

/** Numbers: most digits, least and greatest value, and what they set. */
interface NumberRule {
  readonly digits: number;
  readonly min: number;
  readonly max: number;
  readonly set: (reading: Reading, value: number) => void;
}

const day: NumberRule = { digits: 2, min: 1, max: 31, set: (r, value) => (r.day = value) };
const hour: NumberRule = { digits: 2, min: 0, max: 23, set: (r, value) => (r.hour = value) };
const hour12: NumberRule = { digits: 2, min: 1, max: 12, set: (r, value) => (r.hour = value % 12) };

const NUMBERS: Record<string, NumberRule> = {
  H: hour,
  I: hour12,
  M: { digits: 2, min: 0, max: 59, set: (r, value) => (r.minute = value) },
  S: { digits: 2, min: 0, max: 61, set: (r, value) => (r.second = value) },
  Y: { digits: 4, min: 0, max: 9999, set: (r, value) => (r.year = value) },
  d: day,
  e: day,
  j: { digits: 3, min: 1, max: 366, set: (r, value) => (r.yearday = value - 1) },
  k: hour,
  l: hour12,
  m: { digits: 2, min: 1, max: 12, set: (r, value) => (r.month = value - 1) },
  u: { digits: 1, min: 1, max: 7, set: () => undefined },
  w: { digits: 1, min: 0, max: 6, set: () => undefined },
  y: {
    digits: 2,
    min: 0,
    max: 99,
    set: (r, value) => (r.year = value < 69 ? 2000 + value : 1900 + value),
  },
};

function readDirective(
  text: string,
  at: number,
  letter: string,
  reading: Reading,
): number | undefined {
  if (Object.hasOwn(COMPOSITES, letter)) return read(text, at, COMPOSITES[letter] ?? '', reading);
  const rule = Object.hasOwn(NUMBERS, letter) ? NUMBERS[letter] : undefined;
  if (rule !== undefined) return readNumber(text, skipSpace(text, at), rule, reading);
  switch (letter) {
    case 'a':
    case 'A':
      return readName(text, at, WEEKDAYS, () => undefined);
    case 'b':
    case 'B':
    case 'h':
      return readName(text, at, MONTHS, (index) => (reading.month = index));
    case 'p':
      return readName(text, at, ['AM', 'PM'], (index) => (reading.afternoon = index === 1));
    case 's':
      return readEpoch(text, at, reading);
    case 'Z':
      return pattern(text, at, /[A-Za-z]+/y);
    case 'z':
      return pattern(text, at, /Z|[+-]\d\d:?\d\d|[+-]\d\d/y);
    case 'n':
    case 't':
      return skipSpace(text, at);
    case '%':
      return pattern(text, at, /%/y);
    default:
      throw failure(`strptime/1: %${letter} is not supported`);
  }
}

function pattern(text: string, at: number, expected: RegExp): number | undefined {
  expected.lastIndex = at;
  return expected.test(text) ? expected.lastIndex : undefined;
}

function readNumber(
  text: string,
  at: number,
  rule: NumberRule,
  reading: Reading,
): number | undefined {
  const digits = /^\d+/.exec(text.slice(at, at + rule.digits))?.[0];
  if (digits === undefined) return undefined;
  const value = Number(digits);
  if (value < rule.min || value > rule.max) return undefined;
  rule.set(reading, value);
  return at + digits.length;
}

/** Full names and those of three letters, in any case. */
function readName(
  text: string,
  at: number,
  names: readonly string[],
  set: (index: number) => void,
): number | undefined {
  const rest = text.slice(at, at + 12).toLowerCase();
  for (const [index, name] of names.entries()) {
    for (const form of [name, name.slice(0, 3)]) {
      if (!rest.startsWith(form.toLowerCase())) continue;
      set(index);
      return at + form.length;
    }
  }
  return undefined;
}

function readEpoch(text: string, at: number, reading: Reading): number | undefined {
  const digits = /^-?\d{1,15}/.exec(text.slice(at, at + 16))?.[0];
  if (digits === undefined) return undefined;
  const { year, month, day: date, hour: hours, minute, second } = momentOf(Number(digits));
  Object.assign(reading, { year, month, day: date, hour: hours, minute, second });
  return at + digits.length;
}
