import type { Json } from '@parley/kernel';

/** Escaped name path of a task, e.g. `do/checkStock/try/getPet`. */
export type NodeId = string;
/** Node id of the owner and the keyword, e.g. `do/eachItem/do`; the root scope is `do`. */
export type ScopeId = string;

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
  /** Starts again this long after the run before has ended. */
  readonly after?: IrDuration;
  /** Starts for each consumed event, or set of events; they are the run's input, a list. */
  readonly on?: IrConsumption;
  readonly read?: EventForm;
  /** What happens when a run of the schedule is still going. @default 'allow' */
  readonly overlap?: OverlapPolicy;
  /** What happens with times that passed while nobody looked. @default 'latest' */
  readonly missed?: MissedPolicy;
}

/** What is recorded of the steps of a run: all of it, or on the fast path what they came to. */
export const runHistories = ['full', 'fast'] as const;
export type RunHistory = (typeof runHistories)[number];

/** Which runs of a tenant go first where they wait for the same, the highest first. */
export const runPriorities = ['high', 'medium', 'low'] as const;
export type RunPriority = (typeof runPriorities)[number];

/** Start anyway, leave the new one out, or cancel those that are going. */
export const overlapPolicies = ['allow', 'skip', 'cancel'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

/** Start for each missed time, for the latest one, or for none. */
export const missedPolicies = ['all', 'latest', 'skip'] as const;
export type MissedPolicy = (typeof missedPolicies)[number];

/** What of an event is handed on: its data, the whole CloudEvent, or its bytes as they came. */
export type EventForm = 'data' | 'envelope' | 'raw';

/** Which events are waited for. */
export interface IrConsumption {
  /** `one`: the first event that its filter lets pass; `any`: of any filter; `all`: one of each. */
  readonly mode: 'one' | 'any' | 'all';
  /** For `any`: none at all means every event. */
  readonly filters: readonly IrEventFilter[];
  /** For `any`: goes on consuming until the expression holds or the other consumption is done. */
  readonly until?: { readonly source: Expression } | IrConsumption;
}

export interface IrEventFilter {
  /** Attributes by name; a literal must be equal, an expression over the attribute must hold. */
  readonly with: readonly (readonly [attribute: string, value: Template])[];
  /** Keys by name: events belong together when their keys are equal to each other (or to `expect`). */
  readonly correlate?: readonly (readonly [
    key: string,
    { readonly from: Expression; readonly expect?: Template },
  ])[];
}

/** How a call proves who it is. Member names are those of the definition. */
export interface IrAuthentication {
  readonly scheme: 'basic' | 'bearer' | 'digest' | 'oauth2' | 'oidc';
  /** The secret that holds all properties of the scheme; it or `properties`. */
  readonly secret?: string;
  readonly properties?: Template;
}
