import type { NodeId } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { RunError } from './errors.js';
import type { Occurrence } from './occurrence.js';

/** A step that can be undone is through: what its compensation needs is kept. */
export interface UndoKept {
  readonly kind: 'undoKept';
  /** Of the step. */
  readonly occurrence: Occurrence;
  /** What undoes it, and the occurrence that this will have. */
  readonly node: NodeId;
  readonly as: Occurrence;
  readonly input: Json;
  readonly output: Json;
  /** Variables of the loops and handlers around the step. */
  readonly variables?: Readonly<Record<string, Json>>;
}

/** Why a run is undone: nobody caught an error, or somebody cancelled it. */
export type UndoCause =
  | { readonly by?: undefined; readonly occurrence: Occurrence; readonly error: RunError }
  | { readonly by: string; readonly reason?: string };

/** The run will end, and what it has done is undone before. What was open is given up. */
export interface UndoStarted {
  readonly kind: 'undoStarted';
  readonly cause: UndoCause;
}

/** The compensation of the step that was completed last begins. */
export interface StepUndoing {
  readonly kind: 'stepUndoing';
  /** Of the compensation. */
  readonly occurrence: Occurrence;
}

/** A compensation is through. */
export interface StepUndone {
  readonly kind: 'stepUndone';
  /** Of the compensation. */
  readonly occurrence: Occurrence;
}

/** A compensation failed, and what is still to be undone is left as it is. */
export interface UndoFailed {
  readonly kind: 'undoFailed';
  /** The task whose error nobody caught. */
  readonly occurrence: Occurrence;
  readonly error: RunError;
}
