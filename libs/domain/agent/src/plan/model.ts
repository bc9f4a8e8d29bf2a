import type { Json, JsonObject } from '@parley/kernel';
import type { IndexedOperation } from '../catalogue/search.js';
import type { Duration } from '../request/intents.js';

/** A step of a planned workflow, before it is written down as a task of the language. */
export type Step =
  | CallStep
  | HumanStep
  | WaitStep
  | BlockStep
  | SwitchStep
  | EachStep
  | ForkStep
  | TryStep
  | OpenStep;

interface StepBase {
  readonly name: string;
  /** jq, without `${ }`. */
  readonly if?: string;
  readonly then?: string;
}

/** A value of an input: written out, or computed by a jq program. */
export type Value = { readonly literal: Json } | { readonly jq: string };

export interface CallStep extends StepBase {
  readonly kind: 'call';
  readonly operation: IndexedOperation;
  readonly input: Readonly<Record<string, Value>>;
}

export type Who = { readonly role: string } | { readonly member: string };

export interface HumanStep extends StepBase {
  readonly kind: 'human';
  readonly assignee: Who;
  readonly title: string;
  readonly message?: string;
  readonly data?: string;
}

export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly duration: Duration;
}

export interface BlockStep extends StepBase {
  readonly kind: 'block';
  readonly steps: readonly Step[];
}

export interface SwitchStep extends StepBase {
  readonly kind: 'switch';
  readonly cases: readonly {
    readonly name: string;
    readonly when?: string;
    readonly then: string;
  }[];
}

export interface EachStep extends StepBase {
  readonly kind: 'each';
  readonly variable: string;
  readonly in: string;
  readonly steps: readonly Step[];
}

export interface ForkStep extends StepBase {
  readonly kind: 'fork';
  readonly branches: readonly Step[];
}

export interface TryStep extends StepBase {
  readonly kind: 'try';
  readonly body: readonly Step[];
  readonly retries?: number;
  readonly onError: readonly Step[];
}

/** Something that is not decided yet; stands where the step will be, and fails if it is ever run. */
export interface OpenStep extends StepBase {
  readonly kind: 'open';
  readonly text: string;
}

/** A question about a plan; `key` stays the same when the plan is made again. */
export interface OpenQuestion {
  readonly key: string;
  readonly text: string;
  readonly blocking: boolean;
  readonly options: readonly { readonly label: string; readonly value: string }[];
  /** Any text is an answer, e.g. what a message says. */
  readonly free: boolean;
  /** The answer is a sentence for a reader, or how to tell something; else it is a value. */
  readonly sentence?: boolean;
  readonly step?: string;
}

/** The workflow's input as far as steps need it. */
export interface InputProperty {
  readonly path: readonly string[];
  readonly schema: JsonObject;
  readonly required: boolean;
}
