import { describe, expect, it } from '@jest/globals';
import { call, findingsIn, findingsOf, head, repaired, task, tasks } from './fixtures.js';

describe('fixes', () => {
  const fixes: readonly (readonly [string, string])[] = [
    [task('call: http\n«wiht»: { method: get, endpoint: "https://a.example" }'), 'with'],
    [task('set: { a: «12345678901234567890» }'), "'12345678901234567890'"],
    [tasks('- a: { wait: PT1S }\n- «a»: { wait: PT1S }'), 'a2'],
    [task('wait: PT1S\nthen: «ende»'), 'end'],
    [task('wait: «90 seconds»'), 'PT1M30S'],
    [
      head.replace(' }', ', metadata: { timezone: «Berlin» } }') + 'do: [{ a: { wait: PT1S } }]',
      'Europe/Berlin',
    ],
    [
      call('connector: orders\noperation: confirmOrder\ninput: { «orderID»: a, quantity: 2 }'),
      'orderId',
    ],
  ];

  it.each(fixes)('%j → %s makes it valid', (marked, newText) => {
    const { diagnostics, source } = findingsIn(marked);
    const fix = diagnostics[0]?.fix;
    expect(fix?.newText).toBe(newText);
    expect(findingsOf(repaired(source, diagnostics[0]) ?? '')).toEqual([]);
  });

  it('splits two tasks in one item', () => {
    const { diagnostics, source } = findingsIn(tasks('- a: { wait: PT1S }\n  «b»: { wait: PT1S }'));
    expect(findingsOf(repaired(source, diagnostics[0]) ?? '')).toEqual([]);
  });
});

describe('limits', () => {
  it('refuses more than 4 MiB', () => {
    const diagnostics = findingsOf(`# ${'x'.repeat(4_194_304)}`);
    expect(diagnostics.map((one) => one.code)).toEqual(['PL1002']);
  });

  it('takes 10,000 tasks and no more', () => {
    const list = (count: number) =>
      Array.from({ length: count }, (_, index) => `  - s${index}: { wait: PT1S }`).join('\n');
    expect(findingsOf(`${head}do:\n${list(10_000)}`)).toEqual([]);
    const over = findingsOf(`${head}do:\n${list(10_001)}`);
    expect(over.map((one) => one.code)).toEqual(['PL1061']);
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(50_000)],
    [
      'indentation',
      Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ],
    ['question marks', '? '.repeat(20_000)],
    ['quotes', '"'.repeat(50_001)],
  ])('refuses hostile %s with one located error', (_, source) => {
    const diagnostics = findingsOf(source);
    expect(diagnostics).toHaveLength(1);
    expect(['PL1001', 'PL1003', 'PL1007']).toContain(diagnostics[0]?.code);
  });
});
