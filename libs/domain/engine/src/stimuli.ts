import type { RunPriority } from '@parley/ir';
import type { Json, JsonObject } from '@parley/kernel';
import type { LabelChange } from './labels.js';
import type { Occurrence } from './occurrence.js';
import type { RunError } from './errors.js';
import type { LoadedIr } from './loaded-ir.js';
import type { OverlayGiven } from './overlay-entries.js';
import type { StateBefore } from './rerun-entries.js';

/** What makes a run move. */
export type Stimulus = StimulusBody & {
  /** In [0, 1): what jitter is drawn with, because the machine has no randomness. @default 0.5 */
  readonly random?: number;
  /** Id of a command that may come twice; it is taken once. */
  readonly command?: string;
  /** The definition that an overlay leads to, because the machine compiles nothing. */
  readonly program?: LoadedIr;
};

export type StimulusBody =
  | Start
  | StartFrom
  | CallCompleted
  | CallFailed
  | UnknownOutcome
  | TimerFired
  | ApprovalDecided
  | EventArrived
  | Continue
  | Cancel
  | Terminate
  | Suspend
  | Resume
  | SkipStep
  | Label
  | ApplyOverlay
  | RetryStep;

export type StimulusKind = StimulusBody['kind'];

export interface Start {
  readonly kind: 'start';
  readonly run: string;
  readonly input: Json;
  readonly by?: string;
  /** Beside those of the definition. */
  readonly labels?: LabelChange;
  /** Where the run waits, it goes before others or behind them. @default medium */
  readonly priority?: RunPriority;
}

/** A run begins in the middle, where an earlier one had come to; see `planRerun`. */
export interface StartFrom {
  readonly kind: 'startFrom';
  readonly run: string;
  readonly of: string;
  readonly step: Occurrence;
  readonly state: StateBefore;
  readonly by?: string;
  readonly labels?: LabelChange;
  readonly priority?: RunPriority;
}

/** A call answered. */
export interface CallCompleted {
  readonly kind: 'completed';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly output: Json;
}

/** A call failed; `instance` is filled in by the machine. */
export interface CallFailed {
  readonly kind: 'failed';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly error: RunError;
  /**
   * `definitive`: the receiver refused (4xx), nothing happened there. `ambiguous`: time-out, reset
   * or 5xx, it may have happened.
   */
  readonly outcome: 'definitive' | 'ambiguous';
  /** What the receiver asked for (`Retry-After`); a retry waits at least this long. */
  readonly retryAfterMs?: number;
}

/** After a crash: this attempt was dispatched, nobody knows what became of it, it must not be re-sent. */
export interface UnknownOutcome {
  readonly kind: 'unknownOutcome';
  readonly occurrence: Occurrence;
  readonly attempt: number;
}

export interface TimerFired {
  readonly kind: 'timerFired';
  readonly occurrence: Occurrence;
  readonly generation: number;
}

/** A person decided an open approval. */
export interface ApprovalDecided {
  readonly kind: 'decided';
  readonly occurrence: Occurrence;
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string;
  readonly data?: Json;
}

/** An event was brought to a task that listens. */
export interface EventArrived {
  readonly kind: 'event';
  readonly occurrence: Occurrence;
  /** A CloudEvent. */
  readonly event: JsonObject;
  /** It had come before the task began to listen. */
  readonly late?: boolean;
}

/** Goes on after a turn that was cut. */
export interface Continue {
  readonly kind: 'continue';
}

export interface Cancel {
  readonly kind: 'cancel';
  readonly by: string;
  readonly reason?: string;
  /** Undo what the run has done, before it ends. */
  readonly compensate?: boolean;
}

/** Ends the run at once, without whatever a cancelled run still does to end in good order. */
export interface Terminate {
  readonly kind: 'terminate';
  readonly by: string;
  readonly reason?: string;
}

/**
 * Keeps the run from going on. Results, timers and decisions are still taken, and time-outs still
 * count; but no task begins, no scope is left and no call is sent (again) before it is resumed.
 */
export interface Suspend {
  readonly kind: 'suspend';
  readonly by: string;
  readonly reason?: string;
}

export interface Resume {
  readonly kind: 'resume';
  readonly by: string;
}

/**
 * An operator takes a step as completed: the failed one of a failed run, or any open task of an open
 * one. What it has begun is cut off.
 */
export interface SkipStep {
  readonly kind: 'skipStep';
  readonly by: string;
  readonly reason?: string;
  /** With or without rerun generations; a failed run needs none. */
  readonly occurrence?: Occurrence;
  /** What the step hands on, as after `output.as`. @default its input, as when its `if` is false */
  readonly output?: Json;
}

/** Somebody changes what the run can be found by. */
export interface Label extends LabelChange {
  readonly kind: 'label';
  readonly by: string;
}

/** An operator runs the failed step of a failed run again, if wanted with another input. */
export interface RetryStep {
  readonly kind: 'retryStep';
  readonly by: string;
  readonly input?: Json;
}

/** Somebody changes what of its definition a run has not reached. */
export interface ApplyOverlay extends OverlayGiven {
  readonly kind: 'applyOverlay';
}

/** Why a stimulus changed nothing. */
export interface Rejection {
  readonly reason:
    /** The run's status does not allow it; see the state table. */
    | 'not-allowed'
    /** It names an attempt, timer or approval that is not (or no longer) open. */
    | 'stale'
    /** The timer is not due yet; it was armed again. */
    | 'early'
    /** The run failed before its first task, so there is no step to retry. */
    | 'nothing-to-retry'
    /** No such task is open. */
    | 'no-such-step'
    /** What was given does not fit the definition. */
    | 'unfit'
    /** The overlay was made for another revision of the definition. */
    | 'other-revision'
    /** The overlay changes what the run has reached, or what it cannot reach any more. */
    | 'reached';
  readonly message: string;
}
