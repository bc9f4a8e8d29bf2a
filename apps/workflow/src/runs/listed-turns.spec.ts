import { describe, expect, it } from '@jest/globals';
import { fold, initialState, type Entry } from '@parley/engine';
import { buildIr, runInMemory } from '@parley/engine/testing';
import { ListedTurns, loadOf } from './listed-turns.js';

const ir = buildIr({
  begin: { set: { text: '${ "x" * 1000 }' } },
  one: { set: '${ . + { one: 1 } }' },
  two: { set: '${ . + { two: 2 } }' },
  three: { set: '${ . + { three: 3 } }' },
});
const { entries } = runInMemory(ir, { input: {} });
const turns = entries.map((entry, at) => ({ position: at + 1, entries: [entry] }));

function listed(bytesMax?: number): ListedTurns {
  const all = new ListedTurns(initialState(), bytesMax);
  for (const turn of turns) all.add(turn);
  return all;
}

describe('the turns that are listed', () => {
  it('are all as long as they are not too much', () => {
    expect(listed().turns).toEqual(turns);
    expect(listed().before).toEqual(initialState());
  });

  it('are the last ones when all would be too much; what was before is folded', () => {
    const last = listed(5_000);
    const folded = turns.length - last.turns.length;
    expect(folded).toBeGreaterThan(1);
    expect(last.turns).toEqual(turns.slice(folded));
    expect(last.before.entries).toBe(folded);
    const whole = fold(initialState(), entries as Entry[]);
    expect(JSON.stringify(fold(last.before, last.entries))).toBe(JSON.stringify(whole));
  });

  it('always have the last one', () => {
    expect(listed(1).turns).toEqual(turns.slice(-1));
  });

  it('are as much as their number or their size is', () => {
    const [entry] = entries as [Entry];
    expect(loadOf(Array.from({ length: 25_000 }, () => entry))).toBeCloseTo(0.5, 1);
    const large = { ...entry, input: 'x'.repeat(32 * 1024 * 1024) } as Entry;
    expect(loadOf([large])).toBeCloseTo(0.5, 1);
  });
});
