import type { Delivery, IrNodeKind, IrOperation, NodeId, RunPriority, Target } from '@parley/ir';
import type { Json, JsonObject } from '@parley/kernel';
import type {
  Commanded,
  Labelled,
  Resumed,
  RunTerminated,
  StepSkipped,
  Suspended,
} from './control-entries.js';
import type { Changed } from './changed-entries.js';
import type { RunError } from './errors.js';
import type {
  EventDone,
  EventHeard,
  EventTaken,
  Listening,
  ListeningAgain,
} from './listen-entries.js';
import type { Occurrence } from './occurrence.js';
import type { Overlaid } from './overlay-entries.js';
import type { StartedFrom } from './rerun-entries.js';
import type { Callee, TimerPurpose } from './state.js';
import type { StepUndoing, StepUndone, UndoFailed, UndoKept, UndoStarted } from './undo-entries.js';

/**
 * What is written to the journal. An entry holds every decision that was made, so that folding
 * never evaluates, draws or looks at the definition again. Kinds and the meaning of their fields are
 * frozen once released: a change is a new kind.
 */
export type Entry = EntryBody & {
  /** Journal time in milliseconds since the epoch. */
  readonly at: number;
};

export type EntryBody =
  | Started
  | StartedFrom
  | Entered
  | Iterated
  | Ran
  | Emitted
  | Invoked
  | AttemptTimed
  | Mapped
  | ItemStarted
  | ItemEnded
  | Listening
  | ListeningAgain
  | EventHeard
  | EventTaken
  | EventDone
  | Skipped
  | Dispatched
  | ApprovalOpened
  | Decided
  | TimerArmed
  | Completed
  | Failed
  | Caught
  | RetryScheduled
  | Retried
  | Yielded
  | Reopened
  | Suspended
  | Resumed
  | StepSkipped
  | Labelled
  | Commanded
  | Overlaid
  | Changed
  | UndoKept
  | UndoStarted
  | StepUndoing
  | StepUndone
  | UndoFailed
  | RunCompleted
  | RunFailed
  | RunCancelled
  | RunTerminated;

export type EntryKind = EntryBody['kind'];

/** Where a task stands: what an entry needs that may be the first to speak of an occurrence. */
export interface Place {
  readonly occurrence: Occurrence;
  readonly node: NodeId;
  readonly task: IrNodeKind;
  readonly parent: Occurrence;
  readonly attempt: number;
  /** Branch of the fork that the parent is. */
  readonly index?: number;
  /** Input before `input.from`, when that changed it. */
  readonly raw?: Json;
  readonly input: Json;
}

/** The run began; its first task is ready. */
export interface Started {
  readonly kind: 'started';
  readonly run: string;
  readonly input: Json;
  /** Input after the workflow's `input.from`, when that changed it. */
  readonly data?: Json;
  readonly first?: NodeId;
  readonly by?: string;
  /** Absent: medium. */
  readonly priority?: RunPriority;
}

/** A task that takes more than one step began. */
export interface Entered extends Place {
  readonly kind: 'entered';
  /** do, try: the first task inside. */
  readonly first?: NodeId;
  /** for: what it iterates over. */
  readonly items?: readonly Json[];
  /** fork: its branches; with `compete` the first to complete wins. */
  readonly branches?: readonly NodeId[];
  readonly compete?: boolean;
}

/** A `for` began its next iteration. */
export interface Iterated {
  readonly kind: 'iterated';
  readonly occurrence: Occurrence;
  readonly index: number;
  readonly input: Json;
  readonly first?: NodeId;
}

/** A task that is one step (set, switch) began and completed. */
export interface Ran extends Place {
  readonly kind: 'ran';
  readonly output: Json;
  readonly next: Target;
  /** The new `$context`, when the task exports. */
  readonly context?: Json;
  /** switch: name of the case that matched. */
  readonly case?: string;
  /** A task beside the data: its own output; `output` is then what it lets pass by. */
  readonly own?: Json;
}

/** An event was emitted: it is published once this is durable, however often the process dies. */
export interface Emitted extends Place {
  readonly kind: 'emitted';
  /** A complete CloudEvent. */
  readonly event: JsonObject;
  /** What is handed on, when it is not the event. */
  readonly output?: Json;
  readonly next: Target;
  readonly context?: Json;
  readonly own?: Json;
}

/** A `do` began whose body gets something else than its input: the arguments of a function. */
export interface Invoked extends Place {
  readonly kind: 'invoked';
  readonly data: Json;
  readonly first?: NodeId;
}

