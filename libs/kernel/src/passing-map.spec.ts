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
    const key = fc.integer({ min: 0, max: 150 });
    const step = fc.record({ key, isNew: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { size: '+1', maxLength: 2_000 }), (steps) => {
        const map = new Map<number, number>();
        const passing = new PassingMap<number, number>();
        for (const [at, { key, isNew }] of steps.entries()) {
          if (isNew) map.set(key, at);
          if (isNew) passing.set(key, at);
          if (!isNew) expect(passing.delete(key)).toBe(map.delete(key));
          expect([passing.size, passing.get(key), passing.has(key)]).toEqual([
            map.size,
            map.get(key),
            map.has(key),
          ]);
        }
        expect([...passing]).toEqual([...map]);
        expect([...passing.keys()]).toEqual([...map.keys()]);
        expect([...passing.values()]).toEqual([...map.values()]);
      }),
      { numRuns: 50 },
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
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { passing, plain } = JSON.parse(stdout) as { passing: number; plain: number };
    expect(passing).toBeLessThan(plain / 4);
  });
});
