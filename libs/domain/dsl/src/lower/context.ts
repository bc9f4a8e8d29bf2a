import type { Catalogue } from '@parley/contracts';
import type { IrExternal, IrNode, NodeId, ScopeId, Target } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';
import type { ExternalKind, LockedExternal, LockIndex } from '../lock/lock.js';
import type { SourceNode } from '../source/tree.js';
import type { Use } from './use.js';

/** What one lowering has at hand and what it has made so far. */
export interface Context {
  readonly catalogue: Catalogue | undefined;
  readonly lock: LockIndex;
  readonly use: Use;
  readonly extensions: readonly Extension[];
  /** `evaluate.mode: loose`: texts that are jq are evaluated. */
  readonly loose: boolean;
  /** A slot is reserved before the children of a node are lowered, so that order is kept. */
  readonly nodes: Map<NodeId, IrNode | undefined>;
  readonly scopes: Map<ScopeId, OpenScope>;
  /** The documents that went into the nodes, by kind and address. */
  readonly pinned: Map<string, IrExternal>;
  /** What expressions ask for that is not always there. */
  readonly asked: { definition: boolean };
  /** Functions called functions for too long, and the rest was left out. */
  readonly cut: { deep: boolean };
  /** Lowers a list of tasks; tasks that hold lists reach it from here. */
  lowerTasks(list: SourceNode, place: ListPlace): ScopeId;
  /** Lowers one task into the node `place.id`. */
  lowerTask(task: SourceNode, place: TaskPlace): void;
}

/** A scope whose nodes are still being made. */
export interface OpenScope {
  readonly id: ScopeId;
  readonly owner?: NodeId;
  readonly nodes: NodeId[];
}

/** What expressions see beside the variables of their place. */
export interface Surroundings {
  /** Variables of the loops and handlers around the task. */
  readonly scoped: readonly string[];
  /** In the tasks of an extension: the descriptor of the task that is extended. */
  readonly extended?: JsonObject;
}

/** Where a list of tasks stands. */
export interface ListPlace extends Surroundings {
  readonly scope: ScopeId;
  readonly owner?: NodeId;
  readonly branches?: boolean;
  /** Functions whose definitions the list is in, outermost first. */
  readonly calling: readonly string[];
}

/** Where a task stands. */
export interface TaskPlace extends Surroundings {
  readonly id: NodeId;
  readonly name: string;
  readonly scope: ScopeId;
  /** What follows when the task does not say. */
  readonly next: Target;
  /** Tasks of the same list by name. */
  readonly siblings: ReadonlyMap<string, NodeId>;
  /** The list is the branches of a fork. */
  readonly branch: boolean;
  readonly calling: readonly string[];
}

/** A document of the lock; it counts as part of the IR from now on. */
export function pin(
  ctx: Context,
  kind: ExternalKind,
  uri: string | undefined,
): LockedExternal | undefined {
  const external = uri === undefined ? undefined : ctx.lock.get(kind, uri);
  if (external === undefined) return undefined;
  const { sha256, content } = external;
  const carried = carriedKinds.has(kind) ? { content } : {};
  ctx.pinned.set(`${kind} ${external.uri}`, { kind, uri: external.uri, sha256, ...carried });
  return external;
}

/** Documents that calls need while they run; of the others, what is needed is in the nodes. */
const carriedKinds: ReadonlySet<ExternalKind> = new Set(['asyncapi', 'proto', 'agent-card']);

/** Tasks that are done around other tasks. */
export interface Extension {
  readonly name: string;
  /** What it extends: a keyword, `composite` or `all`. */
  readonly extend: string;
  readonly node: SourceNode;
}

/** How many functions may call each other in a row. */
export const functionDepthMax = 50;
