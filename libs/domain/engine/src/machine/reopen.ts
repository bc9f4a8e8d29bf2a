import { jsonEquals } from '@parley/kernel';
import type { Reentry } from '../entries.js';
import { nextGeneration, rootOccurrence } from '../occurrence.js';
import { attemptTimerOf, type CallFrame, type Failure, type Frame } from '../state.js';
import type { Rejection, RetryStep } from '../stimuli.js';
import { envFor } from './env.js';
import { failTask, guarded, placeOf, rawInputOf, unknownOutcome } from './fail.js';
import { armAttempt, armRunTimeout, durationMs } from './finish.js';
import type { TurnDraft } from './turn.js';

/**
 * Lets a failed run go on: the failed step and the calls that its failure interrupted are entered
 * again, one generation higher. Waits keep their due time; time-outs begin anew. An interrupted call
 * that must not be repeated fails with `unknown-outcome` instead: repeating it is asked for by
 * retrying that failure.
 */
export function reopen(turn: TurnDraft, { by, input }: RetryStep): Rejection | undefined {
  const { failure } = turn.state;
  const refused = whyOver(turn);
  if (refused !== undefined) return refused;
  const again = failure !== undefined && failure.occurrence !== rootOccurrence;
  goOn(turn, by, { reenter: again ? [reentryOf(failure, input)] : [] });
  return undefined;
}

/** Why a failed run cannot go on. */
export function whyOver({ state }: TurnDraft): Rejection | undefined {
  const root = state.frames.get(rootOccurrence);
  if (root?.kind !== 'run' || Object.keys(root.visits).length === 0) {
    return { reason: 'nothing-to-retry', message: 'The run failed before its first step.' };
  }
  if (state.phase === 'failed' && state.undo !== undefined) {
    const message = 'What the run had done was undone: run it again instead.';
    return { reason: 'nothing-to-retry', message };
  }
  return undefined;
}

/**
 * Opens a failed run again, also one that was suspended when it failed. What was interrupted goes on.
 * @param how what is entered before that, or done instead of entering it
 */
export function goOn(
  turn: TurnDraft,
  by: string,
  how: { readonly reenter: readonly Reentry[]; readonly first?: () => void },
): void {
  const reenter = [...how.reenter];
  const { frames, suspended } = turn.state;
  const calls = [...frames.values()].filter((frame) => frame.kind === 'call');
  const unsafe = calls.filter((frame) => frame.call?.delivery === 'once');
  for (const frame of calls) if (!unsafe.includes(frame)) reenter.push(interrupted(frame));
  if (suspended !== undefined) turn.emit({ kind: 'resumed', by });
  turn.emit({ kind: 'reopened', by, reenter });
  how.first?.();
  if (turn.state.undo === undefined) armRunTimeout(turn);
  rearmOpen(turn);
  for (const frame of unsafe) {
    // The first failure that nobody catches fails the run again; the rest stay interrupted.
    if (turn.state.phase === 'running' && turn.state.frames.has(frame.occurrence)) {
      failTask(turn, placeOf(turn, frame), unknownOutcome(), { outcome: 'ambiguous' });
    }
  }
}

/** Arms the timers of everything that is open, and lets what listens be brought events. */
export function rearmOpen(turn: TurnDraft): void {
  for (const frame of [...turn.state.frames.values()]) {
    if (turn.state.phase !== 'running') return;
    if (turn.state.frames.has(frame.occurrence)) {
      guarded(
        turn,
        () => placeOf(turn, frame),
        () => rearm(turn, frame),
      );
    }
  }
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

function rearm(turn: TurnDraft, frame: Frame): void {
  const { occurrence } = frame;
  const arm = (purpose: 'wait' | 'timeout' | 'backoff', dueAt: number) => {
    const generation = turn.nextGeneration();
    turn.emit({ kind: 'timerArmed', occurrence, generation, purpose, dueAt });
  };
  // An item stands at the node of its map, whose limit is not its own.
  if (occurrence === rootOccurrence || frame.kind === 'item') return;
  if (frame.kind === 'wait' && frame.timer !== undefined) arm('wait', frame.timer.dueAt);
  if (frame.kind === 'try' && frame.backoff !== undefined) arm('backoff', frame.backoff.dueAt);
  if (frame.kind === 'listen' && frame.isOpen) turn.emit({ kind: 'listeningAgain', occurrence });
  if (attemptTimerOf(frame) !== undefined) armAttempt(turn, occurrence);
  const loaded = turn.node(frame);
  if (loaded.timeout === undefined) return;
  const { parent: scope, input } = frame;
  const env = envFor(turn, input, { loaded, scope, input, rawInput: rawInputOf(frame) });
  arm('timeout', turn.now + durationMs(turn, loaded.timeout, env));
}
