import { describe, expect, it } from '@jest/globals';
import { Simulation } from './simulation.js';

/** `SIM_SEED=…` replays one history; `SIM_RUNS=…` plays more of them. */
const onlySeed = process.env['SIM_SEED'];
const histories = Number(process.env['SIM_RUNS'] ?? 60);

describe('engines on a database that fails', () => {
  it('keep their promises whatever happens', async () => {
    const seeds =
      onlySeed === undefined
        ? Array.from({ length: histories }, (_, at) => at + 1)
        : [Number(onlySeed)];
    for (const seed of seeds) {
      const { violation } = await new Simulation({ seed }).play();
      if (violation !== undefined) throw new Error(`SIM_SEED=${String(seed)}: ${violation}`);
    }
  });

  it('repeat their history when the seed is the same (S1)', async () => {
    const fingerprints = new Set<string>();
    for (let seed = 1; seed <= 8; seed += 1) {
      const first = await new Simulation({ seed }).play();
      const again = await new Simulation({ seed }).play();
      expect(again).toEqual(first);
      fingerprints.add(first.fingerprint);
    }
    expect(fingerprints.size).toBe(8);
  });
});
