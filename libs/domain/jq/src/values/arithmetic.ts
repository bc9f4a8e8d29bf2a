import {
  appended,
  copyObject,
  isJsonObject,
  putMember,
  type Json,
  type JsonObject,
} from '@parley/kernel';
import { failure, typeError2 } from '../errors.js';
import { tooDeep } from '../failure.js';
import type { Meter } from '../limits.js';
import { codepoints } from './codepoints.js';
import { asDouble } from './number.js';
import { equals } from './order.js';

export function add(a: Json, b: Json, meter: Meter): Json {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') {
    meter.stringOf(a.length + b.length);
    return a + b;
  }
  if (a === null) return b;
  if (b === null) return a;
  if (Array.isArray(a) && Array.isArray(b)) return concat(a, b, meter);
  if (isJsonObject(a) && isJsonObject(b)) return merge(a, b, meter);
  const [x, y] = [asDouble(a), asDouble(b)];
  if (x !== undefined && y !== undefined) return x + y;
  throw typeError2(a, b, 'cannot be added');
}

function concat(a: Json[], b: Json[], meter: Meter): Json[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  meter.arrayOf(a.length + b.length);
  meter.copyBlock(a.length + b.length);
  return appended(a, b);
}

function merge(a: JsonObject, b: JsonObject, meter: Meter): JsonObject {
  let result = copyObject(a);
  let count = 1;
  for (const key of Object.keys(b)) {
    result = putMember(result, key, b[key] as Json);
    count += 1;
  }
  meter.copy(count + Object.keys(a).length);
  return result;
}

export function subtract(a: Json, b: Json, meter: Meter): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (!Array.isArray(a) || !Array.isArray(b)) {
    const [x, y] = [asDouble(a), asDouble(b)];
    if (x !== undefined && y !== undefined) return x - y;
    throw typeError2(a, b, 'cannot be subtracted');
  }
  return a.filter((item) => {
    meter.copy(b.length);
    return !b.some((other) => equals(item, other, meter));
  });
}

export function multiply(a: Json, b: Json, meter: Meter): Json {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (isJsonObject(a) && isJsonObject(b)) return mergeDeep(a, b, { meter, depth: 0 });
  const [x, y] = [asDouble(a), asDouble(b)];
  if (x !== undefined && y !== undefined) return x * y;
  if (typeof a === 'string' && y !== undefined) return repeat(a, y, meter);
  if (x !== undefined && typeof b === 'string') return repeat(b, x, meter);
  throw typeError2(a, b, 'cannot be multiplied');
}

/** jq's own ceiling for a repeated string, in bytes. */
const REPEAT_LENGTH_MAX = 2 ** 31 - 13;

function repeat(text: string, times: number, meter: Meter): Json {
  if (Number.isNaN(times) || times < 0) return null;
  const count = Math.trunc(Math.min(times, 2 ** 31 - 1));
  const length = text.length * count;
  if (length >= REPEAT_LENGTH_MAX) throw failure('Repeat string result too long');
  if (length === 0) return '';
  meter.stringOf(length);
  return text.repeat(count);
}

/** Objects that are nested deeper are not merged, as in jq. */
const MERGE_DEPTH_MAX = 10_000;

interface Merging {
  readonly meter: Meter;
  readonly depth: number;
}

function mergeDeep(a: JsonObject, b: JsonObject, { meter, depth }: Merging): JsonObject {
  if (depth > MERGE_DEPTH_MAX) throw tooDeep('Object merge');
  let result = copyObject(a);
  const keys = Object.keys(b);
  meter.copy(keys.length + Object.keys(a).length);
  for (const key of keys) {
    const left = Object.hasOwn(result, key) ? result[key] : undefined;
    const right = b[key] as Json;
    const both = isJsonObject(left) && isJsonObject(right);
    const merged = both ? mergeDeep(left, right, { meter, depth: depth + 1 }) : right;
    result = putMember(result, key, merged);
  }
  return result;
}

export function divide(a: Json, b: Json, meter: Meter): Json {
  if (typeof a === 'string' && typeof b === 'string') return splitText(a, b, meter);
  const [x, y] = [asDouble(a), asDouble(b)];
  if (x === undefined || y === undefined) throw typeError2(a, b, 'cannot be divided');
  if (y === 0) throw typeError2(a, b, 'cannot be divided because the divisor is zero');
  return x / y;
}

/** Splits on a literal separator; the empty separator splits into characters. */
export function splitText(text: string, separator: string, meter: Meter): Json[] {
  meter.copy(text.length);
  if (text === '') return [];
  return separator === '' ? codepoints(text) : text.split(separator);
}

/** The bounds of jq's integers; doubles in between are exact enough for its remainder. */
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);

export function modulo(a: Json, b: Json): Json {
  const [x, y] = [asDouble(a), asDouble(b)];
  if (x === undefined || y === undefined) throw typeError2(a, b, 'cannot be divided (remainder)');
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const divisor = Math.trunc(y);
  if (divisor === 0) {
    throw typeError2(a, b, 'cannot be divided (remainder) because the divisor is zero');
  }
  const dividend = Math.trunc(x);
  if (Number.isSafeInteger(dividend) && Number.isSafeInteger(divisor)) {
    return (dividend % divisor) + 0;
  }
  return Number(clampInteger(dividend) % clampInteger(divisor));
}

function clampInteger(value: number): bigint {
  if (value >= 2 ** 63) return INTEGER_MAX;
  if (value < -(2 ** 63)) return INTEGER_MIN;
  return BigInt(value);
}
