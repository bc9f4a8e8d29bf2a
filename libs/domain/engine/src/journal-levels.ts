import { AppError } from '@parley/kernel';
import type { Entry, EntryKind } from './entries.js';
import type { StimulusKind } from './stimuli.js';

/** What every release reads, also those that say nothing of levels. */
export const baseLevel = 1;

/**
 * The level at which each kind of entry came. A process writes a kind only when every replica has
 * announced its level, so that whoever has a run next can read it. A new kind gets a level that no
 * release has had; the level of a kind is never changed.
 */
export const levelOfKind: Readonly<Record<EntryKind, number>> = {
  started: baseLevel,
  startedFrom: baseLevel,
  entered: baseLevel,
  iterated: baseLevel,
  ran: baseLevel,
  emitted: baseLevel,
  invoked: baseLevel,
  attemptTimed: baseLevel,
  mapped: baseLevel,
  itemStarted: baseLevel,
  itemEnded: baseLevel,
  listening: baseLevel,
  listeningAgain: baseLevel,
  eventHeard: baseLevel,
  eventTaken: baseLevel,
  eventDone: baseLevel,
  skipped: baseLevel,
  dispatched: baseLevel,
  approvalOpened: baseLevel,
  decided: baseLevel,
  timerArmed: baseLevel,
  completed: baseLevel,
  failed: baseLevel,
  caught: baseLevel,
  retryScheduled: baseLevel,
  retried: baseLevel,
  yielded: baseLevel,
  reopened: baseLevel,
  suspended: baseLevel,
  resumed: baseLevel,
  stepSkipped: baseLevel,
  labelled: baseLevel,
  undoKept: baseLevel,
  undoStarted: baseLevel,
  stepUndoing: baseLevel,
  stepUndone: baseLevel,
  undoFailed: baseLevel,
  runCompleted: baseLevel,
  runFailed: baseLevel,
  runCancelled: baseLevel,
  runTerminated: baseLevel,
  commanded: baseLevel,
  overlaid: 2,
  changed: 2,
};

/** What else an older process would misread, and the level at which it came. */
export const levelOfFeature = {
  /** Schedules whose runs are started by several events together. */
  collectedEvents: 2,
  /** Turns whose lists that grow are written down once. */
  grownLists: 3,
} as const satisfies Readonly<Record<string, number>>;
export type LevelledFeature = keyof typeof levelOfFeature;

/** What this release reads: all of the above. */
export const journalLevel = Math.max(
  ...Object.values(levelOfKind),
  ...Object.values(levelOfFeature),
);

/** What a stimulus asks for that is above the base, and that can be refused before it is tried. */
export function levelOfStimulus(kind: StimulusKind): number {
  return kind === 'applyOverlay' ? levelOfKind.overlaid : baseLevel;
}

/** The highest level of these entries. */
export function levelOf(entries: readonly Pick<Entry, 'kind'>[]): number {
  let level = baseLevel;
  for (const { kind } of entries) level = Math.max(level, levelOfKind[kind]);
  return level;
}

/** @throws AppError `unavailable`: another process, of a newer release, can read it */
export function unreadable(kind: string): AppError {
  return new AppError(
    'unavailable',
    `an entry of the kind "${kind.slice(0, 60)}" was written by a newer version of Parley, and this one cannot read it: start the newer version`,
  );
}
