import {
  advance,
  priorityOf,
  unlessMedium,
  type LoadedIr,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { AppError } from '@parley/kernel';
import type { Clock } from './clock.js';
import type { StartRequest } from './engine-options.js';
import { newRun, type LiveRun } from './live-runs.js';
import { bounded, drawn, type Cause } from './record-turn.js';

interface Beginning {
  readonly runId: string;
  readonly createdAt: number;
  readonly request: StartRequest;
  readonly program: LoadedIr;
}

/**
 * A new run and its first turn, of which nothing is written yet.
 * @throws AppError `invalid-input`, `too-large`
 */
export function firstTurn(
  { runId, createdAt, request, program }: Beginning,
  clock: Pick<Clock, 'random'>,
): { readonly run: LiveRun; readonly turn: Turn; readonly cause: Cause } {
  const { input, key: startKey, labels, from, priority: given, ...rest } = request;
  const priority = given ?? priorityOf(program.ir);
  const facts = { ...rest, ...unlessMedium({ priority }), runId, createdAt };
  const run = newRun(facts, program);
  const said = { run: runId, by: facts.startedBy, labels, priority };
  const stimulus: StimulusBody =
    from === undefined
      ? { kind: 'start', input, ...said }
      : { kind: 'startFrom', ...from, ...said };
  const turn = bounded(() => advance(program, run.state, drawn(stimulus, clock), createdAt));
  if (turn.rejection !== undefined) throw new AppError('invalid-input', turn.rejection.message);
  return { run, turn, cause: { stimulus, startKey } };
}
