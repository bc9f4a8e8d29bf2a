import type { Points } from './points.js';

/** Sets of small numbers, one per point. */
export type Sets = readonly Uint32Array[];

/** What a point does to what arrives there. */
export interface PointTransfer {
  /** Takes everything away. */
  readonly clears?: boolean;
  readonly kill?: readonly number[];
  readonly gen?: readonly number[];
}

const wordBits = 32;
const wordShift = 5;

/** What leaves each point: the least sets that fit the transfers. */
export function spread(
  points: Points,
  count: number,
  transfers: ReadonlyMap<number, PointTransfer>,
): Sets {
  const words = Math.ceil(count / wordBits);
  const sets = Array.from({ length: points.size }, () => new Uint32Array(words));
  const waiting = Array.from({ length: points.size }, (_, point) => point).reverse();
  const queued = new Uint8Array(points.size).fill(1);
  for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
    queued[point] = 0;
    const set = sets[point] ?? new Uint32Array(words);
    if (!replace(set, leaving(points, sets, point, transfers.get(point)))) continue;
    for (const next of points.targets[point] ?? []) {
      if (queued[next] === 1) continue;
      queued[next] = 1;
      waiting.push(next);
    }
  }
  return sets;
}

/** What arrives at a point, before its own transfer. */
export function arriving(points: Points, sets: Sets, point: number): Uint32Array {
  const all = new Uint32Array(sets[point]?.length ?? 0);
  for (const source of points.sources[point] ?? []) {
    const from = sets[source] ?? all;
    for (let word = 0; word < all.length; word += 1) {
      all[word] = (all[word] ?? 0) | (from[word] ?? 0);
    }
  }
  return all;
}

function leaving(
  points: Points,
  sets: Sets,
  point: number,
  { clears = false, kill = [], gen = [] }: PointTransfer = {},
): Uint32Array {
  const set = clears ? new Uint32Array(sets[point]?.length ?? 0) : arriving(points, sets, point);
  for (const one of kill) set[one >>> wordShift] = wordOf(set, one) & ~bitOf(one);
  for (const one of gen) set[one >>> wordShift] = wordOf(set, one) | bitOf(one);
  return set;
}

/** Whether that made a difference. */
function replace(set: Uint32Array, fresh: Uint32Array): boolean {
  if (set.every((word, at) => word === fresh[at])) return false;
  set.set(fresh);
  return true;
}

/** The numbers of a set, ascending. */
export function membersOf(set: Uint32Array): number[] {
  const found: number[] = [];
  for (const [at, word] of set.entries()) {
    for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) {
      found.push(at * wordBits + (31 - Math.clz32(rest & -rest)));
    }
  }
  return found;
}

/** Whether a set has a number. */
export function has(set: Uint32Array, one: number): boolean {
  return (wordOf(set, one) & bitOf(one)) !== 0;
}

function wordOf(set: Uint32Array, one: number): number {
  return set[one >>> wordShift] ?? 0;
}

function bitOf(one: number): number {
  return 1 << (one & (wordBits - 1));
}
