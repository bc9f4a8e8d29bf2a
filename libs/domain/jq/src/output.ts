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
  size.nodes += 1;
  if (size.nodes > limits.outputNodes) {
    throw overLimit(`outputs hold more than ${limits.outputNodes} values`);
  }
  if (typeof output !== 'object') {
    return typeof output === 'number' ? writable(output, size.exact) : output;
  }
  if (output === null) return null;
  if (Array.isArray(output)) return checkArray(output, limits, size);
  return checkObject(output, limits, size);
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
  for (let i = 0; i < array.length; i += 1) {
    const member = array[i] as Json;
    const checked = checkOutput(member, limits, size);
    if (checked === member) continue;
    copy ??= [...array];
    copy[i] = checked;
  }
  return copy ?? array;
}

function checkObject(object: JsonObject, limits: Required<Limits>, size: Size): Json {
  if (object instanceof JsonNumber)
    return size.exact ? asJson(object) : asJson(plainNumber(object));
  if (isOpaque(object)) return object;
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const member = object[key] as Json;
    const checked = checkOutput(member, limits, size);
    if (checked === member) continue;
    copy = putMember(copy ?? copyObject(object), key, checked);
  }
  return isOrdered(object) ? plainOrder(copy ?? object) : (copy ?? object);
}
