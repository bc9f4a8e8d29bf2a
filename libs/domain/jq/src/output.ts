import type { Json, JsonObject } from '@parley/kernel';
import { overLimit } from './errors.js';
import type { Limits } from './limits.js';
import { putOwn } from './values/access.js';

/** What has been output so far. */
interface Size {
  nodes: number;
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
  if (typeof output === 'number') return finite(output);
  if (typeof output !== 'object' || output === null) return output;
  return Array.isArray(output)
    ? checkArray(output, limits, size)
    : checkObject(output, limits, size);
}

function finite(value: number): number | null {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
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

function checkObject(object: JsonObject, limits: Required<Limits>, size: Size): JsonObject {
  let copy: JsonObject | undefined;
  for (const key of Object.keys(object)) {
    const member = object[key] as Json;
    const checked = checkOutput(member, limits, size);
    if (checked === member) continue;
    copy ??= { ...object };
    putOwn(copy, key, checked);
  }
  return copy ?? object;
}
