import { describe, expect, it } from '@jest/globals';
import { parseDefinition } from './parse.js';

const times = (text: string, count: number) => text.repeat(count);

describe('hostile texts', () => {
  const texts: [string, string, string, number][] = [
    ['10 MB of words', times('word ', 2_000_000), 'PL1002', 100],
    ['10 MB of lines', times('- a\n', 2_500_000), 'PL1002', 100],
    ['10,000 open lists', times('[', 10_000), 'PL1003', 100],
    ['10,000 objects', times('{a: ', 10_000), 'PL1003', 100],
    ['10,000 dashes', times('- ', 10_000), 'PL1003', 100],
    [
      '10,000 levels',
      Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      'PL1003',
      200,
    ],
    ['a bomb', `a: &a [x]\nb: &b [*a, *a]\nc: [${times('*b, ', 9_999)}*b]`, 'PL1005', 2_000],
    ['open quotes', `a: "${times('\\"', 200_000)}x`, 'PL1001', 2_000],
    ['a long key', `${times('k', 100_000)}: 1`, 'PL1001', 2_000],
  ];

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
