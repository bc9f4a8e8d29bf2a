import type { Json } from '@parley/kernel';
import { membersOf } from '../compile/access.js';
import type { Native } from '../core.js';
import { failure, typeError } from '../errors.js';
import type { Meter } from '../limits.js';
import { arrayIndices, getIndex } from '../values/access.js';
import { asDouble } from '../values/number.js';
import { subtract } from '../values/arithmetic.js';
import { compare, equals } from '../values/order.js';
import { isTruthy } from '../values/types.js';
import { lengthOf } from '../values/length.js';
import { Total } from '../values/total.js';
import { stringIndices } from './strings.js';

export function members(input: Json): readonly Json[] {
  return membersOf(input, false);
}

function sum(values: Iterable<Json>, meter: Meter): Json {
  const total = new Total(meter);
  for (const value of values) total.add(value);
  return total.value();
}

function reverse(input: Json, _args: readonly Json[], meter: Meter): Json {
  if (!Array.isArray(input)) return reverseOther(input, meter);
  meter.copy(input.length);
  return [...input].reverse();
}

/** What the definition in jq makes of other values: it fails, but not always. */
function reverseOther(input: Json, meter: Meter): Json {
  const length = asDouble(lengthOf(input)) ?? 0;
  return length > 0 ? getIndex(input, length - 1, meter) : [];
}

interface Flattening {
  readonly items: readonly Json[];
  at: number;
  readonly left: Json;
}

/** The depth is any value that 1 can be subtracted from, as in jq's definition. */
function flatten(input: Json, depth: Json, meter: Meter): Json {
  if (compare(depth, 0, meter) < 0) throw failure('flatten depth must not be negative');
  const flat: Json[] = [];
  const stack: Flattening[] = [{ items: members(input), at: 0, left: depth }];
  meter.spend(stack[0]?.items.length ?? 0);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const item = top.items[top.at];
    top.at += 1;
    if (item === undefined) {
      stack.pop();
    } else if (Array.isArray(item) && !equals(top.left, 0, meter)) {
      meter.spend(1 + item.length);
      stack.push({ items: item, at: 0, left: subtract(top.left, 1, meter) });
    } else {
      flat.push(item);
    }
  }
  meter.arrayOf(flat.length);
  return flat;
}

/** Rows may differ in length: what is missing is null. */
function transpose(input: Json, _args: readonly Json[], meter: Meter): Json {
  const rows = members(input);
  const lengths = rows.map((row) => asDouble(lengthOf(row)) ?? 0);
  const width = Math.ceil(lengths.reduce((most, length) => Math.max(most, length), 0));
  meter.arrayOf(width);
  meter.spend(width * rows.length);
  return Array.from({ length: width }, (_, column) =>
    rows.map((row) => getIndex(row, column, meter)),
  );
}

function indices(input: Json, needle: Json, meter: Meter): Json {
  if (Array.isArray(input))
    return arrayIndices(input, Array.isArray(needle) ? needle : [needle], meter);
  if (typeof input === 'string' && typeof needle === 'string') {
    return stringIndices(input, needle, meter);
  }
  return getIndex(input, needle, meter);
}

function firstIndex(input: Json, needle: Json, meter: Meter): Json {
  return getIndex(indices(input, needle, meter), 0, meter);
}

function lastIndex(input: Json, needle: Json, meter: Meter): Json {
  const last = getIndex(indices(input, needle, meter), { start: -1, end: null }, meter);
  return getIndex(last, 0, meter);
}

/** The position of the target in a sorted array, or -1 - the place to insert it. */
function binarySearch(input: Json, target: Json | undefined, meter: Meter): Json {
  if (!Array.isArray(input)) throw typeError(input, 'cannot be searched from');
  let low = 0;
  let high = input.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compare(target ?? null, input[middle] as Json, meter);
    if (order === 0) return middle;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1 - low;
}

export const arrayNatives: Record<string, Native> = {
  'add/0': (input, _args, meter) => sum(members(input), meter),
  'any/0': (input) => members(input).some(isTruthy),
  'all/0': (input) => members(input).every(isTruthy),
  'reverse/0': reverse,
  'flatten/0': (input, _args, meter) => flatten(input, Infinity, meter),
  'flatten/1': (input, [depth = null], meter) => flatten(input, depth, meter),
  'transpose/0': transpose,
  'indices/1': (input, [needle = null], meter) => indices(input, needle, meter),
  'index/1': (input, [needle = null], meter) => firstIndex(input, needle, meter),
  'rindex/1': (input, [needle = null], meter) => lastIndex(input, needle, meter),
  'bsearch/1': (input, [target], meter) => binarySearch(input, target, meter),
};
