import type { Json, JsonObject } from '@parley/kernel';

/**
 * The compiled form of a workflow definition: plain JSON, versioned by `format`, a flat map of nodes
 * with stable ids. Expressions are kept as jq source; each process compiles them when it loads an
 * IR. The graph view, overlay checks and the engine all read this and nothing else.
 *
 * I1  A node's id is the escaped name path of its task (`do/checkStock`), never an index.
 * I2  Every `Target` is resolved: a node of the same scope, the end of the scope, or of the run.
 * I3  Equal definitions (and locks) give equal IR, byte for byte, and so an equal hash.
 */
export interface Ir {
  readonly format: typeof irFormat;
  /** SHA-256 (hex) over the canonical JSON of this IR without `hash`. */
  readonly hash: string;
  readonly document: IrDocument;
  /** Nodes by id, in document order. */
  readonly nodes: Readonly<Record<NodeId, IrNode>>;
  readonly scopes: Readonly<Record<ScopeId, IrScope>>;
  /** The scope that a run starts in. */
  readonly root: ScopeId;
  readonly input?: IrInput;
  readonly output?: IrOutput;
  readonly timeout?: IrDuration;
  readonly schedule?: IrSchedule;
  /** IANA zone name for schedules and dates; the tenant's zone when absent. */
  readonly timezone?: string;
}

export const irFormat = 'parley.ir/1';

/** Escaped name path of a task, e.g. `do/checkStock/try/getPet`. */
export type NodeId = string;
/** Node id of the owner and the keyword, e.g. `do/eachItem/do`; the root scope is `do`. */
export type ScopeId = string;

export interface IrDocument {
  readonly dsl: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly summary?: string;
  readonly metadata?: JsonObject;
}

/** A list of tasks that run one after the other, or the branches of a fork. */
export interface IrScope {
  readonly id: ScopeId;
  /** The node that owns the scope; absent for the root. */
  readonly owner?: NodeId;
  /** The tasks in document order; the first is the entry. */
  readonly nodes: readonly NodeId[];
}

/** A jq program, without the `${ }` around it. */
export type Expression = string;

/** A value with expressions inside; only what the author wrote as an expression is evaluated. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'expression'; readonly source: Expression }
  /** Text around expressions: `Order ${ .id } is late`. */
  | { readonly kind: 'text'; readonly parts: readonly (string | { readonly source: Expression })[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Template])[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] };

/** A duration in milliseconds, or an expression that yields an ISO 8601 duration. */
export type IrDuration = { readonly ms: number } | { readonly source: Expression };

/** Where control goes next: a task of the same scope, out of the scope, or to the end of the run. */
export type Target =
  { readonly to: 'node'; readonly node: NodeId } | { readonly to: 'exit' } | { readonly to: 'end' };

export interface IrInput {
  readonly schema?: Json;
  readonly from?: Template;
}

export interface IrOutput {
  readonly schema?: Json;
  readonly as?: Template;
}

export interface IrSchedule {
  readonly every?: IrDuration;
  /** A five-field cron expression, read in the workflow's time zone. */
  readonly cron?: string;
}

export interface IrNodeBase {
  readonly id: NodeId;
  readonly name: string;
  readonly scope: ScopeId;
  /** JSON Pointer of the task in the definition, e.g. `/do/0/checkStock`. */
  readonly pointer: string;
  /** The task is skipped when this is false. */
  readonly if?: Expression;
  readonly input?: IrInput;
  readonly output?: IrOutput;
  /** Becomes the new `$context`. */
  readonly export?: IrOutput;
  readonly timeout?: IrDuration;
  readonly next: Target;
  readonly metadata?: JsonObject;
}

export type IrNode =
  | IrDoNode
  | IrSetNode
  | IrSwitchNode
  | IrForNode
  | IrForkNode
  | IrWaitNode
  | IrTryNode
  | IrRaiseNode
  | IrCallNode;

export type IrNodeKind = IrNode['kind'];

export interface IrDoNode extends IrNodeBase {
  readonly kind: 'do';
  readonly body: ScopeId;
}

export interface IrSetNode extends IrNodeBase {
  readonly kind: 'set';
  readonly value: Template;
}

export interface IrSwitchNode extends IrNodeBase {
  readonly kind: 'switch';
  /** Tried in order; a case without `when` always matches. No match: `next`. */
  readonly cases: readonly IrSwitchCase[];
}

export interface IrSwitchCase {
  readonly name: string;
  readonly when?: Expression;
  readonly then: Target;
}

export interface IrForNode extends IrNodeBase {
  readonly kind: 'for';
  /** Variable names without `$`. */
  readonly each: string;
  readonly at: string;
  readonly in: Template;
  readonly while?: Expression;
  readonly body: ScopeId;
}

export interface IrForkNode extends IrNodeBase {
  readonly kind: 'fork';
  /** A scope whose nodes are the branches; each runs on its own. */
  readonly branches: ScopeId;
  /** The first branch to complete wins and the others are cancelled. */
  readonly compete: boolean;
}

export interface IrWaitNode extends IrNodeBase {
  readonly kind: 'wait';
  readonly duration: IrDuration;
}

export interface IrTryNode extends IrNodeBase {
  readonly kind: 'try';
  readonly body: ScopeId;
  readonly catch: IrCatch;
}

export interface IrCatch {
  /** Only errors with these members are caught; absent: all. */
  readonly with?: Readonly<
    Partial<Record<'type' | 'status' | 'instance' | 'title' | 'detail', Json>>
  >;
  /** Variable name of the error, without `$`. */
  readonly as: string;
  readonly when?: Expression;
  readonly exceptWhen?: Expression;
  readonly retry?: IrRetry;
  readonly body?: ScopeId;
}

export interface IrRetry {
  readonly when?: Expression;
  readonly exceptWhen?: Expression;
  readonly delayMs: number;
  readonly backoff: 'constant' | 'linear' | 'exponential';
  readonly jitter?: { readonly fromMs: number; readonly toMs: number };
  /** Attempts after the first; absent: no limit by count. */
  readonly attemptsMax?: number;
  readonly durationMsMax?: number;
}

export interface IrRaiseNode extends IrNodeBase {
  readonly kind: 'raise';
  readonly error: {
    readonly type: Template;
    readonly status: Template;
    readonly title?: Template;
    readonly detail?: Template;
    readonly instance?: Template;
  };
}

export interface IrCallNode extends IrNodeBase {
  readonly kind: 'call';
  readonly function: 'http' | 'connector' | 'human';
  /** Evaluated to the arguments of the effect; its shape is that of `with` in the definition. */
  readonly with: Template;
  /** What may be done when nobody knows whether an attempt took effect. */
  readonly delivery: Delivery;
  /** For `connector`: what the lock pinned. */
  readonly operation?: IrOperation;
}

/**
 * `safe`: reads only. `idempotent`: repeating changes nothing. `keyed`: the receiver drops repeats of
 * one idempotency key. `once`: never re-sent when the outcome of an attempt is unknown.
 */
export type Delivery = 'safe' | 'idempotent' | 'keyed' | 'once';

export interface IrOperation {
  /** Connector name within the tenant. */
  readonly connector: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** SHA-256 of the OpenAPI document that the operation was read from. */
  readonly documentHash: string;
}
