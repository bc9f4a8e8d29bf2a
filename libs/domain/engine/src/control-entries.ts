import type { Target } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { Place } from './entries.js';
import type { Labels } from './labels.js';

/** The run stops going on: what comes in is noted, and nothing new begins. */
export interface Suspended {
  readonly kind: 'suspended';
  readonly by: string;
  readonly reason?: string;
}

/** A suspended run goes on with what has become ready meanwhile. */
export interface Resumed {
  readonly kind: 'resumed';
  readonly by: string;
}

/** The run ended at once: what was open is left as it is, and nothing is undone. */
export interface RunTerminated {
  readonly kind: 'runTerminated';
  readonly by: string;
  readonly reason?: string;
}

/** The run has these labels, and no others. */
export interface Labelled extends Labels {
  readonly kind: 'labelled';
  readonly by?: string;
}

/** What the turn did was asked for under this id; the same command that comes again does nothing. */
export interface Commanded {
  readonly kind: 'commanded';
  readonly command: string;
}

/** An operator took a task as completed. What the task had begun is cut off. */
export interface StepSkipped extends Place {
  readonly kind: 'stepSkipped';
  readonly by: string;
  readonly reason?: string;
  readonly output: Json;
  readonly next: Target;
  readonly context?: Json;
  /** A task beside the data: the output that was given; `output` is then what it lets pass by. */
  readonly own?: Json;
}
