import type { Json, JsonObject } from '@parley/kernel';
import { compareStrings } from './codepoints.js';

/** The part of an evaluation's meter that a walk over values needs. */
export interface WalkBudget {
  spend(steps: number): void;
  descend(): void;
  depth: number;
}

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export function typeOf(value: Json): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as TypeName;
}

/** jq's order of types: null, false, true, numbers, strings, arrays, objects. */
function rank(value: Json): number {
  switch (typeof value) {
    case 'boolean':
      return value ? 2 : 1;
    case 'number':
      return 3;
    case 'string':
      return 4;
    default:
      return value === null ? 0 : Array.isArray(value) ? 5 : 6;
  }
}

/** jq's total order. NaN sorts below every number, itself included. */
export function compare(a: Json, b: Json, budget: WalkBudget): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareStrings(a, b);
  const difference = rank(a) - rank(b);
  if (difference !== 0 || a === null || typeof a !== 'object') return difference;
  budget.spend(1);
  budget.descend();
  const result = Array.isArray(a)
    ? compareArrays(a, b as Json[], budget)
    : compareObjects(a, b as JsonObject, budget);
  budget.depth -= 1;
  return result;
}

function compareNumbers(a: number, b: number): number {
  if (a === b) return 0;
  if (a < b || Number.isNaN(a)) return -1;
  return 1;
}

function compareArrays(a: Json[], b: Json[], budget: WalkBudget): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const order = compare(a[i] as Json, b[i] as Json, budget);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** First the sorted key lists, then the values key by key. */
function compareObjects(a: JsonObject, b: JsonObject, budget: WalkBudget): number {
  const keys = sortedKeys(a);
  const order = compareArrays(keys, sortedKeys(b), budget);
  if (order !== 0) return order;
  for (const key of keys) {
    const inner = compare(a[key] as Json, b[key] as Json, budget);
    if (inner !== 0) return inner;
  }
  return 0;
}

export function sortedKeys(value: JsonObject): string[] {
  return Object.keys(value).sort(compareStrings);
}

/** Equality of values: the order of keys does not matter, and NaN equals nothing. */
export function equals(a: Json, b: Json, budget: WalkBudget): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const isArray = Array.isArray(a);
  if (isArray !== Array.isArray(b)) return false;
  budget.spend(1);
  budget.descend();
  const result = isArray
    ? equalArrays(a, b as Json[], budget)
    : equalObjects(a, b as JsonObject, budget);
  budget.depth -= 1;
  return result;
}

function equalArrays(a: Json[], b: Json[], budget: WalkBudget): boolean {
  return a.length === b.length && a.every((item, i) => equals(item, b[i] as Json, budget));
}

function equalObjects(a: JsonObject, b: JsonObject, budget: WalkBudget): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && equals(a[key] as Json, b[key] as Json, budget),
  );
}

/** Everything but null and false. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false;
}
