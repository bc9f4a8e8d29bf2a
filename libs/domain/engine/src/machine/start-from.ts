import type { Rejection, StartFrom } from '../stimuli.js';
import { unlessMedium } from '../priority.js';
import { armRunTimeout } from './finish.js';
import { labelStart } from './label.js';
import { rearmOpen } from './reopen.js';
import type { TurnDraft } from './turn.js';

/** Begins a run where an earlier one had come to. Waits keep their due time; time-outs begin anew. */
export function startFrom(turn: TurnDraft, command: StartFrom): Rejection | undefined {
  const { run, of, step, state, by, labels } = command;
  const who = by === undefined ? {} : { by };
  turn.emit({ kind: 'startedFrom', run, of, step, state, ...who, ...unlessMedium(command) });
  const refused = labelStart(turn, { by, labels });
  if (refused !== undefined) return refused;
  armRunTimeout(turn);
  rearmOpen(turn);
  return undefined;
}
