import type { Json, JsonObject } from '@parley/kernel';

/** A call that is expected: the operation, and the inputs that matter. */
export type Expected = string | readonly [operation: string, input: JsonObject];

/** One run of the finished draft against mocks. */
export interface Trial {
  readonly input?: JsonObject;
  /** Answers by operation; `fail` fails. Else a sample of the response is given. */
  readonly world?: Readonly<Record<string, Json>>;
  readonly decision?: 'approved' | 'rejected';
  /** Calls in order; `ask:role:x` and `ask:member:x` for people. */
  readonly calls: readonly Expected[];
  /** Lookups that a careful plan may make besides. */
  readonly mayAlso?: readonly string[];
  /** The order does not matter. */
  readonly anyOrder?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly business: 'clinic' | 'rental' | 'library';
  /** What the person says, turn by turn. A list of answers goes with the text after it. */
  readonly turns: readonly string[];
  /** Kept apart while the planner is tuned. */
  readonly heldOut?: boolean;
  readonly trials?: readonly Trial[];
  /** The last turn is an edit: steps that may change, by operation; every other keeps its bytes. */
  readonly touches?: readonly string[];
  /** A blocking question must be open at the end; these operations must not be in the draft. */
  readonly mustAsk?: { readonly about: RegExp; readonly without?: readonly string[] };
  /** What the schedule must be. */
  readonly schedule?: JsonObject;
}
