import { describe, expect, it } from '@jest/globals';
import { parseDefinition } from './parse.js';

const times = (text: string, count: number) => text.repeat(count);

describe('hostile texts', () => {
  const texts: [string, string, string, number][] = [
    ['10 MB of words', times('word ', 2_000_000), 'PL1002', 1_000],
    ['10 MB of lines', times('- a\n', 2_500_000), 'PL1002', 1_000],
    ['10,000 open lists', times('[', 10_000), 'PL1003', 1_000],
    ['10,000 objects', times('{a: ', 10_000), 'PL1003', 1_000],
    ['10,000 dashes', times('- ', 10_000), 'PL1003', 1_000],
    [
      '10,000 levels',
      Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      'PL1003',
      1_000,
    ],
    ['a bomb', `a: &a [x]\nb: &b [*a, *a]\nc: [${times('*b, ', 9_999)}*b]`, 'PL1005', 2_000],
    ['open quotes', `a: "${times('\\"', 200_000)}x`, 'PL1001', 2_000],
    ['a long key', `${times('k', 100_000)}: 1`, 'PL1001', 2_000],
  ];

  const mebibyte = (text: string) => times(text, Math.floor(1_048_576 / text.length));
  texts.push(
    ['closing brackets', mebibyte(']'), 'PL1001', 1_000],
    ['one key', mebibyte('a: b\n'), 'PL1004', 1_000],
    ['anchors', mebibyte('a: &a b\n'), 'PL1005', 1_000],
    ['tags', mebibyte('- !!str a\n'), 'PL1005', 1_000],
    ['empty lines', mebibyte('\n'), 'PL1006', 1_000],
    ['question marks', mebibyte('? '), 'PL1001', 1_000],
    [
      'many lists, then a tab',
      `${mebibyte('- a: [1, {b: c}]\n').slice(0, -17)}\t\n`,
      'PL1001',
      5_000,
    ],
  );

  it.each(['a: "\\"', "a: 'b''"])('%s is not closed', (text) => {
    const { root, reporter } = parseDefinition(text);
    expect(root).toBeUndefined();
    expect(reporter.diagnostics()).toEqual([expect.objectContaining({ code: 'PL1001' })]);
  });

  it.each(texts)('%s are refused in time, with a place', (_, text, code, msMax) => {
    const start = performance.now();
    const { root, reporter } = parseDefinition(text);
    const [first] = reporter.diagnostics();
    expect(performance.now() - start).toBeLessThan(msMax);
    expect(root).toBeUndefined();
    expect(first).toMatchObject({ code });
    expect(first?.range.start.line).toBeGreaterThanOrEqual(1);
  });
});
