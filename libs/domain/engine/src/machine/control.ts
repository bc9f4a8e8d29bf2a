import { assertNever } from '@parley/kernel';
import type { Cancel, Rejection, Resume, Suspend, Terminate } from '../stimuli.js';
import type { TurnDraft } from './turn.js';
import { undoNext } from './undo.js';

/** What an operator does to the run as a whole; whether its status allows it is in the state table. */
export function control(
  turn: TurnDraft,
  command: Cancel | Terminate | Suspend | Resume,
): Rejection | undefined {
  const { by } = command;
  switch (command.kind) {
    case 'cancel':
      return cancel(turn, command);
    case 'terminate':
      turn.emit({ kind: 'runTerminated', by, ...reasonOf(command) });
      return undefined;
    case 'suspend':
      turn.emit({ kind: 'suspended', by, ...reasonOf(command) });
      return undefined;
    case 'resume':
      turn.emit({ kind: 'resumed', by });
      return undefined;
    default:
      return assertNever(command);
  }
}

/**
 * Stops what would begin, gives up what is on its way, and fences it: an answer that comes later finds
 * no open call. Children are told; then what was done is undone, if that is asked for.
 */
function cancel(turn: TurnDraft, command: Cancel): Rejection | undefined {
  const { undo, kept = [], suspended, phase } = turn.state;
  if (undo !== undefined && phase === 'running') return beingUndone;
  const why = { by: command.by, ...reasonOf(command) };
  if (command.compensate !== true || kept.length === 0) {
    turn.emit({ kind: 'runCancelled', ...why });
    return undefined;
  }
  if (suspended !== undefined) turn.emit({ kind: 'resumed', by: command.by });
  turn.emit({ kind: 'undoStarted', cause: why });
  undoNext(turn);
  return undefined;
}

const beingUndone: Rejection = {
  reason: 'not-allowed',
  message: 'What the run has done is being undone.',
};

function reasonOf({ reason }: { readonly reason?: string }): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
