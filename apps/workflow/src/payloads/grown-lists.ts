import { mayHoldGrown, type Entry } from '@parley/engine';
import {
  copyObject,
  isJsonObject,
  lineageOf,
  putMember,
  type Json,
  type JsonObject,
  type Lineage,
} from '@parley/kernel';
import type { KeptList, KnownClaims } from './known-claims.js';

/** A list that some values of a turn are beginnings of: what objects hold of it, and the items after that. */
export type StoredList = readonly [parts: readonly string[], items: readonly Json[]];

/** Where in which entry the beginning of a list stands, and how long it is. */
export type ListPlace = readonly [
  entry: number,
  path: readonly (string | number)[],
  list: number,
  length: number,
];

/** Entries without lists that grow; each of these is written down once, at its longest. */
export interface Ungrown {
  readonly entries: readonly Entry[];
  readonly lists: readonly StoredList[];
  readonly places: readonly ListPlace[];
}

/** Objects that one list is kept in; then it is written down anew, in one. */
const partsMax = 32;

/**
 * Takes the lists that grow out of entries; undefined when there are none.
 * @param keep gives items an object of their own when there are many of them, or when that is wanted
 */
export function withoutGrown(
  entries: readonly Entry[],
  known: KnownClaims,
  keep: (items: readonly Json[], isWanted: boolean) => string | undefined,
): Ungrown | undefined {
  const finder = new Finder();
  const rest = entries.map((entry, index) => finder.lift(entry, index));
  if (finder.found.size === 0) return undefined;
  const lists = [...finder.found].map(([lineage, list]): StoredList => {
    const before = known.listOf(lineage) ?? noParts;
    const { parts, length, seen } = before.parts.length < partsMax ? before : noParts;
    const items = list.slice(length);
    if (items.length === 0) return [parts, []];
    // The end of a list that grows no more would be written again with every turn.
    const hash = keep(items, parts.length > 0 && seen >= list.length);
    if (hash === undefined) {
      known.learnList(lineage, { parts, length, seen: Math.max(seen, list.length) });
      return [parts, items];
    }
    const all = [...parts, hash];
    known.learnList(lineage, { parts: all, length: list.length, seen: list.length });
    return [all, []];
  });
  return { entries: rest, lists, places: finder.places };
}

const noParts: KeptList = { parts: [], length: 0, seen: 0 };

/** Where a value is found, from the inside out. */
interface Inside {
  readonly key: string | number;
  readonly of: Inside | undefined;
}

function pathOf(inside: Inside): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Inside | undefined = inside; at !== undefined; at = at.of) path.unshift(at.key);
  return path;
}

/** Finds lists that grow, and the longest of each lineage. */
class Finder {
  /** In the order in which they are stored. */
  readonly found = new Map<Lineage, readonly Json[]>();
  readonly places: ListPlace[] = [];
  private readonly numbers = new Map<Lineage, number>();
  private entry = 0;

  lift(entry: Entry, index: number): Entry {
    this.entry = index;
    const members = entry as unknown as Record<string, Json | undefined>;
    let rest = entry;
    for (const key in members) {
      const member = members[key];
      if (!mayHoldGrown(member)) continue;
      const left = this.without(member, { key, of: undefined });
      if (left !== member) rest = { ...rest, [key]: left };
    }
    return rest;
  }

  private without(value: Json, at: Inside): Json {
    // The machine has measured all that is large: what was not holds no long list.
    if (!mayHoldGrown(value)) return value;
    if (!Array.isArray(value)) return this.withoutMembers(value, at);
    const lineage = lineageOf(value);
    if (lineage !== undefined) return this.note(lineage, value, at);
    const items = value.map((item, key) => this.without(item, { key, of: at }));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }

  private withoutMembers(value: JsonObject, at: Inside): JsonObject {
    let rest = value;
    for (const key in value) {
      const member = value[key] as Json;
      const left = this.without(member, { key, of: at });
      if (left === member) continue;
      if (rest === value) rest = copyObject(value);
      rest = putMember(rest, key, left);
    }
    return rest;
  }

  private note(lineage: Lineage, list: Json[], at: Inside): null {
    const number = this.numbers.get(lineage) ?? this.numbers.size;
    this.numbers.set(lineage, number);
    if (list.length >= (this.found.get(lineage)?.length ?? 0)) this.found.set(lineage, list);
    this.places.push([this.entry, pathOf(at), number, list.length]);
    return null;
  }
}

/**
 * Puts the lists into entries that they were taken out of.
 * @param valueOf the items that an object holds
 */
export function withGrown(
  { entries, lists, places }: Ungrown,
  valueOf: (hash: string) => Json,
): readonly Entry[] {
  const longest = lists.map(([parts, items]) => [
    ...parts.flatMap((hash) => valueOf(hash) as Json[]),
    ...items,
  ]);
  const cut = new Map<string, Json[]>();
  const beginning = (number: number, length: number): Json[] => {
    const name = `${number} ${length}`;
    const list = cut.get(name) ?? (longest[number] ?? []).slice(0, length);
    cut.set(name, list);
    return list;
  };
  const whole = [...entries];
  for (const [entry, path, number, length] of places) {
    const value = put(whole[entry] as unknown as Json, path, beginning(number, length));
    whole[entry] = value as unknown as Entry;
  }
  return whole;
}

/** What is stored may be in several places: it is copied on the way. */
function put(container: Json, path: readonly (string | number)[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    const copy = [...container];
    copy[Number(key)] = put(container[Number(key)] ?? null, rest, value);
    return copy;
  }
  if (!isJsonObject(container)) throw new Error(`a turn has no place for ${path.join('/')}`);
  const name = String(key);
  return putMember(copyObject(container), name, put(container[name] ?? null, rest, value));
}
