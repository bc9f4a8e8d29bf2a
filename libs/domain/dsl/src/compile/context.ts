import type { Catalogue } from '@parley/contracts';
import type { IrNode, IrScope, NodeId, ScopeId } from '@parley/ir';
import type { Reporter } from '../diagnostics/reporter.js';
import type { SourceNode } from '../source/tree.js';
import type { ListPlace } from './place.js';

/** What one compilation has at hand and what it has made so far. */
export interface Context {
  readonly source: string;
  readonly reporter: Reporter;
  readonly catalogue: Catalogue | undefined;
  /** A slot is reserved before the children of a node are compiled, so that order is kept. */
  readonly nodes: Map<NodeId, IrNode | undefined>;
  readonly scopes: Map<ScopeId, IrScope>;
  /** Names under `use`, by kind (`retries`, `functions`, …); each `use` member is refused itself. */
  readonly declared: ReadonlyMap<string, ReadonlySet<string>>;
  /** Compiles a list of tasks; tasks that hold lists reach it from here. */
  compileTasks(node: SourceNode, place: ListPlace): void;
}

/** Tasks of one definition. */
export const tasksMax = 10_000;
