import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { tooDeep } from '../failure.js';
import { equals, type WalkBudget } from './order.js';
import { typeOf } from './types.js';

/** Values that are nested deeper are not searched, as in jq. */
const DEPTH_MAX = 10_000;

/** Whether `b` is part of `a`: substrings, some element for each element, member by member. */
export function contains(a: Json, b: Json, budget: WalkBudget): boolean {
  return containsAt(a, b, budget, 0);
}

function containsAt(a: Json, b: Json, budget: WalkBudget, depth: number): boolean {
  if (depth > DEPTH_MAX) throw tooDeep('Containment check');
  budget.spend(1);
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return b.every((item) => a.some((own) => containsAt(own, item, budget, depth + 1)));
  }
  if (isJsonObject(a) && isJsonObject(b)) return containsMembers(a, b, budget, depth + 1);
  return typeOf(a) === typeOf(b) && equals(a, b, budget);
}

function containsMembers(a: JsonObject, b: JsonObject, budget: WalkBudget, depth: number): boolean {
  return Object.keys(b).every(
    (key) => Object.hasOwn(a, key) && containsAt(a[key] as Json, b[key] as Json, budget, depth),
  );
}
