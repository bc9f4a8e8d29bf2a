import { describe, expect, it } from '@jest/globals';
import type { Ir } from '@parley/ir';
import { loadProgram, replayCheck, type ReplayReport } from '../../src/index.js';
import { exported } from '../exported.js';
import { onceWorkflow, Random, randomWorkflow, workflows } from '../../src/testing/index.js';
import { disturbed, simulationLimits, Simulator } from './simulator.js';

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

/** Plays a run whose process dies and whose messages come twice, exports it and checks the file. */
function played(ir: Ir, seed: number): ReplayReport {
  const program = loadProgram(ir, { limits: simulationLimits });
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  // Every other run is one that operators skip steps of, cancel or terminate.
  const disturbance = { ...disturbed, meddled: seed % 2 === 0 };
  const simulator = new Simulator(program.value, { seed, disturbance });
  simulator.run();
  return replayCheck(exported(ir, simulator.turns), { limits: simulationLimits });
}

describe('the replay of simulated runs', () => {
  it.each(Object.entries({ ...workflows, once: onceWorkflow }))(
    'takes every turn of %s in the same way',
    (_name, ir) => {
      for (const seed of seeds) {
        const report = played(ir, seed);
        expect({ seed, ...report }).toEqual({
          seed,
          turns: report.turns,
          entries: report.entries,
          repeated: report.turns,
          folded: [],
        });
      }
    },
  );

  it('takes every turn of workflows of any shape in the same way', () => {
    for (const seed of seeds) {
      const report = played(randomWorkflow(new Random(seed)), seed);
      expect({ seed, ...report }).toMatchObject({ repeated: report.turns, folded: [] });
      expect({ seed, difference: report.difference }).toEqual({ seed, difference: undefined });
    }
  });
});
