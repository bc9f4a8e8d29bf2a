import type { Json } from '@parley/kernel';
import type { RunState } from './state.js';

/** About the bytes of what grows in a run's state: its data, not its bookkeeping. */
export function stateBytes(state: RunState): number {
  let bytes = jsonSize(state.context) + jsonSize(state.input) + state.frames.bytes();
  for (const item of state.ready) bytes += jsonSize(item);
  return bytes + jsonSize(state.kept as Json | undefined) + jsonSize(state.rejections);
}

/** Below this, measuring again costs less than remembering. */
const rememberedBytesMin = 1_024;

/** Sizes of values that were measured before; values of a run are never mutated. */
const measured = new WeakMap<object, number>();

/** About the number of bytes of a value's JSON text; exact for ASCII text without escapes. */
export function jsonSize(value: Json | undefined): number {
  if (value === undefined || value === null) return 4;
  switch (typeof value) {
    case 'string':
      return value.length + 2;
    case 'number':
      return 8;
    case 'boolean':
      return 5;
    default:
      return sizeOfObject(value);
  }
}

/** The size of a value that was measured and is not small, without measuring it. */
export function knownJsonSize(value: object): number | undefined {
  return measured.get(value);
}

/**
 * Puts `value` in the place of the item at `index` of a list that nobody else has yet.
 * What is known of its size stays true.
 */
export function putItem<T>(list: T[], index: number, value: T): void {
  const known = measured.get(list);
  if (known !== undefined) {
    const before = index < list.length ? jsonSize(list[index] as Json) : -1;
    measured.set(list, known - before + jsonSize(value as Json));
  }
  list[index] = value;
}

/** A copy of a list; what is known of its size is known of the copy. */
export function copyOfList<T>(list: readonly T[]): T[] {
  const copy = [...list];
  const known = measured.get(list);
  if (known !== undefined) measured.set(copy, known);
  return copy;
}

function sizeOfObject(value: object): number {
  const known = measured.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value as Json[]) size += jsonSize(item) + 1;
  } else {
    for (const key in value) {
      const member = (value as Record<string, Json | undefined>)[key];
      if (member !== undefined) size += key.length + 4 + jsonSize(member);
    }
  }
  if (size >= rememberedBytesMin) measured.set(value, size);
  return size;
}
