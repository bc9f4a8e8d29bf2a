import type { Effect, EngineLimits, Entry, Rejection } from '@parley/engine';
import type { Result } from '@parley/kernel';

/** What a turn is made of, as another thread is told: JSON texts keep every digit. */
export interface HeavyTurn {
  readonly irHash: string;
  readonly ir: string;
  readonly limits: EngineLimits;
  readonly state: string;
  /** Without the program of an overlay. */
  readonly stimulus: string;
  /** The definition that an overlay leads to. */
  readonly revision?: { readonly irHash: string; readonly ir: string };
  readonly now: number;
}

/** What came of it, in JSON text; an error says that the data is too large, or deep, for a turn. */
export type HeavyAnswer = Result<string, string>;

export interface HeavyOutcome {
  readonly entries: readonly Entry[];
  readonly effects: readonly Effect[];
  readonly yielded: boolean;
  readonly rejection?: Rejection;
  /** The run goes by the revision from now on. */
  readonly isRevised: boolean;
}
