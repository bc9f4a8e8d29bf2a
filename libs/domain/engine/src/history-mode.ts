import { runHistories, type Ir, type RunHistory } from '@parley/ir';
import type { Json } from '@parley/kernel';

/**
 * What is recorded of the runs of a definition: `document.metadata.history`; anything else counts as
 * full. The definition is pinned, so a run never changes from one to the other.
 */
export function historyOf({ document }: Pick<Ir, 'document'>): RunHistory {
  const given: Json | undefined = document.metadata?.['history'];
  return runHistories.find((history) => history === given) ?? 'full';
}
