import { describe, expect, it } from '@jest/globals';
import { initialState, type RunState } from '@parley/engine';
import { LiveRuns, type LiveRun } from './live-runs.js';

const states = {
  busy: { ...initialState(), phase: 'running' },
  waiting: { ...initialState(), phase: 'running', frames: { ask: { kind: 'wait' } } },
  ended: { ...initialState(), phase: 'completed' },
} as unknown as Record<'busy' | 'waiting' | 'ended', RunState>;

function liveRunsOf(idleMax: number): LiveRuns {
  const nothing = () => Promise.resolve(undefined);
  const store = { loadRun: nothing, loadIr: nothing };
  return new LiveRuns({ store, idleMax, onRecovered: () => undefined, holdOf: () => store });
}

function keep(runs: LiveRuns, runId: string, status: keyof typeof states, pending = 0): LiveRun {
  const run = { facts: { runId }, state: states[status], position: 1, pending } as LiveRun;
  runs.keep(run);
  runs.forget(run);
  return run;
}

describe('runs in memory (L3)', () => {
  it('are forgotten as soon as they have ended, unless a turn is not durable yet', () => {
    const runs = liveRunsOf(10);
    keep(runs, 'ended', 'ended');
    keep(runs, 'ending', 'ended', 1);
    expect(runs.get('ended')).toBeUndefined();
    expect(runs.get('ending')).toBeDefined();
  });

  it('are forgotten when there are many, those that wait and no others', () => {
    const runs = liveRunsOf(10);
    keep(runs, 'busy', 'busy');
    keep(runs, 'writing', 'waiting', 1);
    for (let i = 0; i < 20; i++) keep(runs, `waiting ${String(i)}`, 'waiting');
    const left = Array.from({ length: 20 }, (_, i) => runs.get(`waiting ${String(i)}`));
    expect(left.filter(Boolean).length).toBeLessThanOrEqual(10);
    expect(runs.get('busy')).toBeDefined();
    expect(runs.get('writing')).toBeDefined();
  });

  it('are looked through seldom, however many are busy', () => {
    const runs = liveRunsOf(100);
    let looks = 0;
    for (let i = 0; i < 2_000; i++) {
      const run = keep(runs, `busy ${String(i)}`, 'busy');
      Object.defineProperty(run, 'pending', { get: () => ((looks += 1), 0) });
    }
    expect(looks).toBeLessThan(2_000 * 40);
  });

  it('drop only the object that was lost, not the one that was read after it', () => {
    const runs = liveRunsOf(10);
    const lost = keep(runs, 'a', 'busy');
    const again = keep(runs, 'a', 'busy');
    runs.drop(lost);
    expect(runs.get('a')).toBe(again);
  });
});
