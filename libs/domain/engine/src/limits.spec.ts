import { describe, expect, it } from '@jest/globals';
import type { Ir } from '@parley/ir';
import { errorTypes } from './errors.js';
import { dryRun, type DryRun } from './dry-run.js';
import { stateBytes } from './json-size.js';
import { defaultLimits, type EngineLimits } from './limits.js';
import { buildIr } from './testing/index.js';

const steps = buildIr({ a: { set: { n: 1 } }, b: { set: { n: 2 } }, c: { set: { n: 3 } } });
const wide = buildIr({ all: { fork: { a: { wait: 1 }, b: { wait: 1 }, c: { wait: 1 } } } });
const asking = buildIr({ ask: { call: 'human', with: { title: 'Ok?', data: '${ . }' } } });

describe('ceilings of a run', () => {
  it('entries: the last one that fits, and one more', () => {
    // started and three steps; that the run completed is not counted.
    expect(run(steps, { runEntriesMax: 4 }).status).toBe('completed');
    expect(run(steps, { runEntriesMax: 3 }).error?.type).toBe(errorTypes.entriesLimit);
  });

  it('live occurrences: the last one that fits, and one more', () => {
    expect(run(wide, { runLiveMax: 4 }).status).toBe('completed');
    expect(run(wide, { runLiveMax: 3 }).error?.type).toBe(errorTypes.liveLimit);
  });

  it('state bytes: the last one that fits, and one more', () => {
    const { state } = run(asking, {});
    const bytes = stateBytes(state);
    expect(run(asking, { runStateBytesMax: bytes }).status).toBe('waiting');
    expect(run(asking, { runStateBytesMax: bytes - 1 }).error?.type).toBe(errorTypes.stateLimit);
  });

  it('bytes of a value: the last one that fits, and one more', () => {
    const keep = buildIr({
      safe: { try: { keep: { set: { text: '${ .text }' } } }, catch: {} },
      small: { set: { n: 1 } },
    });
    const input = { text: 'x'.repeat(1_000) };
    const bytes = JSON.stringify(input).length + 5;
    const limits = { valueBytesMax: bytes };
    expect(run(keep, limits, input).status).toBe('completed');
    expect(run(keep, { valueBytesMax: 900 }, input).error?.type).toBe(errorTypes.valueLimit);
    const grown = buildIr({ grow: { set: '${ [range(500)] }' }, small: { set: { n: 1 } } });
    const { error, output } = run(grown, { valueBytesMax: 2_000 });
    expect(error?.type).toBe(errorTypes.valueLimit);
    expect(error?.detail).toMatch(/more than 2000 bytes \(output of a step\)/);
    expect(output).toBeUndefined();
  });

  it('items of a map: the last one that fits, and one more', () => {
    const each = buildIr({ each: { map: { in: '[1, 2, 3]' }, do: { a: { set: 1 } } } });
    expect(run(each, { mapItemsMax: 3 }).status).toBe('completed');
    const { error } = run(each, { mapItemsMax: 2 });
    expect(error).toMatchObject({ status: 400, instance: '/do/0/each' });
    expect(error?.detail).toMatch(/at most 2 items, and `map.in` has 3\. Split the list/);
  });

  it('a map of as many items as may be', () => {
    const many = buildIr({
      each: { map: { in: '[range(10000)]' }, do: { a: { set: 1 } }, as: '${ length }' },
    });
    expect(run(many, {}).output).toBe(10_000);
    const given = buildIr({ each: { map: { in: '.items' }, do: { a: { set: 1 } } } });
    const tooMany = { items: Array.from({ length: 20_000 }, () => 0) };
    expect(run(given, {}, tooMany).error?.title).toBe('Too many items');
  });

  it('cannot be caught', () => {
    const greedy = buildIr({
      safe: { try: { spin: { set: { n: 1 }, then: 'spin' } }, catch: { do: { on: { set: {} } } } },
    });
    expect(run(greedy, { runEntriesMax: 50 }).error?.type).toBe(errorTypes.entriesLimit);
  });
});

describe('fuel of a turn', () => {
  it('is cut after the last step that fits, and goes on', () => {
    // Three tasks and the end of the scope.
    expect(kinds(run(steps, { turnNodesMax: 4 }))).not.toContain('yielded');
    const cut = run(steps, { turnNodesMax: 3 });
    expect(kinds(cut)).toContain('yielded');
    expect(cut.status).toBe('completed');
  });

  it('is cut after many bytes', () => {
    const big = buildIr({ a: { set: '${ . }' }, b: { set: '${ . }' } });
    const input = { text: 'x'.repeat(200) };
    expect(kinds(run(big, { turnBytesMax: 2_000 }, input))).not.toContain('yielded');
    expect(kinds(run(big, { turnBytesMax: 500 }, input))).toContain('yielded');
  });

  it('is cut later when of a list that grows only what is new is written', () => {
    const loop = buildIr({
      begin: { set: { all: '${ [range(1000)] }' } },
      grow: {
        for: { each: 'n', in: '[range(100)]' },
        do: { step: { set: { all: '${ .all + [$n] }' } } },
      },
    });
    const cuts = (listsGrow: boolean) =>
      kinds(run(loop, { listsGrow })).filter((kind) => kind === 'yielded').length;
    expect(cuts(false)).toBeGreaterThan(5);
    expect(cuts(true)).toBeLessThan(3);
    expect(run(loop, { listsGrow: true }).output).toEqual(run(loop, {}).output);
  });
});

function run(ir: Ir, limits: Partial<EngineLimits>, input = {}): DryRun {
  const result = dryRun(ir, {
    input,
    limits: { ...defaultLimits, ...limits },
    handlers: { human: () => undefined },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function kinds({ entries }: DryRun): string[] {
  return entries.map(({ kind }) => kind);
}
