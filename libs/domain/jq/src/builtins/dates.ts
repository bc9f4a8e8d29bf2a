import type { Json } from '@parley/kernel';
import type { Native } from '../core.js';
import { momentOf, secondsOf, type Moment } from '../dates/civil.js';
import { formatMoment } from '../dates/format.js';
import { parseMoment } from '../dates/parse.js';
import { failure } from '../errors.js';
import { upToNul } from '../values/c-text.js';
import { asDouble, isNumber } from '../values/number.js';

/** Seconds from the epoch beyond which no calendar date is computed: some 30 million years. */
const SECONDS_MAX = 1e15;

function gmtime(value: Json): Moment {
  const input = asDouble(value);
  if (input === undefined) throw failure('gmtime() requires numeric inputs');
  if (!(Math.abs(input) <= SECONDS_MAX)) {
    throw failure('error converting number of seconds since epoch to datetime');
  }
  // jq cuts the fraction off towards zero, and adds it again counted from below.
  const moment = momentOf(Math.trunc(input));
  return { ...moment, second: moment.second + (input - Math.floor(input)) };
}

function toArray(moment: Moment): number[] {
  const { year, month, day, hour, minute, second, weekday, yearday } = moment;
  return [year, month, day, hour, minute, second, weekday, yearday];
}

/** Fields may be missing at the end and out of range; fractions are cut off. */
function fromArray(input: Json[], name: string): number {
  const fields = input.slice(0, 8).map((value) => {
    const field = asDouble(value);
    if (field === undefined || Number.isNaN(field)) {
      throw failure(`${name} requires parsed datetime inputs`);
    }
    return Math.trunc(Math.min(Math.max(field, -(2 ** 31)), 2 ** 31 - 1));
  });
  const [year = 1900, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  return secondsOf({ year, month, day, hour, minute, second });
}

function strftime(input: Json, format: Json | undefined): string {
  if (!isNumber(input) && !Array.isArray(input)) {
    throw failure('strftime/1 requires parsed datetime inputs');
  }
  if (typeof format !== 'string') throw failure('strftime/1 requires a string format');
  const seconds = Array.isArray(input) ? fromArray(input, 'strftime/1') : input;
  return formatMoment(gmtime(seconds), upToNul(format));
}

function strptime(text: Json, pattern: Json | undefined): Json {
  if (typeof text !== 'string' || typeof pattern !== 'string') {
    throw failure('strptime/1 requires string inputs and arguments');
  }
  const [input, format] = [upToNul(text), upToNul(pattern)];
  const parsed = parseMoment(input, format);
  if (parsed === undefined || /^\S/.test(parsed.rest)) {
    throw failure(`date "${input}" does not match format "${format}"`);
  }
  const fields: Json[] = toArray(parsed.moment);
  return parsed.rest === '' ? fields : [...fields, parsed.rest];
}

export const dateNatives: Record<string, Native> = {
  'gmtime/0': (input) => toArray(gmtime(input)),
  'mktime/0': (input) => {
    if (!Array.isArray(input)) throw failure('mktime requires array inputs');
    return fromArray(input, 'mktime');
  },
  'strftime/1': (input, [format]) => strftime(input, format),
  'strptime/1': (input, [format]) => strptime(input, format),
};
