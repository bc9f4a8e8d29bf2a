import { describe, expect, it } from '@jest/globals';
import { appliers } from './appliers.js';
import type { EntryKind } from './entries.js';
import { evolve, fold } from './evolve.js';
import { FrameMap } from './live-frames.js';
import { initialState, stateOfWritten, type RunState, type WrittenState } from './state.js';
import { buildIr, MockFailure, runInMemory } from './testing/index.js';
import { errorTypes } from './errors.js';

/** Every kind of entry; the type checker refuses this table when one is missing. */
const kinds: Readonly<Record<EntryKind, true>> = {
  started: true,
  startedFrom: true,
  entered: true,
  iterated: true,
  ran: true,
  emitted: true,
  invoked: true,
  attemptTimed: true,
  mapped: true,
  itemStarted: true,
  itemEnded: true,
  listening: true,
  listeningAgain: true,
  eventHeard: true,
  eventTaken: true,
  eventDone: true,
  skipped: true,
  dispatched: true,
  approvalOpened: true,
  decided: true,
  timerArmed: true,
  completed: true,
  failed: true,
  caught: true,
  retryScheduled: true,
  retried: true,
  yielded: true,
  reopened: true,
  suspended: true,
  resumed: true,
  stepSkipped: true,
  labelled: true,
  undoKept: true,
  undoStarted: true,
  stepUndoing: true,
  stepUndone: true,
  undoFailed: true,
  runCompleted: true,
  runFailed: true,
  runCancelled: true,
  runTerminated: true,
  commanded: true,
  overlaid: true,
  changed: true,
};

const ir = buildIr({
  each: { for: { in: '[1, 2]' }, do: { keep: { set: '${ . }' }, skip: { if: 'false', set: {} } } },
  safe: {
    try: { send: { call: 'http', with: { x: 1 } } },
    catch: {
      retry: { delayMs: 5, attemptsMax: 1, attemptDurationMsMax: 1_000 },
      do: { ask: { call: 'human', with: { title: 'Ok?' } } },
    },
  },
  tell: { emit: { type: 'com.example.told', data: { a: 1 } }, as: '${ .data }' },
  function: { do: { inner: { set: '${ . }' } }, with: { x: 1 } },
  map: { map: { in: '[1, 2, 3]' }, concurrency: 2, do: { keep: { set: '${ $item }' } } },
  all: { fork: { a: { wait: 5 }, b: { call: 'connector', timeout: 50 } } },
});
const failure = new MockFailure({ type: errorTypes.communication, status: 503 });
const { entries, state } = runInMemory(ir, {
  handlers: { http: () => failure, connector: () => ({ ok: true }) },
});

const undone = runInMemory(
  buildIr({
    each: {
      for: { in: '[1, 2]' },
      do: { keep: { set: '${ $item }', compensate: 'undo' }, undo: { set: '${ . }' } },
    },
    fails: { raise: { type: 'https://example.com/e', status: 400 } },
  }),
);

describe('evolve', () => {
  it('has one applier per kind of entry', () => {
    expect(Object.keys(appliers).sort()).toEqual(Object.keys(kinds).sort());
  });

  it('gives the live state when it is folded', () => {
    expect(state.phase).toBe('completed');
    expect(fold(initialState(), entries)).toEqual(state);
  });

  it('gives the state of a run that was undone, too', () => {
    const count = (kind: EntryKind) => undone.entries.filter((entry) => entry.kind === kind).length;
    expect([count('undoKept'), count('stepUndone'), undone.state.phase]).toEqual([2, 2, 'failed']);
    let current: RunState = deepFreeze(initialState());
    for (const entry of undone.entries) current = deepFreeze(evolve(current, deepFreeze(entry)));
    expect(current).toEqual(undone.state);
  });

  it('never changes the state it is given', () => {
    let current: RunState = deepFreeze(initialState());
    for (const entry of entries) current = deepFreeze(evolve(current, deepFreeze(entry)));
    expect(current).toEqual(state);
  });

  it('keeps state that can be written down', () => {
    let current = initialState();
    for (const entry of entries) {
      current = evolve(current, entry);
      const text = JSON.stringify(current);
      const read = stateOfWritten(JSON.parse(text) as WrittenState);
      expect(read).toEqual(current);
      expect(JSON.stringify(read)).toBe(text);
    }
    const copied = entries.map((entry) => JSON.parse(JSON.stringify(entry)) as typeof entry);
    expect(fold(initialState(), copied)).toEqual(state);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    const members = value instanceof FrameMap ? [...value.values()] : Object.values(value);
    members.forEach(deepFreeze);
  }
  return value;
}
