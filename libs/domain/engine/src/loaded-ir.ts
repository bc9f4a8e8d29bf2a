import type { Ir, IrCatch, IrNode, IrRetry, NodeId, RunHistory } from '@parley/ir';
import type { Json, Result } from '@parley/kernel';
import type { EventTest } from './event-filter.js';
import type { Evaluate } from './expressions.js';
import type { EngineLimits } from './limits.js';

/** An IR whose expressions are compiled. Immutable; one may serve all runs of a definition. */
export interface LoadedIr {
  readonly ir: Ir;
  readonly limits: EngineLimits;
  /** Its runs take the fast path. */
  readonly isFast: boolean;
  readonly nodes: ReadonlyMap<NodeId, LoadedNode>;
  readonly first?: NodeId;
  readonly from?: Evaluate;
  readonly as?: Evaluate;
  readonly timeout?: LoadedDuration;
  readonly inputFits?: SchemaCheck;
  readonly outputFits?: SchemaCheck;
}

/** Says why a value does not fit a JSON Schema; undefined when it does. Equal values, equal answers. */
export type SchemaCheck = (value: Json) => string | undefined;

export interface LoadedNode {
  readonly node: IrNode;
  /** What the occurrence of this node adds to that of its owner. */
  readonly tail: string;
  readonly if?: Evaluate;
  readonly from?: Evaluate;
  readonly as?: Evaluate;
  readonly exportAs?: Evaluate;
  readonly timeout?: LoadedDuration;
  /** First task of the body of a `do`, `for` or `try`. */
  readonly first?: NodeId;
  /** What the kind of the task evaluates: set's value, for's `in`, call's `with`. */
  readonly value?: Evaluate;
  readonly cases?: readonly (Evaluate | undefined)[];
  readonly while?: Evaluate;
  readonly wait?: LoadedDuration;
  readonly raise?: Readonly<Record<string, Evaluate>>;
  readonly catch?: LoadedCatch;
  readonly branches?: readonly NodeId[];
  readonly listen?: LoadedListen;
  /** Properties of the call's authentication. */
  readonly credentials?: Evaluate;
  readonly inputFits?: SchemaCheck;
  readonly outputFits?: SchemaCheck;
  readonly exportFits?: SchemaCheck;
}

/** Which events are waited for. */
export interface LoadedConsumption {
  readonly mode: 'one' | 'any' | 'all';
  readonly filters: readonly LoadedFilter[];
  readonly until?:
    | { readonly holds: Evaluate }
    | { readonly mode: 'one' | 'any' | 'all'; readonly filters: readonly LoadedFilter[] };
}

/** What a `listen` wants. */
export interface LoadedListen extends LoadedConsumption {
  /** `foreach`: what becomes of the output of its tasks. */
  readonly as?: Evaluate;
  readonly exportAs?: Evaluate;
}

export interface LoadedFilter {
  readonly test: EventTest;
  /** The attributes that must be equal to a value. */
  readonly attributes: readonly (readonly [name: string, value: Json])[];
  readonly keys: readonly {
    readonly key: string;
    readonly from: Evaluate;
    /** As jq. */
    readonly source: string;
    readonly expect?: Evaluate;
  }[];
}

export interface LoadedCatch {
  readonly policy: IrCatch;
  readonly first?: NodeId;
  readonly when?: Evaluate;
  readonly exceptWhen?: Evaluate;
  readonly retry?: LoadedRetry;
}

export interface LoadedRetry extends LoadedCondition {
  readonly policy: IrRetry;
  /** Durations that only the run knows. */
  readonly computed: Readonly<Partial<Record<keyof NonNullable<IrRetry['computed']>, Evaluate>>>;
}

interface LoadedCondition {
  readonly when?: Evaluate;
  readonly exceptWhen?: Evaluate;
}

export type LoadedDuration = { readonly ms: number } | { readonly evaluate: Evaluate };

export interface LoadOptions {
  /** What runs of this definition may use. @default defaultLimits */
  readonly limits?: EngineLimits;
  /** What is recorded of runs, whatever the definition says. */
  readonly history?: RunHistory;
  /**
   * Makes the check of a JSON Schema, or says why the schema cannot be used. Without it data is not
   * checked: only for trying a definition out.
   */
  readonly schemas?: (schema: Json) => Result<SchemaCheck, string>;
}

/** Why an IR cannot be run. */
export interface LoadProblem {
  /** JSON Pointer of the task in the definition; empty for the document. */
  readonly pointer: string;
  readonly message: string;
}
