import type { NodeId } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { Place } from './entries.js';
import type { Occurrence } from './occurrence.js';

/**
 * What an event must have to be brought to a run: enough to leave out nearly all that it does not
 * want. Whether it really wants one is decided by the run.
 */
export interface EventInterest {
  /** Attributes that must be equal to a value. */
  readonly attributes: readonly (readonly [name: string, value: Json])[];
  /** Keys whose value is known: what they are read from, as jq, and what they must be. */
  readonly keys: readonly { readonly from: string; readonly equals: Json }[];
}

/** A `listen` began; from now on events are brought to it. */
export interface Listening extends Place {
  readonly kind: 'listening';
  /** One of them is enough; none at all: every event is of interest. */
  readonly interests: readonly EventInterest[];
  /** Values of the correlation keys that the definition expects, by filter and key. */
  readonly expected: readonly Readonly<Record<string, Json>>[];
  /** Something is done with each event by itself, as it comes. */
  readonly each?: true;
}

/** A failed run goes on: its `listen` is brought events again. */
export interface ListeningAgain {
  readonly kind: 'listeningAgain';
  readonly occurrence: Occurrence;
}

/** An event was consumed. */
export interface EventHeard {
  readonly kind: 'eventHeard';
  readonly occurrence: Occurrence;
  /** Source and id of the event: together they tell it from every other. */
  readonly source: string;
  readonly id: string;
  /** What of the event is handed on; absent for one that only ends the listening. */
  readonly value?: Json;
  /** The filter that let it pass, counted through the filters and then those of `until`. */
  readonly filter?: number;
  /** Correlation keys that this event was the first to have. */
  readonly keys?: Readonly<Record<string, Json>>;
  /** No more events are wanted. */
  readonly last?: true;
}

/** The tasks of `foreach` begin with the next event. */
export interface EventTaken {
  readonly kind: 'eventTaken';
  /** Of the `listen`. */
  readonly occurrence: Occurrence;
  readonly index: number;
  readonly first?: NodeId;
}

/** The tasks of `foreach` are through with an event. */
export interface EventDone {
  readonly kind: 'eventDone';
  readonly occurrence: Occurrence;
  readonly result: Json;
  readonly context?: Json;
}
