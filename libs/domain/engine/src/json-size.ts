import type { Json } from '@parley/kernel';
import type { RunState } from './state.js';

/** About the bytes of what grows in a run's state: its data, not its bookkeeping. */
export function stateBytes(state: RunState): number {
  let bytes = jsonSize(state.context) + jsonSize(state.input);
  for (const frame of Object.values(state.frames)) bytes += jsonSize(frame as unknown as Json);
  for (const item of state.ready) bytes += jsonSize(item);
  for (const step of state.kept ?? []) bytes += jsonSize(step);
  return bytes + jsonSize(state.rejections);
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
