import {
  copyObject,
  isOrdered,
  JsonNumber,
  plainNumber,
  plainOrder,
  putMember,
  type Json,
  type JsonObject,
} from '@parley/kernel';
import { overLimit } from './errors.js';
import type { Limits } from './limits.js';
import { doubleText } from './values/number.js';
import { isOpaque } from './values/opaque.js';

/** What has been output so far. */
interface Size {
  nodes: number;
  /** Whether numbers keep the spelling of their source. */
  readonly exact: boolean;
}

/**
 * An output must be a JSON value of bounded size. Shared parts count as often as they would be
 * written. NaN becomes null and infinities the largest finite numbers, as jq prints them.
 */
export function checkOutput(output: Json, limits: Required<Limits>, size: Size): Json {
  count(size, limits, 1);
  return checked(output, limits, size);
}

function count(size: Size, limits: Required<Limits>, nodes: number): void {
  size.nodes += nodes;
  if (size.nodes > limits.outputNodes) {
    throw overLimit(`outputs hold more than ${limits.outputNodes} values`);
  }
}

/** Of a value that was counted. */
function checked(value: Json, limits: Required<Limits>, size: Size): Json {
  if (typeof value !== 'object') {
    return typeof value === 'number' ? writable(value, size.exact) : value;
  }
  if (value === null) return null;
  return Array.isArray(value) ? checkArray(value, limits, size) : checkObject(value, limits, size);
}

/** JSON has neither NaN nor infinities; and the sign of zero is in no double that is written. */
function writable(value: number, exact: boolean): Json {
  if (Number.isFinite(value)) return exact ? spelled(value) : value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
}

/** As jq writes it, where JavaScript would write it otherwise. */
function spelled(value: number): Json {
  const text = doubleText(value);
  return text === JSON.stringify(value) ? value : asJson(new JsonNumber(text));
}

function asJson(value: number | JsonNumber): Json {
  return value as Json;
}

/** Copies only when a member had to change. */
function checkArray(array: Json[], limits: Required<Limits>, size: Size): Json[] {
  let copy: Json[] | undefined;
  count(size, limits, array.length);
  for (let i = 0; i < array.length; i += 1) {
    const member = array[i] as Json;
    if (typeof member === 'string' || typeof member === 'boolean') continue;
    const kept = checked(member, limits, size);
    if (kept === member) continue;
    copy ??= [...array];
    copy[i] = kept;
  }
  return copy ?? array;
}

function checkObject(object: JsonObject, limits: Required<Limits>, size: Size): Json {
  if (object instanceof JsonNumber)
    return size.exact ? asJson(object) : asJson(plainNumber(object));
  if (isOpaque(object)) return object;
  let copy: JsonObject | undefined;
  // Objects have no inherited members, and this is the fastest way through them.
  let members = 0;
  for (const key in object) {
    members += 1;
    const member = object[key] as Json;
    if (typeof member === 'string' || typeof member === 'boolean') continue;
    const kept = checked(member, limits, size);
    if (kept !== member) copy = putMember(copy ?? copyObject(object), key, kept);
  }
  count(size, limits, members);
  return isOrdered(object) ? plainOrder(copy ?? object) : (copy ?? object);
}
