import { describe, expect, it } from '@jest/globals';
import { framesFrom, initialState, type Frame, type RunState } from '@parley/engine';
import { parseJson, type Json } from '@parley/kernel';
import { KnownClaims } from '../payloads/known-claims.js';
import { decodePayload } from './codec.js';
import {
  claimsOfSnapshot,
  snapshotDue,
  stateOfSnapshot,
  type EncodedSnapshot,
  type ParsedSnapshot,
  type SnapshotProgress,
} from './snapshots.js';

const progress = (claimed: SnapshotProgress['claimed'] = new KnownClaims()): SnapshotProgress => ({
  ...{ claimed, unsnapped: 0, snapshotLength: 0 },
});

const running = (more: object = {}): RunState => ({
  ...initialState(),
  phase: 'running',
  run: 'run_1',
  ...more,
});

const bytesMin = 1_000;

const parsed = (payload: Buffer) => decodePayload<ParsedSnapshot & Json>(payload);

/** Plays turns that each write so much, and make the state so large. */
function play(turns: number, written: number, stateLength: (turn: number) => number) {
  const run = progress();
  const taken: number[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    const state = running({ context: 'x'.repeat(stateLength(turn)) });
    if (snapshotDue(run, { state }, { length: written, bytesMin }) !== undefined)
      taken.push(run.snapshotLength);
  }
  return { taken, snapshots: taken.reduce((sum, length) => sum + length, 0) };
}

describe('snapshots (N1)', () => {
  it('are none of short runs, and none of runs that have ended', () => {
    expect(play(3, 300, () => 10).taken).toEqual([]);
    const ended = running({ phase: 'completed' });
    expect(snapshotDue(progress(), { state: ended }, { length: 5_000, bytesMin })).toBeUndefined();
  });

  it('of a small state come when there is something to fold', () => {
    expect(play(100, 100, () => 10).taken).toHaveLength(10);
  });

  it('of a large state, or one that grows, take about as much as the entries', () => {
    for (const length of [() => 50_000, (turn: number) => turn * 90]) {
      const { taken, snapshots } = play(10_000, 100, length);
      expect(taken.length).toBeGreaterThan(3);
      expect(snapshots).toBeLessThan(2.1 * 10_000 * 100 + 50_000);
    }
  });
});

describe('a snapshot', () => {
  function taken(state: RunState, claimed?: SnapshotProgress['claimed']): EncodedSnapshot {
    const snapshot = snapshotDue(progress(claimed), { state }, { length: 1, bytesMin: 0 });
    if (snapshot === undefined) throw new Error('no snapshot was taken');
    return snapshot;
  }

  it('keeps every digit, and the order of keys', () => {
    const text = '{"10":1,"9":12345678901234567890.000000000000000001}';
    const state = running({ context: parseJson(text), entries: 7 });
    const { payload, entries } = taken(state);
    expect(entries).toBe(7);
    expect(JSON.stringify(stateOfSnapshot(parsed(payload), () => null))).toBe(
      JSON.stringify(state),
    );
  });

  it('refers to values that are objects, wherever they stand, and makes none (N2)', () => {
    const large: Json = { text: 'x'.repeat(20_000) };
    const unknown: Json = { other: 'y' };
    const frame = { kind: 'fork', occurrence: 'do/a', input: large, outputs: [null, large, 1] };
    const state = running({
      context: large,
      frames: framesFrom({ 'do/a': frame as unknown as Frame }),
      ready: [{ do: 'leave', scope: 'do/a', output: large }],
      failure: { occurrence: 'do/a', raw: large, error: unknown },
      kept: [{ occurrence: 'do/b', as: 'do/c', node: 'do/c', input: large, output: 1 }],
    });
    const known = new KnownClaims();
    known.learn(large, 'hash');
    const { payload } = taken(state, known);
    expect(payload.length).toBeLessThan(2_000);
    expect(claimsOfSnapshot(parsed(payload))).toEqual(['hash']);
    const read = stateOfSnapshot(parsed(payload), () => large);
    expect(read).toEqual(state);
    expect(JSON.stringify(read)).toBe(JSON.stringify(state));
    expect(state.context).toBe(large);
  });
});
