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
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return canonicalScalar(value);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Equal numbers have equal text, whatever their trailing zeros. */
function canonicalScalar(value: Json): string {
  if (!((value as unknown) instanceof JsonNumber)) return JSON.stringify(value);
  return JSON.stringify(shortestNumber(value as unknown as JsonNumber));
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
