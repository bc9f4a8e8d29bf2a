import { jsonEquals } from '@parley/kernel';
import type { Reentry } from '../entries.js';
import { nextGeneration, rootOccurrence } from '../occurrence.js';
import type { CallFrame, Failure, Frame } from '../state.js';
import type { Rejection, RetryStep } from '../stimuli.js';
import { envFor } from './env.js';
import { rawInputOf } from './fail.js';
import { armRunTimeout, durationMs } from './finish.js';
import type { TurnDraft } from './turn.js';

/**
 * Lets a failed run go on: the failed step and the calls that its failure interrupted are entered
 * again, one generation higher. Waits keep their due time; time-outs begin anew.
 */
export function reopen(turn: TurnDraft, { by, input }: RetryStep): Rejection | undefined {
  const { failure, frames, ready } = turn.state;
  const reenter: Reentry[] = [];
  if (failure !== undefined && failure.occurrence !== rootOccurrence) {
    reenter.push(reentryOf(failure, input));
  }
  for (const frame of Object.values(frames)) {
    if (frame.kind === 'call') reenter.push(interrupted(frame));
  }
  const idle = reenter.length === 0 && ready.length === 0;
  if (idle && !Object.values(frames).some(waits)) {
    return { reason: 'nothing-to-retry', message: 'The run failed before its first step.' };
  }
  turn.emit({ kind: 'reopened', by, reenter });
  for (const frame of Object.values(turn.state.frames)) rearm(turn, frame);
  return undefined;
}

function reentryOf(failure: Failure, input: RetryStep['input']): Reentry {
  const { occurrence, node, parent, index, attempt, raw } = failure;
  return {
    occurrence: nextGeneration(occurrence),
    node,
    parent: parent ?? rootOccurrence,
    ...(index === undefined ? {} : { index }),
    attempt,
    input: input === undefined || jsonEquals(input, raw) ? raw : input,
  };
}

function interrupted(frame: CallFrame): Reentry {
  const { occurrence, node, parent, index, attempt } = frame;
  return {
    occurrence: nextGeneration(occurrence),
    node,
    parent: parent ?? rootOccurrence,
    ...(index === undefined ? {} : { index }),
    attempt,
    input: rawInputOf(frame),
    replaces: occurrence,
  };
}

function waits(frame: Frame): boolean {
  return frame.kind === 'wait' || (frame.kind === 'try' && frame.backoff !== undefined);
}

function rearm(turn: TurnDraft, frame: Frame): void {
  const { occurrence } = frame;
  const arm = (purpose: 'wait' | 'timeout' | 'backoff', dueAt: number) => {
    const generation = turn.nextGeneration();
    turn.emit({ kind: 'timerArmed', occurrence, generation, purpose, dueAt });
  };
  if (occurrence === rootOccurrence) return armRunTimeout(turn);
  if (frame.kind === 'wait' && frame.timer !== undefined) arm('wait', frame.timer.dueAt);
  if (frame.kind === 'try' && frame.backoff !== undefined) arm('backoff', frame.backoff.dueAt);
  const loaded = turn.node(frame);
  if (loaded.timeout === undefined) return;
  const { parent: scope, input } = frame;
  const env = envFor(turn, input, { loaded, scope, input, rawInput: rawInputOf(frame) });
  arm('timeout', turn.now + durationMs(turn, loaded.timeout, env));
}
