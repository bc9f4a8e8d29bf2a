import { copyObject, isJsonObject, putMember, type Json, type JsonObject } from '@parley/kernel';
import { failure } from '../errors.js';
import type { Meter } from '../limits.js';
import { getIndex, keyRange, putElement, setIndex } from './access.js';
import { asDouble } from './number.js';
import { compare, equals } from './order.js';
import { typeOf } from './types.js';

/** jq's longest path. */
const PATH_LENGTH_MAX = 10_000;

export function checkPath(path: Json): Json[] {
  if (!Array.isArray(path)) throw failure('Path must be specified as an array');
  if (path.length > PATH_LENGTH_MAX) throw failure('Path too deep');
  return path;
}

export function getPath(root: Json, path: readonly Json[], meter: Meter): Json {
  let value = root;
  for (const key of path) value = getIndex(value, key, meter);
  return value;
}

/** A copy of `root` with `value` at `path`; everything beside the path is shared. */
export function setPath(root: Json, path: readonly Json[], value: Json, meter: Meter): Json {
  return new PathWriter(root, meter).set(path, value).value;
}

/**
 * Writes to many paths of one value, copying each container at most once.
 *
 * W1 Only containers in `owned` are changed in place, and each of them is reachable from `value`
 *    only, through containers that are owned too.
 * W2 Handing an owned container out (`release`) forgets all ownership, because the caller may put
 *    it anywhere.
 */
export class PathWriter {
  private readonly owned = new Set<Json>();

  constructor(
    public value: Json,
    private readonly meter: Meter,
  ) {}

  /** Starts over with another value. */
  reset(value: Json): void {
    this.value = value;
    this.owned.clear();
  }

  get(path: readonly Json[]): Json {
    return this.release(getPath(this.value, path, this.meter));
  }

  set(path: readonly Json[], value: Json): this {
    const containers: Json[] = [];
    let inner = this.value;
    for (const key of path) {
      containers.push(inner);
      inner = getIndex(inner, key, this.meter);
    }
    let written = value;
    for (let i = path.length - 1; i >= 0; i -= 1) {
      written = this.put(containers[i] as Json, path[i] as Json, written);
    }
    this.value = written;
    return this;
  }

  /** W2 */
  private release(value: Json): Json {
    if (this.owned.has(value)) this.owned.clear();
    return value;
  }

  private put(container: Json, key: Json, value: Json): Json {
    if (this.owned.has(container)) {
      this.meter.spend(1);
      if (typeof key === 'string') {
        const object = putMember(container as JsonObject, key, value);
        if (object !== container) this.owned.add(object);
        return object;
      }
      if (typeof key === 'number') {
        putElement(container as Json[], key, value, this.meter);
        return container;
      }
    }
    const copy = setIndex(container, key, value, this.meter);
    this.owned.add(copy);
    return copy;
  }
}

export function deletePaths(root: Json, paths: Json, meter: Meter): Json {
  if (!Array.isArray(paths)) throw failure('Paths must be specified as an array');
  const sorted = [...paths].sort((a, b) => compare(a, b, meter));
  for (const path of sorted) {
    if (!Array.isArray(path)) throw failure(`Path must be specified as array, not ${typeOf(path)}`);
    if (path.length > PATH_LENGTH_MAX) throw failure('Path too deep');
  }
  const lists = sorted as Json[][];
  if (lists.length === 0) return root;
  if (lists[0]?.length === 0) return null;
  return deleteSorted(root, lists, 0, meter);
}

/** `paths` are sorted, longer than `at` and equal before it. */
function deleteSorted(root: Json, paths: Json[][], at: number, meter: Meter): Json {
  let value = root;
  const whole: Json[] = [];
  for (let i = 0; i < paths.length;) {
    const first = paths[i] as Json[];
    const key = first[at] as Json;
    let next = i + 1;
    while (next < paths.length && equals(paths[next]?.[at] as Json, key, meter)) next += 1;
    if (first.length === at + 1) {
      whole.push(key);
    } else {
      const inner = getIndex(value, key, meter);
      if (inner !== null) {
        meter.descend();
        const rest = deleteSorted(inner, paths.slice(i, next), at + 1, meter);
        meter.depth -= 1;
        value = setIndex(value, key, rest, meter);
      }
    }
    i = next;
  }
  return deleteKeys(value, whole, meter);
}

function deleteKeys(value: Json, keys: Json[], meter: Meter): Json {
  if (value === null || keys.length === 0) return value;
  if (Array.isArray(value)) return deleteElements(value, keys, meter);
  if (!isJsonObject(value)) throw failure(`Cannot delete fields from ${typeOf(value)}`);
  const copy = copyObject(value);
  meter.copy(Object.keys(copy).length);
  for (const key of keys) {
    if (typeof key !== 'string') throw failure(`Cannot delete ${typeOf(key)} field of object`);
    delete copy[key];
  }
  return copy;
}

function deleteElements(array: Json[], keys: Json[], meter: Meter): Json[] {
  const dropped = new Set<number>();
  for (const key of keys) {
    const position = asDouble(key);
    if (position !== undefined) {
      const index = Math.trunc(position);
      dropped.add(index < 0 ? index + array.length : index);
    } else if (isJsonObject(key)) {
      const { start, end } = keyRange(array.length, key);
      for (let i = start; i < end; i += 1) dropped.add(i);
    } else {
      throw failure(`Cannot delete ${typeOf(key)} element of array`);
    }
  }
  meter.copy(array.length);
  return array.filter((_, index) => !dropped.has(index));
}
