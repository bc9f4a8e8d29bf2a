import { beforeAll, describe, expect, it } from '@jest/globals';
import { validateDefinition } from '../src/index.js';
import type { HostileResult } from './hostile/child.js';
import { growth } from './hostile/growth.js';
import { runHostile } from './hostile/run.js';
import { growing, hostileTexts } from './hostile/texts.js';

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
  }, 120_000);

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

describe('the work of checking grows with the size and no faster', () => {
  it.each(growing)('$name', ({ make, size }) => {
    // Linear is 4 and quadratic is 16; the rest is what measuring on busy machines adds.
    expect(growth(make, size, (text) => validateDefinition(text))).toBeLessThan(10);
  });
});
