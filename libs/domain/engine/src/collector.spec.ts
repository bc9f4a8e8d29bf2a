import { describe, expect, it } from '@jest/globals';
import type { IrConsumption, IrEventFilter } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';
import {
  collect,
  concerns,
  isComplete,
  isSingle,
  loadTrigger,
  startedBy,
  type Collection,
  type LoadedTrigger,
} from './collector.js';

const now = Date.parse('2026-11-20T10:00:00Z');

const filter = (type: string, correlate?: IrEventFilter['correlate']): IrEventFilter => ({
  with: [['type', { kind: 'literal', value: type }]],
  ...(correlate && { correlate }),
});
const byOrder = [['order', { from: '.data.order' }]] as const;
const [a, b, end] = [filter('a'), filter('b'), filter('end')];

function triggerOf(on: IrConsumption, read?: 'envelope'): LoadedTrigger {
  const loaded = loadTrigger({ on, ...(read && { read }) });
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

/** Events as `type`, or `type:order`. */
const eventOf = (text: string): JsonObject => {
  const [type = '', order] = text.split(':');
  return { type, data: order === undefined ? text : { order } };
};

interface Kept extends Collection {
  readonly told: readonly string[];
}

/** Collects as a schedule does; the runs that start, each with its input. */
function runsOf(on: IrConsumption, events: readonly string[]): { runs: string[]; left: number } {
  const trigger = triggerOf(on);
  let open: Kept[] = [];
  const runs: string[] = [];
  for (const [at, text] of events.entries()) {
    for (const { collection, match } of collect(trigger, open, { event: eventOf(text), now })) {
      const before = open.find(({ id }) => id === collection);
      const kept: Kept = {
        id: before?.id ?? String(at),
        matched: [
          ...(before?.matched ?? []),
          ...(match.filter === undefined ? [] : [match.filter]),
        ],
        keys: { ...before?.keys, ...match.keys },
        told: [...(before?.told ?? []), ...(match.value === undefined ? [] : [text])],
      };
      const values = kept.told.map((one) => eventOf(one)['data'] ?? null);
      const complete =
        match.last ?? (match.value !== undefined && isComplete(trigger, values, now));
      open =
        before === undefined ? [...open, kept] : open.map((one) => (one === before ? kept : one));
      if (!complete) continue;
      open = open.filter((one) => one !== kept);
      if (kept.told.length > 0) runs.push(kept.told.join(' '));
    }
  }
  return { runs, left: open.reduce((sum, { told }) => sum + told.length, 0) };
}

describe('events that start a run together', () => {
  const all: IrConsumption = { mode: 'all', filters: [a, b] };
  const related: IrConsumption = {
    mode: 'all',
    filters: [filter('a', byOrder), filter('b', byOrder)],
  };
  const three: IrConsumption = { mode: 'any', filters: [a, b], until: { source: 'length == 3' } };
  const ended: IrConsumption = {
    mode: 'any',
    filters: [a],
    until: { mode: 'one', filters: [end] },
  };
  const endedByBoth: IrConsumption = {
    mode: 'any',
    filters: [a],
    until: { mode: 'all', filters: [b, end] },
  };
  const endedByOrder: IrConsumption = {
    mode: 'any',
    filters: [filter('a', byOrder)],
    until: { mode: 'one', filters: [filter('b', byOrder), end] },
  };

  it.each<[string, IrConsumption, string, { runs: string[]; left: number }]>([
    ['one of each', all, 'a b', { runs: ['a b'], left: 0 }],
    ['in any order', all, 'b a', { runs: ['b a'], left: 0 }],
    ['and others do not matter', all, 'x a x b', { runs: ['a b'], left: 0 }],
    [
      'a second one of a kind is for the next run',
      all,
      'a a b b',
      { runs: ['a b', 'a b'], left: 0 },
    ],
    ['what has no partner waits', all, 'a b a', { runs: ['a b'], left: 1 }],
    [
      'those that belong together',
      related,
      'a:1 a:2 b:2 b:1',
      { runs: ['a:2 b:2', 'a:1 b:1'], left: 0 },
    ],
    ['others do not', related, 'a:1 b:2', { runs: [], left: 2 }],
    ['until a condition holds', three, 'a b a a b', { runs: ['a b a'], left: 2 }],
    ['until another comes', ended, 'a a end a end', { runs: ['a a', 'a'], left: 0 }],
    ['an end of nothing starts nothing', ended, 'end a end end', { runs: ['a'], left: 0 }],
    ['until several others have come', endedByBoth, 'a b a end a', { runs: ['a a'], left: 1 }],
    ['also when the first of them comes first', endedByBoth, 'b a end', { runs: ['a'], left: 0 }],
    [
      'an end that belongs to some',
      endedByOrder,
      'a:1 a:2 a:1 b:1 a:2',
      { runs: ['a:1 a:1'], left: 2 },
    ],
    [
      'an end that belongs to all',
      endedByOrder,
      'a:1 a:2 a:1 end',
      { runs: ['a:1 a:1', 'a:2'], left: 0 },
    ],
    [
      'every event',
      { mode: 'any', filters: [], until: { source: 'length == 2' } },
      'x y z',
      { runs: ['x y'], left: 1 },
    ],
    [
      'a condition that fails does not hold',
      { mode: 'any', filters: [a], until: { source: 'error("no")' } },
      'a a',
      { runs: [], left: 2 },
    ],
  ])('%s', (_case, on, events, becomes) => {
    expect(runsOf(on, events.split(' '))).toEqual(becomes);
    expect(isSingle(on)).toBe(false);
  });

  it('are looked at only when a filter lets them pass', () => {
    const trigger = triggerOf(endedByBoth);
    const passing = ['a', 'b', 'end', 'x'].filter((type) =>
      concerns(trigger, { event: eventOf(type), now }),
    );
    expect(passing).toEqual(['a', 'b', 'end']);
  });
});

describe('an event that starts a run by itself', () => {
  const expecting = (order: string): IrConsumption => ({
    mode: 'one',
    filters: [
      filter('a', [['order', { from: '.data.order', expect: { kind: 'literal', value: order } }]]),
    ],
  });

  it.each<[string, IrConsumption, string, boolean]>([
    ['of the one filter', { mode: 'one', filters: [a] }, 'a', true],
    ['of any filter', { mode: 'any', filters: [a, b] }, 'b', true],
    ['of all filters, of which there is one', { mode: 'all', filters: [a] }, 'a', true],
    ['without a filter', { mode: 'any', filters: [] }, 'x', true],
    ['of no filter', { mode: 'any', filters: [a, b] }, 'x', false],
    ['with the value that a key must have', expecting('1'), 'a:1', true],
    ['with another', expecting('1'), 'a:2', false],
    [
      'of which a key cannot be read',
      { mode: 'one', filters: [filter('a', [['k', { from: '.data.x' }]])] },
      'a',
      false,
    ],
  ])('%s', (_case, on, text, starts) => {
    const trigger = triggerOf(on);
    expect(trigger.single).toBe(true);
    const value = startedBy(trigger, { event: eventOf(text), now });
    expect(value).toEqual(starts ? eventOf(text)['data'] : undefined);
  });

  it('is the whole of it where the definition asks for that', () => {
    const trigger = triggerOf({ mode: 'one', filters: [a] }, 'envelope');
    expect(startedBy(trigger, { event: eventOf('a'), now })).toEqual(eventOf('a'));
  });
});

it('a trigger with an expression that is none is not loaded', () => {
  const on: IrConsumption = { mode: 'any', filters: [a], until: { source: '.a |' } };
  expect(loadTrigger({ on })).toMatchObject({ ok: false });
});
