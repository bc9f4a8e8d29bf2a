import { CeilingFault } from '../errors.js';
import type { LoadedIr } from '../loaded-ir.js';
import { refusedByStatus } from '../run-states.js';
import { rootOccurrence } from '../occurrence.js';
import type { Ready, RunState } from '../state.js';
import type { Rejection, Stimulus } from '../stimuli.js';
import { enterTask } from './enter.js';
import { failRun } from './fail.js';
import { endRoot, leaveScope } from './leave.js';
import { takeEvent } from './listen.js';
import { startItem } from './map.js';
import { receive } from './receive.js';
import { TurnDraft, type Turn } from './turn.js';
import { endUndo } from './undo.js';

/**
 * Applies a stimulus and then runs every step that needs nothing from outside, until only effects,
 * timers or people are waited for, the run ends, or the turn's fuel is spent. Pure: equal arguments
 * give equal turns.
 */
export function advance(program: LoadedIr, state: RunState, stimulus: Stimulus, now: number): Turn {
  const turn = new TurnDraft(program, state, { now, random: stimulus.random ?? 0.5 });
  const { command } = stimulus;
  if (command !== undefined && wasTaken(state, command)) return turn.finish();
  const refused = refusedByStatus(state, stimulus.kind);
  if (refused !== undefined) return turn.reject(refused.reason, refused.message);
  let rejection: Rejection | undefined;
  withinCeilings(turn, () => {
    rejection = receive(turn, stimulus);
  });
  if (rejection !== undefined) return turn.reject(rejection.reason, rejection.message);
  if (command !== undefined && !turn.isEmpty) turn.emit({ kind: 'commanded', command });
  const run = () => {
    while (turn.nextStep()) step(turn);
    turn.checkStateBytes();
  };
  // A run that is too large is undone; one that is too large for that goes no further.
  while (!withinCeilings(turn, run));
  return turn.finish();
}

/** Whether the run has taken the command with this id: then it is done, whatever became of the run. */
export function wasTaken({ commands = [] }: RunState, command: string): boolean {
  return commands.includes(command);
}

function step(turn: TurnDraft): void {
  const item = turn.state.ready.at(-1);
  if (item === undefined) return;
  if (item.do === 'enter' && isLedOn(turn, item)) endUndo(turn);
  else if (item.do === 'enter') enterTask(turn, item);
  else if (item.do === 'leave') leaveScope(turn, item);
  else if (item.do === 'item') startItem(turn, item.scope);
  else if (item.do === 'event') takeEvent(turn, item.scope);
  else endRoot(turn, item.output);
}

/** U2 */
function isLedOn(
  { state: { undo } }: TurnDraft,
  { scope, again }: Extract<Ready, { do: 'enter' }>,
): boolean {
  return undo !== undefined && scope === rootOccurrence && again === undefined;
}

/** A ceiling fails the run, whatever the run would like to do about it. @returns whether none was hit */
function withinCeilings(turn: TurnDraft, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (thrown) {
    if (!(thrown instanceof CeilingFault)) throw thrown;
    failRun(turn, thrown.error);
    return false;
  }
}
