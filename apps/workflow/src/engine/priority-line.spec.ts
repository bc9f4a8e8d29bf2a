import { describe, expect, it } from '@jest/globals';
import type { RunPriority } from '@parley/ir';
import { Random } from '@parley/engine/testing';
import { FairLines, PriorityLine } from './priority-line.js';

function lineOf(waiting: readonly RunPriority[]): PriorityLine<string> {
  const line = new PriorityLine<string>();
  for (const [at, priority] of waiting.entries()) line.add(`${priority} ${String(at)}`, priority);
  return line;
}

function taken(line: PriorityLine<string>, count = line.size): string[] {
  return Array.from({ length: count }, () => line.take() ?? 'nothing');
}

const times = (count: number, priority: RunPriority) =>
  Array.from({ length: count }, () => priority);
const kinds = (items: readonly string[]) => items.map((item) => item.charAt(0)).join('');

describe('what waits of one tenant', () => {
  it.each<[string, readonly RunPriority[], string]>([
    ['in order', ['medium', 'medium', 'medium'], 'mmm'],
    ['the higher first, however late it came', ['low', 'medium', 'high'], 'hml'],
    [
      'by shares of 16, 4 and 1',
      [...times(21, 'low'), ...times(21, 'medium'), ...times(21, 'high')],
      `${'hhhhm'.repeat(4)}lhhhhmhmmml${'mmmml'.repeat(3)}m${'l'.repeat(16)}`,
    ],
  ])('goes %s', (_, waiting, order) => {
    expect(kinds(taken(lineOf(waiting)))).toBe(order);
  });

  it('goes in the order in which it came, of each priority (Q1)', () => {
    const line = lineOf(['high', 'low', 'high', 'low', 'high']);
    expect(taken(line)).toEqual(['high 0', 'high 2', 'high 4', 'low 1', 'low 3']);
  });

  it('saves nothing up while there is nothing of it (Q3)', () => {
    const line = lineOf(times(1_000, 'medium'));
    taken(line, 500);
    for (let n = 0; n < 40; n++) line.add('high', 'high');
    expect(kinds(taken(line, 25))).toBe('hhhhm'.repeat(5));
  });

  it('is taken out where nobody wants it any more, and nothing else is', () => {
    const line = lineOf(['high', 'medium', 'medium', 'low']);
    expect(line.peek()).toBe('high 0');
    expect(line.remove((item) => item.endsWith('1') || item.endsWith('3')).sort()).toEqual([
      'low 3',
      'medium 1',
    ]);
    expect(line.size).toBe(2);
    expect(taken(line)).toEqual(['high 0', 'medium 2']);
    expect(line.take()).toBeUndefined();
  });

  it('never waits for more than the others’ shares, whatever comes (Q2)', () => {
    const random = new Random(Number(process.env['PARLEY_TEST_SEED'] ?? 20_261_130));
    for (let round = 0; round < 200; round++) {
      const line = new PriorityLine<RunPriority>();
      /** What has gone since the first of a priority is the first. */
      const passed = { high: 0, medium: 0, low: 0 };
      let high = 0;
      let medium = 0;
      let isWaiting = false;
      for (let step = 0; step < 300; step++) {
        for (let n = random.below(4); n > 0; n--) {
          const priority = random.chance(0.7) ? 'high' : 'medium';
          line.add(priority, priority);
        }
        if (!isWaiting && random.chance(0.1)) {
          line.add('low', 'low');
          [isWaiting, high, medium] = [true, 0, 0];
        }
        const gone = line.take();
        if (gone === 'low') isWaiting = false;
        if (gone === 'high') high += 1;
        if (gone === 'medium') medium += 1;
        if (isWaiting) {
          passed.high = Math.max(passed.high, high);
          passed.medium = Math.max(passed.medium, medium);
        }
      }
      expect(passed.high).toBeLessThanOrEqual(16);
      expect(passed.medium).toBeLessThanOrEqual(5);
    }
  });
});

describe('what waits of all tenants', () => {
  it('goes by turns, whatever the priorities are', () => {
    const lines = new FairLines<string>();
    for (let n = 0; n < 3; n++) lines.add('a', `a${String(n)}`, 'high');
    lines.add('b', 'b0', 'low');
    lines.add('b', 'b1', 'high');
    lines.add('c', 'c0');
    const order = Array.from({ length: 7 }, () => lines.take());
    expect(order).toEqual(['a0', 'b1', 'c0', 'a1', 'b0', 'a2', undefined]);
  });
});
