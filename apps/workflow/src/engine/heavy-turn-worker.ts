// Takes turns of runs whose expressions need more time than the thread of the engine has.
import { getPriority, platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import {
  advance,
  loadProgram,
  stateOfWritten,
  type LoadedIr,
  type Stimulus,
  type WrittenState,
} from '@parley/engine';
import type { Ir } from '@parley/ir';
import { schemaCheck } from '@parley/json-schema';
import { parseJson } from '@parley/kernel';
import type { HeavyAnswer, HeavyOutcome, HeavyTurn } from './heavy-turn.js';

const niceness = 10;
const programsMax = 20;
const programs = new Map<string, LoadedIr>();

// Where a processor is short, this thread goes after the engine's own. Only Linux has that for threads.
if (platform() === 'linux' && getPriority(0) < niceness) setPriority(0, niceness);
parentPort?.on('message', (turn: HeavyTurn) => parentPort?.postMessage(answerTo(turn)));

function answerTo(turn: HeavyTurn): HeavyAnswer {
  try {
    return { ok: true, value: JSON.stringify(outcomeOf(turn)) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RangeError') throw error;
    return { ok: false, error: error.message };
  }
}

function outcomeOf({ irHash, ir, limits, revision, ...turn }: HeavyTurn): HeavyOutcome {
  const program = { ...programOf(irHash, ir), limits };
  const state = stateOfWritten(parseJson(turn.state) as unknown as WrittenState);
  const stimulus = {
    ...(parseJson(turn.stimulus) as unknown as Stimulus),
    ...(revision === undefined ? {} : { program: programOf(revision.irHash, revision.ir) }),
  };
  const {
    entries,
    effects,
    yielded,
    rejection,
    program: revised,
  } = advance(program, state, stimulus, turn.now);
  const isRevised = revised !== undefined;
  return {
    entries,
    effects,
    yielded,
    isRevised,
    ...(rejection === undefined ? {} : { rejection }),
  };
}

function programOf(irHash: string, text: string): LoadedIr {
  const known = programs.get(irHash);
  if (known !== undefined) return known;
  const loaded = loadProgram(parseJson(text) as unknown as Ir, { schemas: schemaCheck });
  if (!loaded.ok) throw new Error(`the definition ${irHash} cannot be loaded`);
  if (programs.size >= programsMax) programs.clear();
  programs.set(irHash, loaded.value);
  return loaded.value;
}
