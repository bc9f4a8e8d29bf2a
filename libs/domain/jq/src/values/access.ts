import { copyObject, isJsonObject, putMember, type Json, type JsonObject } from '@parley/kernel';
import { describe, failure } from '../errors.js';
import { secretFailure } from '../failure.js';
import type { Meter } from '../limits.js';
import { codepointLength, codepointSlice } from './codepoints.js';
import { asDouble, isLiteral } from './number.js';
import { isOpaque } from './opaque.js';
import { equals } from './order.js';
import { typeOf } from './types.js';

/** jq's largest array index. */
const ARRAY_INDEX_MAX = 2 ** 29 - 1;

/** `container[key]` for every kind of key that jq knows. */
export function getIndex(container: Json, key: Json, meter: Meter): Json {
  if (typeof key === 'string') {
    if (isJsonObject(container))
      return Object.hasOwn(container, key) ? (container[key] as Json) : null;
  } else if (typeof key === 'number') {
    if (Array.isArray(container)) return getElement(container, key);
  } else if (isJsonObject(key)) {
    if (Array.isArray(container) || typeof container === 'string') {
      return getSlice(container, key, meter);
    }
  } else if (Array.isArray(key) && Array.isArray(container)) {
    return arrayIndices(container, key, meter);
  }
  if (isLiteral(key) && (container === null || Array.isArray(container))) {
    return getIndex(container, Number(key), meter);
  }
  if (
    container === null &&
    (typeof key === 'string' || typeof key === 'number' || isJsonObject(key))
  ) {
    return null;
  }
  if (isOpaque(container) || isOpaque(key)) throw secretFailure('looked into');
  throw failure(`Cannot index ${typeOf(container)} with ${describe(key)}`);
}

function getElement(array: Json[], index: number): Json {
  if (Number.isNaN(index)) return null;
  const at = Math.trunc(index);
  return array[at < 0 ? at + array.length : at] ?? null;
}

/** Positions where `needle` occurs in `array`, overlaps included. */
export function arrayIndices(array: Json[], needle: Json[], meter: Meter): number[] {
  const found: number[] = [];
  if (needle.length === 0) return found;
  for (let at = 0; at + needle.length <= array.length; at += 1) {
    meter.spend(1);
    if (needle.every((item, i) => equals(array[at + i] as Json, item, meter))) found.push(at);
  }
  return found;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Bounds of a slice: the start is rounded down, the end up, both are clamped. */
function sliceRange(length: number, from: Json, to: Json): Range {
  const low = asDouble(from ?? 0);
  const high = asDouble(to ?? length);
  if (low === undefined || high === undefined) {
    throw failure('Array/string slice indices must be integers');
  }
  const start = Math.floor(clampStart(low, length));
  let end = Number.isNaN(high) ? length : high < 0 ? high + length : high;
  if (end < 0) end = start;
  return { start, end: Math.max(start, Math.min(Math.ceil(end), length)) };
}

function clampStart(from: number, length: number): number {
  const start = Number.isNaN(from) ? 0 : from < 0 ? from + length : from;
  return Math.min(Math.max(start, 0), length);
}

/** Bounds from a key such as `{"start": 1, "end": null}`, in which both must be present. */
export function keyRange(length: number, key: JsonObject): Range {
  if (!Object.hasOwn(key, 'start') || !Object.hasOwn(key, 'end')) {
    throw failure('Array/string slice indices must be integers');
  }
  return sliceRange(length, key['start'] as Json, key['end'] as Json);
}

function getSlice(container: Json[] | string, key: JsonObject, meter: Meter): Json {
  if (typeof container === 'string') {
    const { start, end } = keyRange(codepointLength(container), key);
    meter.copy(container.length);
    return codepointSlice(container, start, end);
  }
  const { start, end } = keyRange(container.length, key);
  meter.copy(end - start);
  return container.slice(start, end);
}

/** A copy of `container` in which `key` holds `value`. */
export function setIndex(container: Json, key: Json, value: Json, meter: Meter): Json {
  if (typeof key === 'string' && (container === null || isJsonObject(container))) {
    const copy = container === null ? {} : copyObject(container);
    meter.copy(Object.keys(copy).length);
    return putMember(copy, key, value);
  }
  if (typeof key === 'number' && (container === null || Array.isArray(container))) {
    const copy = container === null ? [] : container.slice();
    meter.copy(copy.length);
    putElement(copy, key, value, meter);
    return copy;
  }
  if (isJsonObject(key) && (container === null || Array.isArray(container))) {
    return setSlice(container ?? [], key, value, meter);
  }
  if (isLiteral(key)) return setIndex(container, Number(key), value, meter);
  if (isJsonObject(key) && typeof container === 'string')
    throw failure('Cannot update string slices');
  throw failure(`Cannot update field at ${typeOf(key)} index of ${typeOf(container)}`);
}

/** Sets an element of an array that the caller owns, filling a gap with nulls. */
export function putElement(array: Json[], key: number, value: Json, meter: Meter): void {
  if (Number.isNaN(key)) throw failure('Cannot set array element at NaN index');
  const whole = Math.trunc(key);
  const index = whole < 0 ? whole + array.length : whole;
  if (index < 0) throw failure('Out of bounds negative array index');
  if (index > ARRAY_INDEX_MAX) throw failure('Array index too large');
  meter.arrayOf(index + 1);
  if (index > array.length) meter.copy(index - array.length);
  while (array.length < index) array.push(null);
  array[index] = value;
}

function setSlice(array: Json[], key: JsonObject, value: Json, meter: Meter): Json[] {
  const { start, end } = keyRange(array.length, key);
  if (!Array.isArray(value))
    throw failure('A slice of an array can only be assigned another array');
  meter.arrayOf(array.length + value.length);
  meter.copy(array.length + value.length);
  return [...array.slice(0, start), ...value, ...array.slice(end)];
}

/** `has(key)` */
export function hasKey(container: Json, key: Json): boolean {
  if (container === null) return false;
  if (isJsonObject(container) && typeof key === 'string') return Object.hasOwn(container, key);
  const position = asDouble(key);
  if (Array.isArray(container) && position !== undefined) {
    const index = Math.trunc(position);
    return index >= 0 && index < container.length;
  }
  throw failure(`Cannot check whether ${typeOf(container)} has a ${typeOf(key)} key`);
}
