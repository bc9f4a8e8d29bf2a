import { describe, expect, it } from '@jest/globals';
import { fold } from '../evolve.js';
import { jsonSize } from '../json-size.js';
import { initialState, type RunState } from '../state.js';
import { timeline } from '../timeline.js';
import { buildIr, Random, randomWorkflow, runInMemory, workflows } from '../testing/index.js';
import type { DryRun, DryRunOptions } from '../testing/index.js';
import type { Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { defaultLimits } from '../limits.js';
import { errorTypes } from '../errors.js';
import { planRerun } from '../rerun.js';
import { describeEntry } from '../history/describe-entry.js';

const answers: DryRunOptions = {
  handlers: { http: (args) => ({ got: args }), connector: () => ({ ok: true }) },
};

function both(ir: Ir, options: DryRunOptions = answers): { full: DryRun; fast: DryRun } {
  const full = runInMemory(ir, options);
  return { full, fast: runInMemory(ir, { ...options, history: 'fast' }) };
}

/** All that a run is but how much was written down. */
function stateText({ entries: _entries, unrecorded: _unrecorded, ...state }: RunState): string {
  return JSON.stringify(state);
}

const bytesOf = ({ entries }: DryRun) => jsonSize(entries as unknown as Json);

describe('the fast path', () => {
  const shapes = Array.from({ length: 60 }, (_, seed) => randomWorkflow(new Random(seed + 1)));
  const cases = [
    ...Object.entries(workflows),
    ...shapes.map((ir, at) => [`shape ${at}`, ir] as const),
  ];

  it.each(cases)('comes to the same as full history, in no more bytes: %s', (_name, ir) => {
    const { full, fast } = both(ir);
    expect(stateText(fast.state)).toBe(stateText(full.state));
    expect(fast.calls).toEqual(full.calls);
    expect(eventsOf(fast)).toEqual(eventsOf(full));
    expect(bytesOf(fast)).toBeLessThanOrEqual(bytesOf(full));
    expect(JSON.stringify(fold(initialState(), fast.entries))).toBe(JSON.stringify(fast.state));
    const counted = (fast.state.unrecorded ?? 0) + fast.entries.filter(isRecorded).length;
    expect(counted).toBe(full.entries.length);
  });

  it('records what local steps come to, and the end', () => {
    const ir = buildIr({ a: { set: '${ . + {a: 1} }' }, b: { set: '${ . + {b: 2} }' } });
    const { fast } = both(ir, { input: { given: 'x'.repeat(50) } });
    expect(fast.entries.map(({ kind }) => kind)).toEqual(['started', 'changed', 'runCompleted']);
    expect(fast.entries[1]).toEqual({ kind: 'changed', count: 2, over: true, at: 0 });
  });

  it('records answers, calls and failures whole', () => {
    const ir = buildIr({
      safe: {
        try: { a: { call: 'http', with: {} }, b: { raise: { type: 'x', status: 400 } } },
        catch: {},
      },
      c: { call: 'http', with: {} },
    });
    const { full, fast } = both(ir);
    const told = (run: DryRun) =>
      run.entries.filter(
        ({ kind }) => kind === 'dispatched' || kind === 'failed' || kind === 'caught',
      );
    expect(told(fast)).toEqual(told(full));
    const answered = fast.entries.filter(({ kind }) => kind === 'completed');
    expect(answered.map((entry) => 'occurrence' in entry && entry.occurrence)).toEqual(
      expect.arrayContaining(['do/safe/try/a', 'do/c']),
    );
  });

  it('writes of a long list only what was added to it', () => {
    const ir = buildIr({
      each: { map: { in: '[range(400)]' }, concurrency: 1, do: { a: { set: '${ "x" * 50 }' } } },
    });
    const limits = { ...defaultLimits, turnNodesMax: 30 };
    const { full, fast } = both(ir, { limits });
    expect(fast.output).toEqual(full.output);
    const changes = fast.entries.filter(({ kind }) => kind === 'changed');
    expect(changes.length).toBeGreaterThan(20);
    const largest = Math.max(
      ...changes.slice(1, -1).map((entry) => jsonSize(entry as unknown as Json)),
    );
    expect(largest).toBeLessThan(2_500);
  });

  it('counts what it has not recorded: a loop without end is found out as ever', () => {
    const ir = buildIr({ spin: { set: { n: 1 }, then: 'spin' } });
    const limits = { ...defaultLimits, runEntriesMax: 5_000 };
    expect(both(ir, { limits }).fast.error?.type).toBe(errorTypes.entriesLimit);
  });

  it('says what is not recorded', () => {
    const ir = buildIr({
      loop: { for: { in: '[1, 2, 3]' }, do: { a: { set: '${ . }' } } },
      wait: { wait: 5 },
      b: { set: 1 },
    });
    const { fast } = both(ir);
    const changed = fast.entries.find(({ kind }) => kind === 'changed');
    expect(changed && describeEntry(changed).summary).toMatch(/not recorded: fast path/);
    expect(timeline(fast.entries).map(({ name }) => name)).toContain('wait');
    const plan = planRerun(fast.entries, 'do/b');
    expect(!plan.ok && plan.error).toMatch(/takes the fast path/);
    expect(planRerun(both(ir).full.entries, 'do/b').ok).toBe(true);
  });
});

function isRecorded({ kind }: { readonly kind: string }): boolean {
  return kind !== 'changed';
}

function eventsOf({ entries }: DryRun): unknown[] {
  return entries.flatMap((entry) => (entry.kind === 'emitted' ? [entry.event] : []));
}
