import { JsonNumber, JsonScalar, shortestNumber } from './json-number.js';

/** A JSON value. Objects are plain; `__proto__` is an ordinary key. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Whether `value` is a JSON object (not null, not an array, not a `JsonNumber`). */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonScalar)
  );
}

/**
 * Canonical text of a JSON value (RFC 8785 for the values that JavaScript represents): keys sorted
 * by UTF-16 code units, no white space. Equal values have equal text, so it can be hashed.
 */
export function canonicalJson(value: Json): string {
  return append('', value);
}

/** One text that grows costs less than many that are put together. */
function append(before: string, value: Json): string {
  if (typeof value === 'string') return before + quoted(value);
  if (value === null || typeof value !== 'object') return before + JSON.stringify(value);
  let text = before;
  let mark = '';
  if (Array.isArray(value)) {
    text += '[';
    for (const item of value) {
      text = append(text + mark, item);
      mark = ',';
    }
    return `${text}]`;
  }
  if (value instanceof JsonScalar) return before + canonicalScalar(value);
  text += '{';
  for (const key of inOrder(Object.keys(value))) {
    const member = value[key];
    if (member === undefined) continue;
    text = append(`${text}${mark}${quoted(key)}:`, member);
    mark = ',';
  }
  return `${text}}`;
}

/** Equal numbers have equal text, whatever their trailing zeros. */
function canonicalScalar(value: JsonScalar): string {
  return JSON.stringify(value instanceof JsonNumber ? shortestNumber(value) : value);
}

/** Most texts need no escapes, and to find that out is quick. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** Sorts the few keys that objects have in place; many are left to the engine's own sort. */
function inOrder(keys: string[]): string[] {
  if (keys.length > insertionLengthMax) return keys.sort();
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] as string;
    let at = index;
    while (at > 0 && (keys[at - 1] as string) > key) {
      keys[at] = keys[at - 1] as string;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}

const insertionLengthMax = 16;

/**
 * JSON text that PostgreSQL can keep: its text and jsonb have neither U+0000 nor halves of surrogate
 * pairs, so each becomes U+FFFD. Expects what `JSON.stringify` writes, which escapes both.
 */
export function storableJson(text: string): string {
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return text.replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.length === unicodeEscapeLength ? '\\ufffd' : escape,
  );
}

const unicodeEscapeLength = 6;

/** Whether two JSON values are equal, whatever the order of their keys. */
export function jsonEquals(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return canonicalJson(a) === canonicalJson(b);
}
