import { KnownOfLists, lineageOf, type Json, type JsonObject, type Lineage } from '@parley/kernel';
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
  if (Array.isArray(value)) size = sizeOfList(value as Json[]);
  else {
    for (const key in value) {
      const member = (value as Record<string, Json | undefined>)[key];
      if (member !== undefined) size += key.length + 4 + jsonSize(member);
    }
  }
  if (size >= rememberedBytesMin) measured.set(value, size);
  return size;
}

const measuredLists = new KnownOfLists<{ readonly length: number; readonly size: number }>();

function sizeOfList(list: readonly Json[]): number {
  const { length } = list;
  const before = measuredLists.of(list) ?? { length: 0, size: 2 };
  let { size } = before;
  for (let at = before.length; at < length; at += 1) size += jsonSize(list[at]) + 1;
  measuredLists.learn(list, { length, size });
  return size;
}

/** About the bytes of a value's JSON text. */
interface Newness {
  readonly whole: number;
  /** Of what is new in it. */
  readonly fresh: number;
  /** Of what is a copy of something that was seen before, with something new behind it. */
  readonly copied: number;
}

const nothing = { known: 0, copied: 0 };

/** Longer lists are not looked through for others. */
const lookedThroughMax = 64;

/** With fewer members, looking through an object again costs less than remembering. */
const rememberedMembersMin = 16;

const holdingGrown = new WeakMap<object, boolean>();

/**
 * Whether a value is a list that has grown, or may hold one. It must have been measured; values of a run
 * are never changed, so large ones are looked through once.
 */
export function mayHoldGrown(value: Json | undefined): value is Json[] | JsonObject {
  if (typeof value !== 'object' || value === null || !measured.has(value)) return false;
  if (Array.isArray(value)) {
    if (lineageOf(value) !== undefined) return true;
    return value.length <= lookedThroughMax && value.some(mayHoldGrown);
  }
  const known = holdingGrown.get(value);
  if (known !== undefined) return known;
  let members = 0;
  let holds = false;
  for (const key in value) {
    members += 1;
    holds ||= mayHoldGrown(value[key]);
  }
  if (members > rememberedMembersMin) holdingGrown.set(value, holds);
  return holds;
}

/**
 * How much of some values is new, one after the other: a list that has grown from one that was seen before
 * counts for what is new in it.
 */
export class NewBytes {
  /** Of the longest list that was seen. */
  private seen: Map<Lineage, number> | undefined;

  /** Of all members together. */
  of(values: object): Newness {
    let [whole, fresh, copied] = [2, 2, 0];
    for (const key in values) {
      const value = (values as Readonly<Record<string, Json | undefined>>)[key];
      if (value === undefined) continue;
      const bytes = key.length + 4 + jsonSize(value);
      const again = this.again(value);
      whole += bytes;
      fresh += bytes - again.known;
      copied += again.copied;
    }
    return { whole, fresh, copied };
  }

  private again(value: Json | undefined): { known: number; copied: number } {
    if (!mayHoldGrown(value)) return nothing;
    const lineage = Array.isArray(value) ? lineageOf(value) : undefined;
    if (lineage === undefined) {
      let [known, copied] = [0, 0];
      for (const inside of Object.values(value)) {
        const again = this.again(inside);
        known += again.known;
        copied += again.copied;
      }
      return { known, copied };
    }
    const bytes = jsonSize(value);
    const before = this.seen?.get(lineage);
    this.seen = (this.seen ?? new Map()).set(lineage, Math.max(before ?? 0, bytes));
    // The longest list is handed on more than once.
    return { known: Math.min(before ?? 0, bytes), copied: before === bytes ? 0 : bytes };
  }
}
