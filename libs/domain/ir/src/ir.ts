import type { Json, JsonObject } from '@parley/kernel';
import type {
  EventForm,
  Expression,
  IrAuthentication,
  IrConsumption,
  IrDuration,
  IrInput,
  IrOutput,
  IrSchedule,
  NodeId,
  ScopeId,
  Target,
  Template,
} from './parts.js';

export type {
  EventForm,
  Expression,
  IrAuthentication,
  IrConsumption,
  IrDuration,
  IrEventFilter,
  IrInput,
  IrOutput,
  IrSchedule,
  NodeId,
  ScopeId,
  Target,
  Template,
} from './parts.js';

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
  /** Names of the secrets that the definition declares; `$secrets` has exactly these. */
  readonly secrets?: readonly string[];
  /** The external documents that went into this IR, in the order of their addresses. */
  readonly externals?: readonly IrExternal[];
  /** The definition as data, where an expression asks for `$workflow.definition` or `$task.definition`. */
  readonly definition?: JsonObject;
}

/** An external document, pinned: a change of its content is a change of the workflow. */
export interface IrExternal {
  readonly kind: 'openapi' | 'asyncapi' | 'proto' | 'function' | 'schema' | 'agent-card' | 'script';
  readonly uri: string;
  /** SHA-256 (hex) of the document's bytes. */
  readonly sha256: string;
  /** The document itself, for calls that need it while they run (asyncapi, proto, agent-card). */
  readonly content?: Json;
}

export const irFormat = 'parley.ir/1';

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
  /** The tasks in document order, those that only undo others last; the first is the entry. */
  readonly nodes: readonly NodeId[];
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
  /** Where control goes when the task is skipped; where `then` leads is for a task that was done. */
  readonly nextIfSkipped?: Target;
  /**
   * The task stands beside the data: what follows gets the value that the task itself got, not its
   * output. An explicit `then: exit` or `end` hands the output on all the same, and sets no flag.
   */
  readonly aside?: true;
  /** The task of the same scope that undoes this one. */
  readonly compensation?: NodeId;
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
  | IrEmitNode
  | IrListenNode
  | IrRunNode
  | IrMapNode
  | IrCallNode;

export type IrNodeKind = IrNode['kind'];

export interface IrDoNode extends IrNodeBase {
  readonly kind: 'do';
  readonly body: ScopeId;
  /** Evaluated on the task's input; the input of the body. A called function gets its arguments so. */
  readonly with?: Template;
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
  /** Where control goes after a caught error; absent: to what follows the task. */
  readonly then?: Target;
}

export interface IrRetry {
  readonly when?: Expression;
  readonly exceptWhen?: Expression;
  readonly delayMs: number;
  readonly backoff: 'constant' | 'linear' | 'exponential';
  readonly jitter?: { readonly fromMs: number; readonly toMs: number };
  /** Attempts after the first; absent: no limit by count. */
  readonly attemptsMax?: number;
  /** One attempt that takes longer counts as failed. */
  readonly attemptDurationMsMax?: number;
  readonly durationMsMax?: number;
  /**
   * Durations that only the run knows: expressions that yield ISO 8601. What is here has no meaning
   * as a number: `delayMs` and the bounds of the jitter are 0, the limits absent.
   */
  readonly computed?: Readonly<
    Partial<
      Record<'delay' | 'jitterFrom' | 'jitterTo' | 'attemptDuration' | 'duration', Expression>
    >
  >;
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

export interface IrEmitNode extends IrNodeBase {
  readonly kind: 'emit';
  /** An object of CloudEvents attributes; `id`, `time` and `specversion` are added when absent. */
  readonly event: Template;
}

export interface IrListenNode extends IrNodeBase {
  readonly kind: 'listen';
  readonly to: IrConsumption;
  readonly read: EventForm;
  readonly foreach?: IrForeach;
}

/** Tasks run for each event or message, in the order of arrival. */
export interface IrForeach {
  /** Variable names without `$`. */
  readonly item: string;
  readonly at: string;
  readonly body?: ScopeId;
  readonly output?: IrOutput;
  readonly export?: IrOutput;
}

export interface IrRunNode extends IrNodeBase {
  readonly kind: 'run';
  readonly process: 'container' | 'script' | 'shell' | 'workflow';
  /** Evaluated; its shape is that of the process in the definition. An external script is inlined. */
  readonly with: Template;
  readonly await: boolean;
  readonly return: 'stdout' | 'stderr' | 'code' | 'all' | 'none';
}

/** `call: map`: the body once per item, `concurrency` of them at a time; results in order of items. */
export interface IrMapNode extends IrNodeBase {
  readonly kind: 'map';
  /** Variable names without `$`. */
  readonly each: string;
  readonly at: string;
  readonly in: Template;
  readonly body: ScopeId;
  readonly concurrency?: number;
  /** `fail`: the first error ends all; `collect`: results are `{ output }` or `{ error }`. */
  readonly onError: 'fail' | 'collect';
}

export interface IrCallNode extends IrNodeBase {
  readonly kind: 'call';
  readonly function: CallFunction;
  /** Evaluated to the arguments of the effect; its shape is that of `with` in the definition. */
  readonly with: Template;
  /** What may be done when nobody knows whether an attempt took effect. */
  readonly delivery: Delivery;
  readonly authentication?: IrAuthentication;
  /** For `connector`: what the lock pinned. */
  readonly operation?: IrOperation;
  /** For `openapi`: what the lock pinned. */
  readonly request?: IrOpenApiRequest;
  /** For `asyncapi` subscriptions. */
  readonly subscription?: IrSubscription;
  readonly foreach?: IrForeach;
  /** For `custom`: what the definition calls, e.g. `log:1.0.0@global`. */
  readonly custom?: string;
}

/** Which messages of a subscription are consumed, and for how long; all evaluated per message. */
export interface IrSubscription {
  readonly filter?: Expression;
  readonly for?: IrDuration;
  /** Ends after this many messages. */
  readonly amount?: number;
  /** Evaluated after each message: goes on while it holds. */
  readonly while?: Expression;
  /** Evaluated before each message: ends when it holds. */
  readonly until?: Expression;
}

export type CallFunction =
  | 'http'
  | 'openapi'
  | 'grpc'
  | 'asyncapi'
  | 'a2a'
  | 'mcp'
  | 'connector'
  | 'human'
  | 'agent'
  | 'worker'
  /** A custom function whose definition no lock pins; with one it is a `do` with the function. */
  | 'custom';

/** How the arguments of an OpenAPI operation become a request. */
export interface IrOpenApiRequest {
  readonly documentHash: string;
  readonly operation: string;
  readonly method: string;
  /** Absolute; server and path of the operation, with `{name}` for path parameters. */
  readonly address: string;
  readonly parameters: readonly IrOpenApiParameter[];
  /** Media type of the body; absent: the operation takes none. */
  readonly body?: string;
}

export interface IrOpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  /** Lists repeat the name (`a=1&a=2`); otherwise they are joined by commas. */
  readonly explode: boolean;
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
