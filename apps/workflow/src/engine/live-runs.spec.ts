import { describe, expect, it } from '@jest/globals';
import { framesFrom, initialState, type Frame, type LoadedIr, type RunState } from '@parley/engine';
import type { Ir } from '@parley/ir';
import { ok } from '@parley/kernel';
import { LiveRuns, type LiveRun } from './live-runs.js';

const states = {
  busy: { ...initialState(), phase: 'running' },
  waiting: {
    ...initialState(),
    phase: 'running',
    frames: framesFrom({ ask: { kind: 'wait', occurrence: 'ask' } as Frame }),
  },
  ended: { ...initialState(), phase: 'completed' },
} as unknown as Record<'busy' | 'waiting' | 'ended', RunState>;

function liveRunsOf(idleMax: number, idleBytesMax?: number): LiveRuns {
  const nothing = () => Promise.resolve(undefined);
  const store = { loadRun: nothing, loadIr: nothing };
  return new LiveRuns({
    store,
    idleMax,
    idleBytesMax,
    onRecovered: () => undefined,
    holdOf: () => store,
  });
}

function keep(
  runs: LiveRuns,
  runId: string,
  status: keyof typeof states,
  { pending = 0, bytes = 100 } = {},
): LiveRun {
  const size = { snapshotLength: 0, unsnapped: bytes, weight: 0 };
  const run = { facts: { runId }, state: states[status], position: 1, pending, ...size } as LiveRun;
  runs.keep(run);
  runs.forget(run);
  return run;
}

describe('runs in memory (L3)', () => {
  it('are forgotten as soon as they have ended, unless a turn is not durable yet', () => {
    const runs = liveRunsOf(10);
    keep(runs, 'ended', 'ended');
    keep(runs, 'ending', 'ended', { pending: 1 });
    expect(runs.get('ended')).toBeUndefined();
    expect(runs.get('ending')).toBeDefined();
  });

  it('are forgotten when there are many, those that wait and no others', () => {
    const runs = liveRunsOf(10);
    keep(runs, 'busy', 'busy');
    keep(runs, 'writing', 'waiting', { pending: 1 });
    for (let i = 0; i < 20; i++) keep(runs, `waiting ${String(i)}`, 'waiting');
    const left = Array.from({ length: 20 }, (_, i) => runs.get(`waiting ${String(i)}`));
    expect(left.filter(Boolean).length).toBeLessThanOrEqual(10);
    expect(runs.get('busy')).toBeDefined();
    expect(runs.get('writing')).toBeDefined();
  });

  it('are forgotten when they are large, those that wait and no others', () => {
    const runs = liveRunsOf(1_000, 1_000_000);
    keep(runs, 'busy', 'busy', { bytes: 800_000 });
    for (let i = 0; i < 30; i++) keep(runs, `waiting ${String(i)}`, 'waiting', { bytes: 100_000 });
    const left = Array.from({ length: 30 }, (_, i) => runs.get(`waiting ${String(i)}`));
    expect(left.filter(Boolean).length).toBeLessThan(10);
    expect(runs.get('busy')).toBeDefined();
    keep(runs, 'busy', 'ended', { bytes: 800_000 });
    for (let i = 0; i < 9; i++) keep(runs, `small ${String(i)}`, 'waiting', { bytes: 1_000 });
    expect(runs.get('small 0')).toBeDefined();
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

describe('compiled definitions in memory', () => {
  it('are read once, however many runs ask for one at the same time', async () => {
    let reads = 0;
    const ir = { hash: 'hash' } as Ir;
    const runs = new LiveRuns({
      store: {
        loadRun: () => Promise.resolve(undefined),
        loadIr: () => {
          reads += 1;
          return Promise.resolve(reads === 1 ? undefined : ir);
        },
      },
      load: (loaded) => ok({ ir: loaded } as LoadedIr),
      onRecovered: () => undefined,
      holdOf: () => undefined,
    });
    const first = runs.program('ten_a', 'hash');
    const others = Array.from({ length: 100 }, () => runs.program('ten_a', 'hash'));
    // Who asked later is not told of what was not there before.
    await expect(first).rejects.toMatchObject({ code: 'internal' });
    expect((await Promise.all(others)).every((program) => program.ir === ir)).toBe(true);
    expect(await runs.program('ten_a', 'hash')).toMatchObject({ ir });
    expect(reads).toBe(2);
  });
});
