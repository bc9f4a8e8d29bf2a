import { describe, expect, it } from '@jest/globals';
import type { Entry } from './entries.js';
import { fold } from './evolve.js';
import {
  baseLevel,
  journalLevel,
  levelOf,
  levelOfFeature,
  levelOfKind,
  levelOfStimulus,
} from './journal-levels.js';
import { initialState } from './state.js';

/** What a release before levels reads: nothing is added here. */
const baseKinds =
  `approvalOpened attemptTimed caught commanded completed decided dispatched emitted entered
  eventDone eventHeard eventTaken failed invoked itemEnded itemStarted iterated labelled listening
  listeningAgain mapped ran reopened resumed retried retryScheduled runCancelled runCompleted runFailed
  runTerminated skipped started startedFrom stepSkipped stepUndoing stepUndone suspended timerArmed
  undoFailed undoKept undoStarted yielded`.split(/\s+/);

describe('levels of the journal', () => {
  it('have a base that nothing is added to', () => {
    const kinds = Object.entries(levelOfKind).filter(([, level]) => level === baseLevel);
    expect(kinds.map(([kind]) => kind).toSorted()).toEqual(baseKinds);
  });

  it('have no gaps: each is that of something', () => {
    const all = [...Object.values(levelOfKind), ...Object.values(levelOfFeature)];
    const levels = [...new Set(all)].toSorted((a, b) => a - b);
    expect(levels).toEqual(Array.from({ length: journalLevel }, (_, at) => at + 1));
  });

  it('of a turn are the highest of its entries', () => {
    expect(levelOf([])).toBe(baseLevel);
    expect(levelOf([{ kind: 'entered' }, { kind: 'overlaid' }, { kind: 'ran' }])).toBe(2);
    expect([levelOfStimulus('applyOverlay'), levelOfStimulus('cancel')]).toEqual([2, baseLevel]);
  });

  it.each(['hologram', 'toString'])('an entry of an unknown kind is refused: %s', (kind) => {
    const entry = { kind, at: 0 } as unknown as Entry;
    expect(() => fold(initialState(), [entry])).toThrow(
      expect.objectContaining({ code: 'unavailable', message: expect.stringContaining(kind) }),
    );
  });
});
