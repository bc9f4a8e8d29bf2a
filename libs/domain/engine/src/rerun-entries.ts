import type { RunPriority } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { Occurrence } from './occurrence.js';
import type { AppliedOverlay } from './overlay-entries.js';
import type { HeardEvent, Frame, Ready } from './state.js';

/** What a run had come to when it was about to begin a step: all that another run goes on with. */
export interface StateBefore {
  readonly input: Json;
  readonly context: Json;
  readonly frames: Readonly<Record<Occurrence, Frame>>;
  readonly ready: readonly Ready[];
  /** Of the last timer armed. */
  readonly generation: number;
  readonly heard?: readonly HeardEvent[];
  /** The run goes by the revision that they led to. */
  readonly overlays?: readonly AppliedOverlay[];
}

/** The run began in the middle, where an earlier run had come to. */
export interface StartedFrom {
  readonly kind: 'startedFrom';
  readonly run: string;
  /** The earlier run, and the step of it that is run again. */
  readonly of: string;
  readonly step: Occurrence;
  readonly state: StateBefore;
  readonly by?: string;
  /** Absent: medium. */
  readonly priority?: RunPriority;
}
