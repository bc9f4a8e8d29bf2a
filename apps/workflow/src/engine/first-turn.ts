import { priorityOf, unlessMedium, type LoadedIr, type StimulusBody } from '@parley/engine';
import type { Clock } from './clock.js';
import type { StartRequest } from './engine-options.js';
import { newRun, type LiveRun } from './live-runs.js';
import { drawn, type Cause } from './record-turn.js';
import type { TurnRequest } from './turn-taking.js';

interface Beginning {
  readonly runId: string;
  readonly createdAt: number;
  readonly request: StartRequest;
  readonly program: LoadedIr;
}

/** A new run, of which nothing is written yet, and the turn that it begins with. */
export function firstTurn(
  { runId, createdAt, request, program }: Beginning,
  clock: Pick<Clock, 'random'>,
): { readonly run: LiveRun; readonly asked: TurnRequest; readonly cause: Cause } {
  const { input, key: startKey, labels, from, priority: given, ...rest } = request;
  const priority = given ?? priorityOf(program.ir);
  const facts = { ...rest, ...unlessMedium({ priority }), runId, createdAt };
  const run = newRun(facts, program);
  const said = { run: runId, by: facts.startedBy, labels, priority };
  const stimulus: StimulusBody =
    from === undefined
      ? { kind: 'start', input, ...said }
      : { kind: 'startFrom', ...from, ...said };
  const asked = { facts, program, state: run.state, stimulus: drawn(stimulus, clock) };
  return { run, asked: { ...asked, now: createdAt }, cause: { stimulus, startKey } };
}
