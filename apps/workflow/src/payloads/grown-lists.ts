import { knownJsonSize, type Entry } from '@parley/engine';
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

/** Longer lists are not looked through for others. */
const lookedThroughMax = 64;

/**
 * Takes the lists that grow out of entries.
 * @param keep gives the items an object of their own when there are many of them
 */
export function withoutGrown(
  entries: readonly Entry[],
  known: KnownClaims,
  keep: (items: readonly Json[]) => string | undefined,
): Ungrown | undefined {
  const finder = new Finder();
  const rest = entries.map((entry, index) => finder.lift(entry, index));
  if (finder.found.size === 0) return undefined;
  const lists = [...finder.found].map(([lineage, list]): StoredList => {
    const before = known.listOf(lineage);
    const { parts, length }: KeptList =
      before === undefined || before.length > list.length ? { parts: [], length: 0 } : before;
    const items = list.slice(length);
    const hash = keep(items);
    if (hash === undefined) return [parts, items];
    const all = [...parts, hash];
    known.learnList(lineage, { parts: all, length: list.length });
    return [all, []];
  });
  return { entries: rest, lists, places: finder.places };
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
    const members = entry as unknown as JsonObject;
    return this.withoutMembers(members, []) as unknown as Entry;
  }

  private without(value: Json, path: readonly (string | number)[]): Json {
    // The machine has measured all that is large: what was not holds no long list.
    if (typeof value !== 'object' || value === null) return value;
    if (knownJsonSize(value) === undefined) return value;
    if (!Array.isArray(value)) return this.withoutMembers(value, path);
    const lineage = lineageOf(value);
    if (lineage !== undefined) return this.note(lineage, value, path);
    if (value.length > lookedThroughMax) return value;
    const items = value.map((item, index) => this.without(item, [...path, index]));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }

  private withoutMembers(value: JsonObject, path: readonly (string | number)[]): JsonObject {
    let rest = value;
    for (const key in value) {
      const member = value[key] as Json;
      const left = this.without(member, [...path, key]);
      if (left === member) continue;
      if (rest === value) rest = copyObject(value);
      rest = putMember(rest, key, left);
    }
    return rest;
  }

  private note(lineage: Lineage, list: Json[], path: readonly (string | number)[]): null {
    const number = this.numbers.get(lineage) ?? this.numbers.size;
    this.numbers.set(lineage, number);
    if (list.length >= (this.found.get(lineage)?.length ?? 0)) this.found.set(lineage, list);
    this.places.push([this.entry, path, number, list.length]);
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
