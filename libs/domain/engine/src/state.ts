import type { Delivery, IrCallNode, IrNodeKind, IrOperation, IrRunNode, NodeId } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { RunError } from './errors.js';
import type { Labels } from './labels.js';
import { FrameMap, framesFrom, type LiveFrames } from './live-frames.js';
import type { EventInterest } from './listen-entries.js';
import type { Occurrence } from './occurrence.js';
import type { AppliedOverlay } from './overlay-entries.js';
import type { UndoCause, UndoKept } from './undo-entries.js';

/**
 * Everything that a run is; its JSON text is how it is written down.
 *
 * S1  Only appliers change it, one entry at a time: state == fold(evolve, entries).
 * S2  It holds live occurrences only, so its size follows what is open, not what has been done.
 * S3  JSON values inside it (inputs, outputs, context) are shared and never mutated.
 */
export interface RunState {
  readonly phase: RunPhase;
  /** Run id; empty while pending. */
  readonly run: string;
  /** The input as it was given to the run. */
  readonly input: Json;
  /** `$context`: what tasks exported. */
  readonly context: Json;
  readonly startedAt: number;
  /** Journal time of the last entry; never goes back. */
  readonly at: number;
  /** Live occurrences; the run itself is the frame of `rootOccurrence`. */
  readonly frames: LiveFrames;
  /** What can run now; the last one is next, so one branch runs until it blocks. */
  readonly ready: readonly Ready[];
  /** How often a call was definitively refused, per logical occurrence: part of its key. */
  readonly rejections: Readonly<Record<Occurrence, number>>;
  /** The events that were heard last. */
  readonly heard?: readonly HeardEvent[];
  /** The commands that were taken last, of those that may come again. */
  readonly commands?: readonly string[];
  /** Entries so far. */
  readonly entries: number;
  /** Entries that were not recorded one by one. */
  readonly unrecorded?: number;
  /** Generation of the last timer armed. */
  readonly generation: number;
  readonly output?: Json;
  /** What failed last and was not caught (yet). */
  readonly failure?: Failure;
  /** Set while the run takes in what happens and begins nothing. */
  readonly suspended?: Suspension;
  /** What the run can be found by; absent when there is nothing. */
  readonly labels?: Labels;
  /** Steps that can be undone, in the order in which they were completed. */
  readonly kept?: readonly KeptStep[];
  /** Set once the run undoes what it has done, and from then on. */
  readonly undo?: Undo;
  /** In the order in which they were applied: the run goes by the revision of the last one. */
  readonly overlays?: readonly AppliedOverlay[];
}

/** A state as it is written down. */
export type WrittenState = Omit<RunState, 'frames'> & {
  readonly frames: Readonly<Record<Occurrence, Frame>>;
};

/** The state that was written. */
export function stateOfWritten(written: WrittenState): RunState {
  return { ...written, frames: framesFrom(written.frames) };
}

/**
 * How a state is written down. Raised when a state of an earlier release cannot be gone on with as it
 * is, not when something optional is added; then snapshots of before are not read, and runs are folded
 * from their first entry once more.
 */
export const snapshotFormat = 1;

export type RunPhase =
  | 'pending'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'compensation-failed';

/** A step that was completed and can be undone. */
export type KeptStep = Omit<UndoKept, 'kind'>;

export interface Undo {
  readonly cause: UndoCause;
  /** The step that is being undone. */
  readonly current?: KeptStep;
}

/** Who keeps a run from going on, and since when. */
export interface Suspension {
  readonly by: string;
  readonly at: number;
  readonly reason?: string;
}

export type Ready =
  /** Enter a task of a scope. `again` is set when a known occurrence is entered anew. */
  | {
      readonly do: 'enter';
      readonly scope: Occurrence;
      readonly node: NodeId;
      readonly input: Json;
      readonly index?: number;
      readonly again?: { readonly occurrence: Occurrence; readonly attempt: number };
    }
  /** The tasks of a scope are through (for a `for`: also before its first iteration). */
  | { readonly do: 'leave'; readonly scope: Occurrence; readonly output: Json }
  /** A `map` may begin with another item. */
  | { readonly do: 'item'; readonly scope: Occurrence }
  /** A `listen` goes on with its next event, or wants no more. */
  | { readonly do: 'event'; readonly scope: Occurrence }
  /** A task said `then: end`. */
  | { readonly do: 'end'; readonly scope: Occurrence; readonly output: Json };

export interface Timer {
  readonly generation: number;
  readonly dueAt: number;
}

export type TimerPurpose = 'wait' | 'timeout' | 'backoff';

export interface FrameBase {
  readonly occurrence: Occurrence;
  readonly node: NodeId;
  /** Occurrence of the owner of the scope that this is in; undefined for the run itself. */
  readonly parent?: Occurrence;
  /** Branch of the fork, or item of the map, that the parent is. */
  readonly index?: number;
  readonly attempt: number;
  readonly startedAt: number;
  /** Input before `input.from`, when that changed it. */
  readonly raw?: Json;
  readonly input: Json;
  /** Task time-out (on the run's frame: the workflow's). */
  readonly timeout?: Timer;
}

