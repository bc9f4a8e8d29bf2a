import type { Json } from '@parley/kernel';
import type { Occurrence } from './occurrence.js';
import type { Frame, Ready } from './state.js';

/**
 * The run took steps of which only what they came to is recorded (the fast path): the difference
 * between what it was before and after them.
 */
export interface Changed {
  readonly kind: 'changed';
  /** Entries that this one stands in the place of. */
  readonly count: number;
  /** Occurrences that are not open any more. */
  readonly closed?: readonly Occurrence[];
  readonly frames?: readonly FrameChange[];
  /** Occurrences that are open now, as they are, in the order in which they were entered. */
  readonly opened?: readonly Frame[];
  readonly ready?: readonly Ready[];
  /** Members of the state. */
  readonly state?: MemberChanges;
  /** The next entry ends the run: what is open or ready is not told any more. */
  readonly over?: true;
}

export interface FrameChange extends MemberChanges {
  readonly occurrence: Occurrence;
  /** Lists, by the name of their member: items that have come or changed. */
  readonly items?: Readonly<Record<string, readonly ItemChange[]>>;
}

export type ItemChange = readonly [index: number, value: Json];

export interface MemberChanges {
  readonly set?: Readonly<Record<string, Json>>;
  readonly unset?: readonly string[];
}