/** The attempt that the body of a `try` is in may take until then. */
export interface AttemptTimed {
  readonly kind: 'attemptTimed';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly generation: number;
  readonly dueAt: number;
}

/** A `map` began. */
export interface Mapped extends Place {
  readonly kind: 'mapped';
  readonly items: readonly Json[];
  /** How many items are in progress at a time. */
  readonly concurrency: number;
}

/** A `map` began with the next of its items. */
export interface ItemStarted {
  readonly kind: 'itemStarted';
  /** Of the map. */
  readonly occurrence: Occurrence;
  readonly index: number;
  readonly first?: NodeId;
}

/** An item of a `map` is through. */
export interface ItemEnded {
  readonly kind: 'itemEnded';
  /** Of the item. */
  readonly occurrence: Occurrence;
  /** What stands for the item in the map's output. */
  readonly result: Json;
  /** Its error was collected. */
  readonly failed?: true;
}

/** The task's `if` was false. */
export interface Skipped extends Place {
  readonly kind: 'skipped';
  readonly next: Target;
}

/** Journaled before the call leaves. */
export interface Dispatched {
  readonly kind: 'dispatched';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly function: Exclude<Callee, 'human'>;
  readonly args: Json;
  readonly delivery: Delivery;
  readonly key: string;
  readonly operation?: IrOperation;
}

/** A person is asked. */
export interface ApprovalOpened {
  readonly kind: 'approvalOpened';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly args: Json;
  readonly key: string;
  /** After this the task fails with a `timeout` error. */
  readonly dueAt?: number;
}

/** A person answered; the first answer wins. */
export interface Decided {
  readonly kind: 'decided';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string;
  readonly data?: Json;
}

export interface TimerArmed {
  readonly kind: 'timerArmed';
  readonly occurrence: Occurrence;
  readonly generation: number;
  readonly purpose: TimerPurpose;
  readonly dueAt: number;
}

/** An entered task completed. */
export interface Completed {
  readonly kind: 'completed';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly output: Json;
  readonly next: Target;
  /** The output before `output.as`, when that changed it. */
  readonly result?: Json;
  readonly context?: Json;
  /** A task beside the data: its own output; `output` is then what it lets pass by. */
  readonly own?: Json;
}

/** A task failed. Whether somebody catches it is said by the entry that follows in the same turn. */
export interface Failed extends Place {
  readonly kind: 'failed';
  readonly error: RunError;
  /** Calls: `definitive` makes the next attempt use a new idempotency key, `ambiguous` does not. */
  readonly outcome?: 'definitive' | 'ambiguous';
  /** The answer of the call that the task failed on afterwards, so that it is not lost. */
  readonly result?: Json;
}

/** A `try` took the error and goes on with its handler. */
export interface Caught {
  readonly kind: 'caught';
  readonly occurrence: Occurrence;
  readonly error: RunError;
  /** First task of the handler; without one the `try` completes with its input. */
  readonly first?: NodeId;
}

/** A `try` took the error and will run its body again. */
export interface RetryScheduled {
  readonly kind: 'retryScheduled';
  readonly occurrence: Occurrence;
  /** Attempt that the body will have. */
  readonly attempt: number;
  readonly error: RunError;
  readonly delayMs: number;
  /** The random number that the jitter was drawn with. */
  readonly random?: number;
  readonly generation: number;
  readonly dueAt: number;
}

export interface Retried {
  readonly kind: 'retried';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly first?: NodeId;
}

/** The turn's fuel was spent; the run goes on with `continue`. */
export interface Yielded {
  readonly kind: 'yielded';
  /** Fast path: how many steps the turn had taken, recorded or not. */
  readonly steps?: number;
}

/** A failed run goes on: these tasks are entered again, in this order. */
export interface Reopened {
  readonly kind: 'reopened';
  readonly by: string;
  readonly reenter: readonly Reentry[];
}

export interface Reentry {
  /** The new occurrence, one generation higher. */
  readonly occurrence: Occurrence;
  readonly node: NodeId;
  readonly parent: Occurrence;
  readonly index?: number;
  readonly attempt: number;
  readonly input: Json;
  /** The open occurrence that this one replaces, if the failure left it open. */
  readonly replaces?: Occurrence;
}

export interface RunCompleted {
  readonly kind: 'runCompleted';
  readonly output: Json;
}

export interface RunFailed {
  readonly kind: 'runFailed';
  /** The task whose error nobody caught; the run itself for its time-out or a ceiling. */
  readonly occurrence: Occurrence;
  readonly error: RunError;
}

export interface RunCancelled {
  readonly kind: 'runCancelled';
  readonly by: string;
  readonly reason?: string;
}
