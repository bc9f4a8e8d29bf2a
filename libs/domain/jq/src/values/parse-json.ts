import type { Json } from '@parley/kernel';
import { failure } from '../errors.js';
import { parseNumber } from './parse-number.js';

/** `fromjson`. Beyond JSON, jq reads `nan`. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const bare = parseNumber(text.trim());
    if (bare !== undefined) return bare;
    throw failure(`${problem(text)} (while parsing '${text}')`);
  }
}

/** In jq's words where they are simple, else in ours. */
function problem(text: string): string {
  if (text.trim() === '') return 'Expected JSON value';
  const word = /^[\s[{:,]*([A-Za-z0-9.+-]+)$/.exec(text)?.[1];
  if (word !== undefined && /^(?:nan|[-+.\d])/i.test(word)) {
    return `Invalid numeric literal at EOF at line 1, column ${text.length}`;
  }
  const quote = text.indexOf("'");
  if (quote >= 0) {
    const end = text.indexOf(':', quote);
    const column = end >= 0 ? end + 1 : text.length;
    return `Invalid string literal; expected ", but got ' at line 1, column ${column}`;
  }
  return 'Invalid JSON text';
}
