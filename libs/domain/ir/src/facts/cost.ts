import type { Amount, CostEstimate } from '@parley/contracts';
import type { Ir } from '../ir.js';
import { LargestAmounts } from './cost-largest.js';
import { SmallestAmounts } from './cost-smallest.js';
import { formulaOf, measures, numberOf } from './sums.js';

/**
 * What one run does, from the definition alone.
 *
 * C1  No run does less than `min` unless something fails; none does more than `max` or `formula`.
 * C2  `items(task)` is how many items the loop `task` has, `events(task)` how many events arrive.
 * C3  A loop without a bound (a jump backwards, a retry without a limit by count) is unbounded.
 */
export function costOf(ir: Ir): CostEstimate {
  const least = new SmallestAmounts(ir).total();
  const most = new LargestAmounts(ir).ofScope(ir.root);
  const amounts = measures.map((measure, at): [string, Amount] => [
    measure,
    { min: least[at] ?? 0, max: numberOf(most[measure]), formula: formulaOf(most[measure]) },
  ]);
  return Object.fromEntries(amounts) as CostEstimate;
}
