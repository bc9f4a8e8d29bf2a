import { putMember, type Json, type JsonObject } from '@parley/kernel';
import type { Native } from '../core.js';
import { failure, typeError } from '../errors.js';
import type { Meter } from '../limits.js';
import { regexOf, type Match, type Regex } from '../regex/regex.js';
import { add } from '../values/arithmetic.js';
import { codepoints } from '../values/codepoints.js';
import { typeOf } from '../values/types.js';

/** A text in code points, and what was found in it. */
interface Found {
  readonly text: readonly string[];
  readonly regex: Regex;
  readonly matches: readonly Match[];
}

function compiledOf(input: Json, regex: Json, flags: Json): Regex {
  if (typeof input !== 'string') throw typeError(input, 'cannot be matched, as it is not a string');
  if (typeof regex !== 'string') throw typeError(regex, 'is not a string');
  if (flags !== null && typeof flags !== 'string') throw typeError(flags, 'is not a string');
  return regexOf(regex, flags ?? '');
}

function find(value: Json, regex: Json, flags: Json, meter: Meter): Found {
  const compiled = compiledOf(value, regex, flags);
  const input = value as string;
  meter.copy(input.length);
  const text = codepoints(input);
  const codes = text.map((character) => character.codePointAt(0) ?? 0);
  return { text, regex: compiled, matches: compiled.search(codes, meter, compiled.global) };
}

/** One argument may hold both: a string, or an array of expression and flags. */
function single(argument: Json): readonly [Json, Json] {
  if (typeof argument === 'string') return [argument, null];
  if (Array.isArray(argument) && argument.length > 0)
    return [argument[0] ?? null, argument[1] ?? null];
  throw failure(`${typeOf(argument)} not a string or array`);
}

function slice(text: readonly string[], start: number, end: number): string {
  return text.slice(start, end).join('');
}

function matchObjects({ text, regex, matches }: Found): JsonObject[] {
  return matches.map(({ start, end, groups }) => ({
    offset: start,
    length: end - start,
    string: slice(text, start, end),
    captures: regex.groups.map((name, i): JsonObject => {
      const group = groups[i];
      const label = name ?? null;
      if (group === undefined) return { offset: -1, string: null, length: 0, name: label };
      const { start: from, end: to } = group;
      if (from === to) return { offset: from, string: '', length: 0, name: label };
      return { offset: from, length: to - from, string: slice(text, from, to), name: label };
    }),
  }));
}

/** Named groups of one match. */
function captureObject({ text, regex }: Found, { groups }: Match): JsonObject {
  let result: JsonObject = {};
  regex.groups.forEach((name, i) => {
    const group = groups[i];
    if (name === undefined) return;
    result = putMember(
      result,
      name,
      group === undefined ? null : slice(text, group.start, group.end),
    );
  });
  return result;
}

function captures(found: Found): JsonObject[] {
  return found.matches.map((match) => captureObject(found, match));
}

/** The groups where there are any, else the whole match. */
function scan({ text, regex, matches }: Found): Json[] {
  return matches.map(({ start, end, groups }) =>
    regex.groups.length === 0
      ? slice(text, start, end)
      : regex.groups.map((_, i) => {
          const group = groups[i];
          return group === undefined ? null : slice(text, group.start, group.end);
        }),
  );
}

function split({ text, matches }: Found): string[] {
  let from = 0;
  const parts = matches.map(({ start, end }) => {
    const part = slice(text, from, start);
    from = end;
    return part;
  });
  return [...parts, slice(text, from, text.length)];
}

/** What `sub` and `gsub` go on with: the text around the matches and the captures of each. */
export interface Edits {
  readonly gaps: readonly string[];
  readonly captures: readonly JsonObject[];
}

export function editsOf(input: Json, regex: Json, flags: Json, meter: Meter): Edits {
  const found = find(input, regex, flags, meter);
  return { gaps: split(found), captures: captures(found) };
}

/** Adds the flag of the builtin to those that are given. */
type Flags = (given: Json, meter: Meter) => Json;

const asGiven: Flags = (given) => given;
const globalFirst: Flags = (given, meter) => add('g', given, meter);
const globalLast: Flags = (given, meter) => add(given, 'g', meter);

/** A native for both ways to give the flags. */
function pair(name: string, use: (found: Found) => Json): Record<string, Native> {
  return {
    [`${name}/1`]: (input, [argument = null], meter) =>
      use(find(input, ...single(argument), meter)),
    [`${name}/2`]: withFlags(use, asGiven),
  };
}

function withFlags(use: (found: Found) => Json, flagsOf: Flags): Native {
  return (input, [regex = null, flags = null], meter) =>
    use(find(input, regex, flagsOf(flags, meter), meter));
}

function test(input: Json, regex: Json, flags: Json, meter: Meter): boolean {
  const quick = compiledOf(input, regex, flags).quickTest(input as string, meter);
  return quick ?? find(input, regex, flags, meter).matches.length > 0;
}

export const regexNatives: Record<string, Native> = {
  'test/1': (input, [argument = null], meter) => {
    if (typeof argument === 'string') return test(input, argument, null, meter);
    return test(input, ...single(argument), meter);
  },
  'test/2': (input, [regex = null, flags = null], meter) => test(input, regex, flags, meter),
  ...pair('_matches', matchObjects),
  ...pair('_captures', captures),
  '_scan/1': withFlags(scan, globalFirst),
  '_scan/2': withFlags(scan, globalFirst),
  '_splits/1': withFlags(split, globalLast),
  'split/2': withFlags(split, globalLast),
};
