import { beforeAll, describe, expect, it } from '@jest/globals';
import type { HostileResult } from './hostile/child.js';
import type { Growth } from './hostile/growth-child.js';
import { runGrowing, runHostile } from './hostile/run.js';
import { growing, hostileTexts } from './hostile/texts.js';

/** It all takes half a minute, and several on a machine that does much else. */
const patienceMs = 600_000;

/** Texts that want to cost much: every tool reads each of them in one process with little memory. */
describe('a hostile text', () => {
  let results = new Map<string, HostileResult>();
  const resultOf = (name: string) => {
    const result = results.get(name);
    if (result === undefined) throw new Error(`there is no result for ${name}`);
    return result;
  };

  beforeAll(async () => {
    const all = await runHostile(hostileTexts.map((_, index) => index));
    results = new Map(all.map((result) => [result.name, result]));
  }, patienceMs);

  it.each(hostileTexts)('$name', ({ name, codes }) => {
    const { valid, first, diagnostics, longest, lines, thrown } = resultOf(name);
    expect(thrown).toEqual([]);
    if (codes.length === 0) expect(first).toBeUndefined();
    else expect(codes).toContain(first?.code ?? 'none');
    expect(valid).toBe(first === undefined);
    expect(diagnostics).toBeLessThanOrEqual(200);
    expect(longest).toBeLessThanOrEqual(1_000);
    expect(first?.range.end.line ?? 1).toBeLessThanOrEqual(lines);
  });
});

describe('the work grows with the size of the text and no faster', () => {
  let grown = new Map<string, Growth>();

  beforeAll(async () => {
    grown = new Map((await runGrowing()).map((one) => [one.name, one]));
  }, patienceMs);

  const works = ['checking', 'completing'];
  it.each(works.flatMap((work) => growing.map(({ name }) => `${work} ${name}`)))('%s', (name) => {
    const { small, large } = grown.get(name) ?? { small: 0, large: Infinity };
    // Steps of the program, not time: linear is 4 and quadratic is 16.
    expect(large).toBeLessThan(7 * small);
  });
});
