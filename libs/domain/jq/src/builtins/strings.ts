import type { Json } from '@parley/kernel';
import { membersOf } from '../compile/access.js';
import type { Native } from '../core.js';
import { failure, typeError } from '../errors.js';
import type { Meter } from '../limits.js';
import { add, splitText } from '../values/arithmetic.js';
import { codepointOffsets } from '../values/codepoints.js';
import { asDouble, isNumber } from '../values/number.js';
import { toJsonText } from '../values/text.js';

/** What Unicode and jq count as white space. */
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const LEADING = new RegExp(`^${SPACE}`);
const TRAILING = new RegExp(`${SPACE}$`);

function twoStrings(a: Json, b: Json | undefined, message: string): [string, string] {
  if (typeof a !== 'string' || typeof b !== 'string') throw failure(message);
  return [a, b];
}

function startsWith(input: Json, prefix: Json | undefined): boolean {
  const [text, start] = twoStrings(input, prefix, 'startswith() requires string inputs');
  return text.startsWith(start);
}

function endsWith(input: Json, suffix: Json | undefined): boolean {
  const [text, end] = twoStrings(input, suffix, 'endswith() requires string inputs');
  return text.endsWith(end);
}

function withoutPrefix(input: Json, prefix: Json | undefined): Json {
  return startsWith(input, prefix) ? (input as string).slice((prefix as string).length) : input;
}

function withoutSuffix(input: Json, suffix: Json | undefined): Json {
  if (!endsWith(input, suffix)) return input;
  return (input as string).slice(0, (input as string).length - (suffix as string).length);
}

/** The right end is found by hand: a pattern anchored at the end would scan from every space. */
function trimmed(
  input: Json,
  { left, right }: { readonly left: boolean; readonly right: boolean },
): string {
  if (typeof input !== 'string') throw failure('trim input must be a string');
  const text = left ? input.replace(LEADING, '') : input;
  if (!right) return text;
  let end = text.length;
  while (end > 0 && TRAILING.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function explode(input: Json, _args: readonly Json[], meter: Meter): Json {
  if (typeof input !== 'string') throw failure('explode input must be a string');
  meter.copy(input.length);
  return Array.from(input, (character) => character.codePointAt(0) ?? 0);
}

function implode(input: Json, _args: readonly Json[], meter: Meter): Json {
  if (!Array.isArray(input)) throw failure('implode input must be an array');
  meter.copy(input.length);
  let text = '';
  for (const code of input) {
    const number = asDouble(code);
    if (number === undefined || Number.isNaN(number)) {
      throw typeError(code, "can't be imploded, unicode codepoint needs to be numeric");
    }
    const whole = Math.trunc(number);
    const invalid = whole < 0 || whole > 0x10ffff || (whole >= 0xd800 && whole <= 0xdfff);
    text += String.fromCodePoint(invalid ? 0xfffd : whole);
  }
  return text;
}

/** Offsets, in code points, of every occurrence, overlaps included. */
export function stringIndices(text: string, needle: string, meter: Meter): number[] {
  meter.copy(text.length);
  const units: number[] = [];
  if (needle === '') return units;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) units.push(at);
  meter.spend(units.length);
  return codepointOffsets(text, units);
}

function searchString(input: Json, needle: Json | undefined, meter: Meter): number[] {
  if (typeof input !== 'string')
    throw typeError(input, 'cannot be searched, as it is not a string');
  if (typeof needle !== 'string') throw typeError(needle ?? null, 'is not a string');
  return stringIndices(input, needle, meter);
}

/** Only the letters of ASCII change. */
function mapLetters(pattern: RegExp, offset: number): Native {
  return (input, _args, meter) => {
    if (typeof input !== 'string') throw failure('explode input must be a string');
    meter.copy(input.length);
    return input.replace(pattern, (letter) => String.fromCharCode(letter.charCodeAt(0) + offset));
  };
}

/** Booleans and numbers are written out, null counts as the empty string. */
function join(input: Json, [separator = null]: readonly Json[], meter: Meter): Json {
  let result: Json = null;
  for (const item of membersOf(input, false)) {
    meter.spend(1);
    const head: Json = result === null ? '' : add(result, separator, meter);
    const isWord = typeof item === 'boolean' || isNumber(item);
    result = add(head, isWord ? toJsonText(item, meter) : (item ?? ''), meter);
  }
  return result ?? '';
}

export const stringNatives: Record<string, Native> = {
  'startswith/1': (input, [prefix]) => startsWith(input, prefix),
  'endswith/1': (input, [suffix]) => endsWith(input, suffix),
  'ltrimstr/1': (input, [prefix]) => withoutPrefix(input, prefix),
  'rtrimstr/1': (input, [suffix]) => withoutSuffix(input, suffix),
  'trimstr/1': (input, [both]) => withoutSuffix(withoutPrefix(input, both), both),
  'trim/0': (input) => trimmed(input, { left: true, right: true }),
  'ltrim/0': (input) => trimmed(input, { left: true, right: false }),
  'rtrim/0': (input) => trimmed(input, { left: false, right: true }),
  'explode/0': explode,
  'implode/0': implode,
  'split/1': (input, [separator], meter) => {
    const message = 'split input and separator must be strings';
    return splitText(...twoStrings(input, separator, message), meter);
  },
  '_strindices/1': (input, [needle], meter) => searchString(input, needle, meter),
  'ascii_downcase/0': mapLetters(/[A-Z]/g, 32),
  'ascii_upcase/0': mapLetters(/[a-z]/g, -32),
  'join/1': join,
};