interface OwnerFrameBase extends FrameBase {
  /** Live frames directly below. */
  readonly children: number;
  /** Visits of the tasks of the scope in the current pass (O2). */
  readonly visits: Readonly<Record<NodeId, number>>;
}

export interface SequenceFrame extends OwnerFrameBase {
  readonly kind: 'run' | 'do';
}

export interface ForFrame extends OwnerFrameBase {
  readonly kind: 'for';
  readonly items: readonly Json[];
  /** The iteration in progress; -1 before the first. */
  readonly index: number;
}

export interface ForkFrame extends OwnerFrameBase {
  readonly kind: 'fork';
  readonly compete: boolean;
  readonly branches: number;
  readonly done: number;
  /** Outputs by branch; null until the branch is done. */
  readonly outputs: readonly Json[];
}

export interface TryFrame extends OwnerFrameBase {
  readonly kind: 'try';
  readonly stage: 'body' | 'backoff' | 'catch';
  /** Attempt of the body in progress, inherited by what is in it (O4). */
  readonly bodyAttempt: number;
  /** Highest attempt used anywhere inside, so that attempts of an occurrence only grow. */
  readonly attemptMax: number;
  readonly retries: number;
  /** The error caught last. */
  readonly error?: RunError;
  readonly backoff?: Timer;
  /** How long one attempt of the body may take; counts only while that attempt is in progress. */
  readonly attemptTimer?: Timer & { readonly attempt: number };
}

export interface MapFrame extends OwnerFrameBase {
  readonly kind: 'map';
  readonly items: readonly Json[];
  readonly concurrency: number;
  /** Items that were begun. */
  readonly started: number;
  readonly done: number;
  /** By item; null until it is through. */
  readonly results: readonly Json[];
}

/** One item of a `map`, in progress; its occurrence is that of the map with the item's number. */
export interface ItemFrame extends OwnerFrameBase {
  readonly kind: 'item';
  readonly index: number;
}

/** Waits for events; with `foreach` it is also the owner of what is done with one of them. */
export interface ListenFrame extends OwnerFrameBase {
  readonly kind: 'listen';
  readonly interests: readonly EventInterest[];
  /** Values of correlation keys that the definition expects, by filter. */
  readonly expected: readonly Readonly<Record<string, Json>>[];
  /** Filters that let an event pass, in the order of the events. */
  readonly matched: readonly number[];
  /** Values of correlation keys that the first event fixed. */
  readonly keys: Readonly<Record<string, Json>>;
  /** Something is done with each event by itself, as it comes. */
  readonly each: boolean;
  /** What was handed on of each event. */
  readonly heard: readonly Json[];
  /** The event that `foreach` is at; -1 before the first. */
  readonly taken: number;
  readonly results: readonly Json[];
  /** Whether more events are wanted. */
  readonly isOpen: boolean;
}

export interface HeardEvent {
  readonly occurrence: Occurrence;
  readonly source: string;
  readonly id: string;
}

export interface WaitFrame extends FrameBase {
  readonly kind: 'wait';
  readonly timer?: Timer;
}

export interface CallFrame extends FrameBase {
  readonly kind: 'call';
  /** Set once the call was dispatched (for `human`: once the approval was opened). */
  readonly call?: DispatchedCall;
}

/** What a dispatched effect runs: a function of a `call`, or a process of a `run`. */
export type Callee = IrCallNode['function'] | IrRunNode['process'];

export interface DispatchedCall {
  readonly function: Callee;
  readonly args: Json;
  readonly delivery: Delivery;
  readonly key: string;
  readonly operation?: IrOperation;
  /** `human`: after this the task fails with a `timeout` error. */
  readonly dueAt?: number;
}

export type OwnerFrame =
  SequenceFrame | ForFrame | ForkFrame | TryFrame | MapFrame | ItemFrame | ListenFrame;
export type Frame = OwnerFrame | WaitFrame | CallFrame;

/** The task that failed, with what is needed to enter it again. */
export interface Failure {
  readonly occurrence: Occurrence;
  readonly node: NodeId;
  readonly task?: IrNodeKind;
  readonly parent?: Occurrence;
  readonly index?: number;
  readonly attempt: number;
  readonly raw: Json;
  readonly error: RunError;
}

/** A run that was not started. */
export function initialState(): RunState {
  return {
    phase: 'pending',
    run: '',
    input: null,
    context: null,
    startedAt: 0,
    at: 0,
    frames: new FrameMap(),
    ready: [],
    rejections: {},
    entries: 0,
    generation: 0,
  };
}

/** The limit of the attempt in progress. */
export function attemptTimerOf(frame: Frame): Timer | undefined {
  if (frame.kind !== 'try' || frame.stage !== 'body') return undefined;
  return frame.attemptTimer?.attempt === frame.bodyAttempt ? frame.attemptTimer : undefined;
}

export function isOwner(frame: Frame): frame is OwnerFrame {
  return frame.kind !== 'wait' && frame.kind !== 'call';
}

/** The attempt that tasks directly inside an owner belong to. */
export function attemptInside(owner: OwnerFrame): number {
  return owner.kind === 'try' ? owner.bodyAttempt : owner.attempt;
}
