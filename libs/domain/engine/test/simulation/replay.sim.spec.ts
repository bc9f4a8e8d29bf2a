import { describe, expect, it } from '@jest/globals';
import { runHistories, type Ir } from '@parley/ir';
import { loadProgram, replayCheck, type ReplayReport } from '../../src/index.js';
import { exported } from '../exported.js';
import {
  inHistory,
  onceWorkflow,
  Random,
  randomWorkflow,
  workflows,
} from '../../src/testing/index.js';
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
  it.each(
    runHistories.flatMap((history) =>
      Object.entries({ ...workflows, once: onceWorkflow }).map(
        ([name, ir]) => [history, name, ir] as const,
      ),
    ),
  )('%s history: takes every turn of %s in the same way', (history, _name, ir) => {
    for (const seed of seeds) {
      const report = played(inHistory(ir, history), seed);
      expect({ seed, ...report }).toEqual({
        seed,
        turns: report.turns,
        entries: report.entries,
        repeated: report.turns,
        folded: [],
      });
    }
  });

  it.each(runHistories)('%s history: takes every turn of any shape in the same way', (history) => {
    for (const seed of seeds) {
      const report = played(inHistory(randomWorkflow(new Random(seed)), history), seed);
      expect({ seed, ...report }).toMatchObject({ repeated: report.turns, folded: [] });
      expect({ seed, difference: report.difference }).toEqual({ seed, difference: undefined });
    }
  });
});
