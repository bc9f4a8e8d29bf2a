import { runPriorities, type Ir, type RunPriority } from '@parley/ir';
import type { Json } from '@parley/kernel';

/** What the definition gives its runs: `document.metadata.priority`; anything else counts as medium. */
export function priorityOf({ document }: Pick<Ir, 'document'>): RunPriority {
  const given: Json | undefined = document.metadata?.['priority'];
  return runPriorities.find((priority) => priority === given) ?? 'medium';
}

/** As entries have it: what is medium goes without saying. */
export function unlessMedium({ priority = 'medium' }: { readonly priority?: RunPriority }): {
  readonly priority?: RunPriority;
} {
  return priority === 'medium' ? {} : { priority };
}
