import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PassingMap } from './passing-map.js';

/** Prints how many bytes stay in the old generation of what has passed through each of the two maps. */
const whatStays = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { PassingMap } from '${import.meta.resolve('./passing-map.ts')}';
  const old = () =>
    getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;
  const entry = () => Array.from({ length: 100 }, (_, at) => ({ at }));
  const stays = (map) => {
    for (let key = 0; key < 64; key += 1) map.set(key, entry());
    gc();
    const before = old();
    for (let key = 64; key < 10_000; key += 1) {
      map.set(key, entry());
      map.delete(key - 64);
      if (key % 500 === 0) gc({ type: 'minor' });
    }
    return old() - before;
  };
  console.log(JSON.stringify({ passing: stays(new PassingMap()), plain: stays(new Map()) }));
`;

describe('a map whose entries come and go', () => {
  it('has what a map has, in the same order', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 99 }), isNew: fc.boolean() });
    const many = fc.array(step, { minLength: 500, maxLength: 1_000, size: 'max' });
    fc.assert(
      fc.property(many, (steps) => {
        const map = new Map<number, number>();
        const passing = new PassingMap<number, number>();
        for (const [at, { key, isNew }] of steps.entries()) {
          if (isNew) {
            map.set(key, at);
            passing.set(key, at);
          } else expect(passing.delete(key)).toBe(map.delete(key));
          expect(passing.size).toBe(map.size);
          expect(passing.get(key)).toBe(map.get(key));
          expect(passing.has(key)).toBe(isNew);
        }
        expect([...passing]).toEqual([...map]);
        expect([...passing.keys()]).toEqual([...map.keys()]);
        expect([...passing.values()]).toEqual([...map.values()]);
      }),
      { numRuns: 20 },
    );
  });

  it('can be gone through while all that is seen is taken out', () => {
    const passing = new PassingMap<number, string>();
    for (let key = 0; key < 300; key += 1) passing.set(key, 'here');
    const seen: number[] = [];
    for (const [key] of passing) {
      seen.push(key);
      passing.delete(key);
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, at) => at));
    expect(passing.size).toBe(0);
  });

  it('lets go of what has passed through it, as a Map does not', () => {
    // So large that the whole heap is not cleaned up meanwhile.
    const flags = ['--expose-gc', '--initial-old-space-size=512', '--input-type=module'];
    const args = [...flags, '--eval', whatStays];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
    expect(status).toBe(0);
    const { passing, plain } = JSON.parse(stdout) as { passing: number; plain: number };
    expect(passing).toBeLessThan(plain / 4);
  });
});
