import { assert, jsonEquals, type Json } from '@parley/kernel';
import type { Place } from '../entries.js';
import type { RunError } from '../errors.js';
import { childOccurrence, rootOccurrence, type Occurrence } from '../occurrence.js';
import type { KeptStep } from '../state.js';
import { variablesAround } from './env.js';
import type { TurnDraft } from './turn.js';

/**
 * Compensation: a run that faults, or is cancelled so, undoes what it has done, the last first.
 *
 * U1  What undoes a step is kept with the entry that completes the step, and runs when all that was
 *     open has been given up: one compensation at a time, in reverse order of completion, wherever
 *     in the definition the steps stood.
 * U2  A compensation is a task like any other: it may retry, wait and ask. Whatever it does is not
 *     undone itself, and it leads nowhere.
 * U3  The run ends as it would have ended, after everything is undone; or as `compensation-failed`,
 *     where an operator retries the compensation or takes it as done.
 */

/** Keeps what undoes a step that is about to be completed. */
export function keepUndo(
  turn: TurnDraft,
  { occurrence, node: id, parent, input }: Pick<Place, 'occurrence' | 'node' | 'parent' | 'input'>,
  output: Json,
): void {
  const { node, tail } = turn.node({ node: id });
  if (node.compensation === undefined || turn.state.undo !== undefined) return;
  const undoer = turn.node({ node: node.compensation });
  const beside = occurrence.replace(/(?:#\d+)?(?:!\d+)?$/, '').slice(0, -tail.length);
  const variables = variablesAround(turn, parent);
  // The one that this will replace gives its place to it.
  const others = (turn.state.kept ?? []).filter(
    (step) => step.occurrence !== occurrence || !jsonEquals(step.output, output),
  );
  turn.emit({
    kind: 'undoKept',
    occurrence,
    node: node.compensation,
    as: freeOccurrence(others, beside, undoer.tail),
    input,
    output,
    ...(variables === undefined ? {} : { variables }),
  });
}

/** One task may undo several, or one several times. */
function freeOccurrence(kept: readonly KeptStep[], beside: Occurrence, tail: string): Occurrence {
  const taken = new Set(kept.map((step) => step.as));
  let visit = 1;
  while (taken.has(childOccurrence(beside, tail, { visit }))) visit += 1;
  return childOccurrence(beside, tail, { visit });
}

/** Nobody takes the error: the run fails, when what it has done is undone (U3). */
export function fault(turn: TurnDraft, occurrence: Occurrence, error: RunError): void {
  const { undo, kept = [] } = turn.state;
  if (undo !== undefined) turn.emit({ kind: 'undoFailed', occurrence, error });
  else if (kept.length === 0) turn.emit({ kind: 'runFailed', occurrence, error });
  else {
    turn.emit({ kind: 'undoStarted', cause: { occurrence, error } });
    undoNext(turn);
  }
}

/** Begins the compensation of what was completed last, or ends the run. */
export function undoNext(turn: TurnDraft): void {
  const { undo, kept = [] } = turn.state;
  assert(undo !== undefined, 'the run is being undone');
  const { cause } = undo;
  const last = kept.at(-1);
  if (last !== undefined) turn.emit({ kind: 'stepUndoing', occurrence: last.as });
  else if (cause.by === undefined) turn.emit({ kind: 'runFailed', ...causeOf(cause) });
  else turn.emit({ kind: 'runCancelled', ...cause });
}

function causeOf({ occurrence, error }: { occurrence: Occurrence; error: RunError }) {
  return { occurrence, error };
}

/** A compensation is through. */
export function endUndo(turn: TurnDraft): void {
  const { undo } = turn.state;
  turn.emit({ kind: 'stepUndone', occurrence: undo?.current?.as ?? rootOccurrence });
  undoNext(turn);
}
