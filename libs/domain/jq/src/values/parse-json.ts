import { needsExactParsing, type Json } from '@parley/kernel';
import { failure } from '../failure.js';
import { upToNul } from './c-text.js';
import { JsonProblem, JsonReader } from './json-reader.js';

/** Numbers that are spelled otherwise than a double of the same value would be. */
const SPELLED = /\.\d*0(?!\d)|\d[eE]|0\.000|\\u[dD]|\d{16}/;

/** What jq makes of the text could differ from what JavaScript makes of it. */
function needsReader(text: string): boolean {
  return needsExactParsing(text) || SPELLED.test(text) || isDeep(text);
}

/** Texts that are shorter are not nested deeper than jq reads. */
const DEEP_LENGTH = 20_000;
const DEPTH_MAX = 10_000;

/** Whether it may be nested too deep; brackets in strings count, too. */
function isDeep(text: string): boolean {
  if (text.length < DEEP_LENGTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 0x5b || unit === 0x7b) depth += 1;
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}

/** `fromjson` */
export function parseText(text: string): Json {
  if (!needsReader(text)) {
    try {
      return JSON.parse(text) as Json;
    } catch (error) {
      // The reader says what is wrong in jq's words, or takes it.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  try {
    return readOne(text);
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw failure(`${error.message} (while parsing '${upToNul(text)}')`);
  }
}

function readOne(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.next();
  if (value === undefined) throw new JsonProblem('Expected JSON value', text.length);
  if (reader.next() !== undefined) {
    throw new JsonProblem('Unexpected extra JSON values', reader.offset);
  }
  return value;
}

/**
 * The values of a stream of JSON texts, one after the other. Numbers keep their spelling, see
 * `RunEnv.exact`.
 *
 * @throws JsonProblem with line, column and offset, after the values that came before.
 */
export function* parseJsonStream(text: string): Generator<Json, void, undefined> {
  if (!needsReader(text)) {
    const only = parseSingle(text);
    if (only !== undefined) {
      yield only;
      return;
    }
  }
  const reader = new JsonReader(text);
  for (let value = reader.next(); value !== undefined; value = reader.next()) yield value;
}

/** Most streams are one text. Undefined when this is none that JavaScript reads. */
function parseSingle(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
