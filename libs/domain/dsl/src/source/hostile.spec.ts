import { describe, expect, it } from '@jest/globals';
import { parseDefinition } from './parse.js';

const times = (text: string, count: number) => text.repeat(count);

/** That the work on them grows no faster than they do, `test/hostile.sim.spec.ts` counts. */
describe('hostile texts', () => {
  const texts: [string, string, string][] = [
    ['10 MB of words', times('word ', 2_000_000), 'PL1002'],
    ['10 MB of lines', times('- a\n', 2_500_000), 'PL1002'],
    ['10,000 open lists', times('[', 10_000), 'PL1003'],
    ['10,000 objects', times('{a: ', 10_000), 'PL1003'],
    ['10,000 dashes', times('- ', 10_000), 'PL1003'],
    [
      '10,000 levels',
      Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      'PL1003',
    ],
    ['a bomb', `a: &a [x]\nb: &b [*a, *a]\nc: [${times('*b, ', 9_999)}*b]`, 'PL1005'],
    ['open quotes', `a: "${times('\\"', 200_000)}x`, 'PL1001'],
    ['a long key', `${times('k', 100_000)}: 1`, 'PL1001'],
  ];

  const mebibyte = (text: string) => times(text, Math.floor(1_048_576 / text.length));
  texts.push(
    ['closing brackets', mebibyte(']'), 'PL1001'],
    ['one key', mebibyte('a: b\n'), 'PL1004'],
    ['anchors', mebibyte('a: &a b\n'), 'PL1005'],
    ['tags', mebibyte('- !!str a\n'), 'PL1005'],
    ['empty lines', mebibyte('\n'), 'PL1006'],
    ['question marks', mebibyte('? '), 'PL1001'],
    ['many lists, then a tab', `${mebibyte('- a: [1, {b: c}]\n').slice(0, -17)}\t\n`, 'PL1001'],
  );

  it.each(['a: "\\"', "a: 'b''"])('%s is not closed', (text) => {
    const { root, reporter } = parseDefinition(text);
    expect(root).toBeUndefined();
    expect(reporter.diagnostics()).toEqual([expect.objectContaining({ code: 'PL1001' })]);
  });

  it.each(texts)('%s are refused, with a place', (_, text, code) => {
    const { root, reporter } = parseDefinition(text);
    const [first] = reporter.diagnostics();
    expect(root).toBeUndefined();
    expect(first).toMatchObject({ code });
    expect(first?.range.start.line).toBeGreaterThanOrEqual(1);
  });
});
