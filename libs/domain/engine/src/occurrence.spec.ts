import { describe, expect, it } from '@jest/globals';
import {
  childOccurrence,
  encodeNodePath,
  formatOccurrence,
  logicalOccurrence,
  nextGeneration,
  parseOccurrence,
} from './occurrence.js';

describe('occurrence', () => {
  it.each([
    ['do/reserve', 'do/reserve', 1],
    ['do/each[2]/do/reserve#3', 'do/each/do/reserve', 2],
    ['do/each#2!3[0]/do/all[4]/fork/branches/x!2', 'do/each/do/all/fork/branches/x', 3],
    ['do/odd %5Bname%5D%23', 'do/odd [name]#', 1],
  ])('O1 %s parses and formats back', (text, node, steps) => {
    const parsed = parseOccurrence(text);
    expect(parsed).toMatchObject({ ok: true, value: { node } });
    if (!parsed.ok) return;
    expect(parsed.value.steps).toHaveLength(steps);
    expect(formatOccurrence(parsed.value)).toBe(text);
  });

  it.each(['do/a#1', 'do/a!1', 'do/a[x]', 'do/a]', 'do/a#02', 'do/a%', 'do/a!2#2', '#2'])(
    'O1 %s is not canonical',
    (text) => {
      expect(parseOccurrence(text).ok).toBe(false);
    },
  );

  it('O2 leaves out a first visit and a first generation', () => {
    expect(childOccurrence('', 'do/a', { visit: 1 })).toBe('do/a');
    expect(childOccurrence('do/a', '/do/b', { visit: 2 })).toBe('do/a/do/b#2');
    expect(nextGeneration('do/a#2')).toBe('do/a#2!2');
    expect(nextGeneration('do/a#2!9')).toBe('do/a#2!10');
    expect(logicalOccurrence('do/a!2[1]/do/b#3!4')).toBe('do/a[1]/do/b#3');
  });

  it('O3 keeps the iteration apart from the name', () => {
    expect(childOccurrence('do/a', '/do/b', { index: 0, visit: 1 })).toBe('do/a[0]/do/b');
  });

  it('O5 encodes what names may not contain', () => {
    const tail = encodeNodePath('do/50% [off]! #1');
    const parsed = parseOccurrence(childOccurrence('', tail, { visit: 2 }));
    expect(parsed).toMatchObject({ ok: true, value: { node: 'do/50% [off]! #1' } });
  });
});
