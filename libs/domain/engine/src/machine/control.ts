import { assertNever } from '@parley/kernel';
import type { Cancel, Resume, Suspend, Terminate } from '../stimuli.js';
import type { TurnDraft } from './turn.js';

/** What an operator does to the run as a whole; whether its status allows it is in the state table. */
export function control(turn: TurnDraft, command: Cancel | Terminate | Suspend | Resume): void {
  const { by } = command;
  switch (command.kind) {
    case 'cancel':
      return cancel(turn, command);
    case 'terminate':
      turn.emit({ kind: 'runTerminated', by, ...reasonOf(command) });
      return;
    case 'suspend':
      turn.emit({ kind: 'suspended', by, ...reasonOf(command) });
      return;
    case 'resume':
      turn.emit({ kind: 'resumed', by });
      return;
    default:
      assertNever(command);
  }
}

/**
 * Stops what would begin, gives up what is on its way, and fences it: an answer that comes later finds
 * no open call. What ends a cancelled run in good order belongs between these and its last entry.
 */
function cancel(turn: TurnDraft, command: Cancel): void {
  turn.emit({ kind: 'runCancelled', by: command.by, ...reasonOf(command) });
}

function reasonOf({ reason }: { readonly reason?: string }): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
