import { describe, expect, it } from '@jest/globals';
import { runHistories, type Ir, type RunHistory } from '@parley/ir';
import { errorTypes, loadProgram, type LoadedIr, type RunState } from '../../src/index.js';
import { mutants } from './mutants.js';
import { onceWorkflow, Random, randomWorkflow, workflows } from '../../src/testing/index.js';
import {
  disturbed,
  realMachine,
  simulationLimits,
  Simulator,
  undisturbed,
  type Machine,
} from './simulator.js';

/** `SIM_SEED=…` replays one history; `SIM_RUNS=…` plays more of them. */
const onlySeed = process.env['SIM_SEED'];
const runsPerWorkflow = Number(process.env['SIM_RUNS'] ?? 300);
const mutantRunsMax = 300;

describe('simulation', () => {
  it.each(
    runHistories.flatMap((history) =>
      Object.entries(workflows).map(([name, ir]) => [history, name, ir] as const),
    ),
  )('%s history: %s ends like the undisturbed run', (history, name, ir) => {
    const program = load(ir, history);
    const calm = new Simulator(load(ir), { seed: 1, disturbance: undisturbed }).run();
    const expected = outcomeOf(calm);
    expect(expected.phase).toBe('completed');
    for (const seed of seeds(runsOf(history))) {
      const problem = play(program, seed, realMachine, (state) => {
        expect(outcomeOf(state)).toEqual(expected);
      });
      if (problem !== undefined) throw new Error(`workflow ${name}, SIM_SEED=${seed}: ${problem}`);
    }
  });

  it.each(runHistories)('%s history: any shape ends like the undisturbed run', (history) => {
    for (const seed of seeds(runsOf(history) * 2)) {
      const ir = randomWorkflow(new Random(seed));
      const program = load(ir, history);
      const calm = new Simulator(load(ir), { seed, disturbance: undisturbed }).run();
      expect(calm.phase).toBe('completed');
      const problem = play(program, seed, realMachine, (state) => {
        expect(outcomeOf(state)).toEqual(outcomeOf(calm));
      });
      if (problem !== undefined) throw new Error(`random workflow, SIM_SEED=${seed}: ${problem}`);
    }
  });

  it.each(runHistories)('%s history: ends, whatever an operator skips or ends', (history) => {
    const ends = new Set<string>();
    let undone = 0;
    for (const seed of seeds(runsPerWorkflow)) {
      const program = load(randomWorkflow(new Random(seed)), history);
      try {
        const disturbance = { ...disturbed, meddled: true };
        const state = new Simulator(program, { seed, disturbance }).run();
        ends.add(state.phase);
        if (state.undo !== undefined) undone += 1;
      } catch (thrown) {
        throw new Error(`meddled workflow, SIM_SEED=${seed}: ${String(thrown)}`, { cause: thrown });
      }
    }
    if (onlySeed === undefined) {
      expect([...ends]).toEqual(expect.arrayContaining(['completed', 'terminated', 'cancelled']));
      expect(undone).toBeGreaterThan(0);
    }
  });

  it('never repeats a call that must not be repeated', () => {
    const program = load(onceWorkflow);
    const seen = new Set<string>();
    for (const seed of seeds(runsPerWorkflow)) {
      const problem = play(program, seed, realMachine, (state) => {
        seen.add(JSON.stringify(state.output));
      });
      if (problem !== undefined) throw new Error(`workflow once, SIM_SEED=${seed}: ${problem}`);
    }
    const allowed = [{ sent: true }, { unknown: errorTypes.unknownOutcome }];
    const texts = allowed.map((output) => JSON.stringify(output));
    expect([...seen].every((output) => texts.includes(output))).toBe(true);
    if (onlySeed === undefined) expect(seen.size).toBe(2);
  });

  it.each(Object.entries(mutants))('finds the mutant: %s', (_name, mutant) => {
    const targets = [...Object.values(workflows), onceWorkflow].map((ir) => {
      const program = load(ir);
      const end = new Simulator(program, { seed: 1, disturbance: undisturbed }).run();
      return { program, expected: JSON.stringify(outcomeOf(end)), once: ir === onceWorkflow };
    });
    const found = findMutant(mutant, targets);
    expect(found).toMatch(mutant.shows);
  });
});

interface Target {
  readonly program: LoadedIr;
  readonly expected: string;
  readonly once: boolean;
}

function findMutant(mutant: Machine, targets: readonly Target[]): string | undefined {
  for (let seed = 1; seed <= mutantRunsMax; seed += 1) {
    for (const { program, expected, once } of targets) {
      const problem = play(program, seed, mutant, (state) => {
        if (!once && JSON.stringify(outcomeOf(state)) !== expected)
          throw new Error('other outcome');
      });
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Plays one history; returns what went wrong. */
function play(
  program: LoadedIr,
  seed: number,
  machine: Machine,
  check: (state: RunState) => void,
): string | undefined {
  try {
    check(new Simulator(program, { seed, machine }).run());
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function outcomeOf({ phase, output, failure }: RunState) {
  return { phase, output, error: failure?.error };
}

function seeds(count: number): number[] {
  return onlySeed === undefined
    ? Array.from({ length: count }, (_, index) => index + 1)
    : [Number(onlySeed)];
}

/** The fast path is another way of writing the same down: fewer histories show whether it is. */
function runsOf(history: RunHistory): number {
  return history === 'full' ? runsPerWorkflow : Math.ceil(runsPerWorkflow / 3);
}

function load(ir: Ir, history: RunHistory = 'full'): LoadedIr {
  const loaded = loadProgram(ir, { limits: simulationLimits, history });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}
