import { describe, expect, it } from '@jest/globals';
import type { Ir } from '@parley/ir';
import { loadProgram, replayCheck, type LoadedIr, type RunState } from '../../src/index.js';
import {
  overlayBetween,
  padded,
  Random,
  randomTasks,
  repadded,
  type Padded,
} from '../../src/testing/index.js';
import { exported } from '../exported.js';
import {
  disturbed,
  realMachine,
  simulationLimits,
  Simulator,
  undisturbed,
  type Machine,
  type OverlaySource,
} from './simulator.js';

/** `SIM_SEED=…` replays one history; `SIM_RUNS=…` plays more of them. */
const onlySeed = process.env['SIM_SEED'];
const runs = Number(process.env['SIM_RUNS'] ?? 100);
const seeds =
  onlySeed === undefined ? Array.from({ length: runs }, (_, at) => at + 1) : [Number(onlySeed)];

/** Overlays for a workflow, on what they have led to so far or on what it was before. */
function overlaysOn(first: Padded): OverlaySource {
  const known = new Map([[first.ir.hash, first]]);
  return (random, base, id) => {
    const old = [...known.values()];
    const seen = random.chance(0.85) ? known.get(base.hash) : old[random.below(old.length)];
    const from = seen ?? first;
    const to = repadded(from, random);
    known.set(to.ir.hash, to);
    const body = overlayBetween(from.ir, to.ir, { id, by: 'mem_1', moved: [...to.moved] });
    return { body, program: load(to.ir) };
  };
}

describe('runs that overlays are applied to', () => {
  it('end as they would without, whatever the overlays come upon', () => {
    let applied = 0;
    for (const seed of seeds) {
      const workflow = padded(randomTasks(new Random(seed)), new Random(seed));
      const calm = new Simulator(load(workflow.ir), { seed, disturbance: undisturbed }).run();
      const { state, simulator } = play(workflow, seed);
      expect({ seed, ...outcomeOf(state) }).toEqual({ seed, ...outcomeOf(calm) });
      applied += simulator.revisions.length;
    }
    if (onlySeed === undefined) expect(applied).toBeGreaterThan(runs / 2);
  });

  it('end, whatever an operator skips or ends meanwhile', () => {
    for (const seed of seeds) {
      const workflow = padded(randomTasks(new Random(seed)), new Random(seed));
      play(workflow, seed, { meddled: true });
    }
  });

  it('can be replayed from their files', () => {
    for (const seed of seeds.slice(0, 30)) {
      const workflow = padded(randomTasks(new Random(seed)), new Random(seed));
      const { simulator } = play(workflow, seed, { meddled: seed % 2 === 0 });
      const file = exported(workflow.ir, simulator.turns, simulator.revisions);
      const report = replayCheck(file, { limits: simulationLimits });
      expect({ seed, ...report }).toEqual({
        seed,
        turns: report.turns,
        entries: report.entries,
        repeated: report.turns,
        folded: [],
      });
    }
  });

  it.each(Object.entries(mutants()))('finds the mutant: %s', (_name, machine) => {
    const broken = Array.from({ length: 300 }, (_, at) => at + 1).some((seed) => {
      const workflow = padded(randomTasks(new Random(seed)), new Random(seed));
      try {
        play(workflow, seed, { machine });
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toBe(true);
  });
});

/** Machines that apply what the real one refuses. */
function mutants(): Readonly<Record<string, Machine>> {
  const forced = (reason: string): Machine => ({
    ...realMachine,
    advance(program, state, stimulus, now) {
      const turn = realMachine.advance(program, state, stimulus, now);
      if (stimulus.kind !== 'applyOverlay' || turn.rejection?.reason !== reason) return turn;
      const { kind: _kind, random: _random, program: revision, ...given } = stimulus;
      const entries = [{ kind: 'overlaid', ...given, at: Math.max(now, state.at) } as const];
      const then = realMachine.fold(state, entries);
      return { state: then, entries, effects: [], yielded: false, program: revision };
    },
  });
  return {
    'what has begun is changed': forced('reached'),
    'an overlay for another revision is applied': forced('other-revision'),
  };
}

function play(
  workflow: Padded,
  seed: number,
  { meddled = false, machine = realMachine }: { meddled?: boolean; machine?: Machine } = {},
): { readonly state: RunState; readonly simulator: Simulator } {
  const disturbance = { ...disturbed, meddled };
  const overlays = overlaysOn(workflow);
  const simulator = new Simulator(load(workflow.ir), { seed, disturbance, overlays, machine });
  try {
    return { state: simulator.run(), simulator };
  } catch (thrown) {
    throw new Error(`SIM_SEED=${seed}: ${String(thrown)}`, { cause: thrown });
  }
}

function outcomeOf({ phase, output, failure }: RunState) {
  return { phase, output, error: failure?.error };
}

function load(ir: Ir): LoadedIr {
  const loaded = loadProgram(ir, { limits: simulationLimits });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}
