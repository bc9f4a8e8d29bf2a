import type { NodeId, ScopeId, Target } from '@parley/ir';

/** Where a task stands. */
export interface TaskPlace {
  readonly id: NodeId;
  readonly name: string;
  readonly scope: ScopeId;
  /** What follows when the task does not say. */
  readonly next: Target;
  /** Tasks of the same list by name. */
  readonly siblings: ReadonlyMap<string, NodeId>;
  /** Every item of the list has a name that could be read. */
  readonly complete: boolean;
  /** The list is the branches of a fork. */
  readonly branch: boolean;
  /** Variables of the loops and handlers around the task. */
  readonly scoped: readonly string[];
}

/** Whose list it is and what its tasks see. */
export interface ListPlace {
  readonly scope: ScopeId;
  readonly owner?: NodeId;
  readonly branches?: boolean;
  readonly scoped: readonly string[];
}
