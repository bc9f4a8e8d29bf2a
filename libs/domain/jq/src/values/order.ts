import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { compareStrings } from './codepoints.js';
import { compareLiterals, isLiteral } from './number.js';
import { isOpaque } from './opaque.js';
import { secretFailure, tooDeep } from '../failure.js';
import { typeOf } from './types.js';

/** The part of an evaluation's meter that a walk over values needs. */
export interface WalkBudget {
  spend(steps: number): void;
  /** Whether numbers keep the spelling of their source. */
  readonly exact: boolean;
}

/** Values that are nested deeper cannot be compared, as in jq. */
const DEPTH_MAX = 10_000;

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
      return value === null ? 0 : Array.isArray(value) ? 5 : rankOfObject(value);
  }
}

function rankOfObject(value: JsonObject): number {
  if (isLiteral(value)) return 3;
  if (isOpaque(value)) throw secretFailure('compared');
  return 6;
}

/** jq's total order. NaN sorts below every number, itself included. */
export function compare(a: Json, b: Json, budget: WalkBudget): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareStrings(a, b);
  return compareAt(a, b, budget, 0);
}

function compareNumbers(a: number, b: number): number {
  if (a === b) return 0;
  if (a < b || Number.isNaN(a)) return -1;
  return 1;
}

function compareAt(a: Json, b: Json, budget: WalkBudget, depth: number): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareStrings(a, b);
  const order = rank(a);
  const difference = order - rank(b);
  if (difference !== 0 || a === null || typeof a === 'boolean') return difference;
  if (order === 3) return compareLiterals(asNumber(a), asNumber(b), budget.exact);
  budget.spend(1);
  if (depth >= DEPTH_MAX) throw tooDeep('Comparison');
  return Array.isArray(a)
    ? compareArrays(a, b as Json[], budget, depth + 1)
    : compareObjects(a as JsonObject, b as JsonObject, budget, depth + 1);
}

function compareArrays(a: Json[], b: Json[], budget: WalkBudget, depth: number): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const order = compareAt(a[i] as Json, b[i] as Json, budget, depth);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** First the sorted key lists, then the values key by key. */
function compareObjects(a: JsonObject, b: JsonObject, budget: WalkBudget, depth: number): number {
  const keys = sortedKeys(a);
  const order = compareArrays(keys, sortedKeys(b), budget, depth);
  if (order !== 0) return order;
  for (const key of keys) {
    const inner = compareAt(a[key] as Json, b[key] as Json, budget, depth);
    if (inner !== 0) return inner;
  }
  return 0;
}

export function sortedKeys(value: JsonObject): string[] {
  return Object.keys(value).sort(compareStrings);
}

/** Equality of values: the order of keys does not matter, and NaN equals nothing. */
export function equals(a: Json, b: Json, budget: WalkBudget): boolean {
  if (typeof a !== 'object' && typeof b !== 'object') return a === b;
  return equalsAt(a, b, budget, 0);
}

function equalsAt(a: Json, b: Json, budget: WalkBudget, depth: number): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return a === b || equalScalars(a, b, budget);
  }
  const isArray = Array.isArray(a);
  if (isArray !== Array.isArray(b)) return isArray ? notEqual(b) : notEqual(a);
  if (!isArray && !(isJsonObject(a) && isJsonObject(b))) return equalScalars(a, b, budget);
  if (a === b) return true;
  budget.spend(1);
  if (depth >= DEPTH_MAX) throw tooDeep('Equality check');
  return isArray
    ? equalArrays(a, b as Json[], budget, depth + 1)
    : equalObjects(a, b as JsonObject, budget, depth + 1);
}

/** Of unequal types, unless one is a number that keeps its text. */
function equalScalars(a: Json, b: Json, budget: WalkBudget): boolean {
  if (isOpaque(a) || isOpaque(b)) throw secretFailure('compared');
  if (!isLiteral(a) && !isLiteral(b)) return false;
  if (typeOf(a) !== 'number' || typeOf(b) !== 'number') return false;
  return compareLiterals(asNumber(a), asNumber(b), budget.exact) === 0;
}

/** In the type system; it may be one that keeps its text. */
function asNumber(value: Json): number {
  return value as number;
}

/** A container equals no scalar. */
function notEqual(other: Json): false {
  if (isOpaque(other)) throw secretFailure('compared');
  return false;
}

function equalArrays(a: Json[], b: Json[], budget: WalkBudget, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    if (!equalsAt(a[i] as Json, b[i] as Json, budget, depth)) return false;
  }
  return true;
}

function equalObjects(a: JsonObject, b: JsonObject, budget: WalkBudget, depth: number): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false;
    if (!equalsAt(a[key] as Json, b[key] as Json, budget, depth)) return false;
  }
  return true;
}
