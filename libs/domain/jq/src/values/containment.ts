import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { equals, type WalkBudget } from './order.js';

/** Whether `b` is part of `a`: substrings, some element for each element, member by member. */
export function contains(a: Json, b: Json, budget: WalkBudget): boolean {
  budget.spend(1);
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return nested(budget, () => b.every((item) => a.some((own) => contains(own, item, budget))));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    return nested(budget, () => containsMembers(a, b, budget));
  }
  return equals(a, b, budget);
}

function containsMembers(a: JsonObject, b: JsonObject, budget: WalkBudget): boolean {
  return Object.keys(b).every(
    (key) => Object.hasOwn(a, key) && contains(a[key] as Json, b[key] as Json, budget),
  );
}

function nested(budget: WalkBudget, check: () => boolean): boolean {
  budget.descend();
  const result = check();
  budget.depth -= 1;
  return result;
}
