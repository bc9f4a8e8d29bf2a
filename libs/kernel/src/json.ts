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
  const copy = inOrder(value);
  return copy === undefined ? written(value) : JSON.stringify(copy);
}

/**
 * The value with the keys of all objects sorted, for JavaScript's own writer, which is the fastest.
 * Undefined where an object of JavaScript does not keep that order: with keys such as `"10"`.
 */
function inOrder(value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return itemsInOrder(value);
  if (value instanceof JsonScalar) return canonicalScalar(value);
  const keys = Object.keys(value);
  let copy: JsonObject | undefined = sortKeys(keys) ? undefined : {};
  const whole = copy !== undefined;
  for (const key of keys) {
    if (isMoved(key)) return undefined;
    const member = value[key] as Json;
    const ordered = inOrder(member);
    if (ordered === undefined && member !== undefined) return undefined;
    if (whole || ordered !== member) (copy ??= { ...value })[key] = ordered as Json;
  }
  return copy ?? value;
}

function itemsInOrder(items: Json[]): Json | undefined {
  let copy: Json[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as Json;
    const ordered = inOrder(item);
    if (ordered === undefined) return undefined;
    if (ordered !== item) (copy ??= [...items])[index] = ordered;
  }
  return copy ?? items;
}

/** Whether JavaScript may put a key elsewhere, or takes it for something else. */
function isMoved(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__';
}

/** Sorts keys in place, few of them as one would by hand. Whether they were in order already. */
function sortKeys(keys: string[]): boolean {
  let at = 1;
  while (at < keys.length && (keys[at - 1] as string) < (keys[at] as string)) at += 1;
  if (at >= keys.length) return true;
  if (keys.length > insertionLengthMax) keys.sort();
  else for (; at < keys.length; at += 1) insert(keys, at);
  return false;
}

const insertionLengthMax = 16;

/** Puts the key at `from` where it belongs among those before it. */
function insert(keys: string[], from: number): void {
  const key = keys[from] as string;
  let at = from;
  for (; at > 0 && (keys[at - 1] as string) > key; at -= 1) keys[at] = keys[at - 1] as string;
  keys[at] = key;
}

/** The same for any value, one by one. */
function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(inOrder(value));
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${written(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Equal numbers have equal text, whatever their trailing zeros. */
function canonicalScalar(value: JsonScalar): Json {
  return (value instanceof JsonNumber ? shortestNumber(value) : value) as unknown as Json;
}

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
