import { err, ok, type Json, type Result } from '@parley/kernel';
import type { StepSkipped } from '../control-entries.js';
import type { Place } from '../entries.js';
import { logicalOccurrence, rootOccurrence, type Occurrence } from '../occurrence.js';
import type { Failure, Frame } from '../state.js';
import type { Rejection, SkipStep } from '../stimuli.js';
import { envFor } from './env.js';
import { errorOf, placeOf } from './fail.js';
import { assertFits } from './fits.js';
import { goOn, whyOver } from './reopen.js';
import type { TurnDraft } from './turn.js';

/** Takes a step as completed with the output that was given, or with its input. */
export function skipStep(turn: TurnDraft, command: SkipStep): Rejection | undefined {
  const isFailed = turn.state.phase !== 'running';
  const refused = isFailed ? whyOver(turn) : undefined;
  if (refused !== undefined) return refused;
  const place = isFailed ? failedPlace(turn, command.occurrence) : openPlace(turn, command);
  if (place === undefined) return noSuchStep(command.occurrence);
  const skipped = taken(turn, place, command);
  if (!skipped.ok) return skipped.error;
  const { by, reason } = command;
  const why = reason === undefined ? { by } : { by, reason };
  const emit = () => turn.emit({ kind: 'stepSkipped', ...place, ...why, ...skipped.value });
  if (isFailed) goOn(turn, by, { reenter: [], first: emit });
  else emit();
  return undefined;
}

function failedPlace(turn: TurnDraft, wanted: Occurrence | undefined): Place | undefined {
  const { failure } = turn.state;
  if (failure === undefined || failure.occurrence === rootOccurrence) return undefined;
  if (wanted !== undefined && !isSame(failure.occurrence, wanted)) return undefined;
  return placeOfFailure(turn, failure);
}

function placeOfFailure(turn: TurnDraft, failure: Failure): Place {
  const { occurrence, node, parent = rootOccurrence, index, attempt, raw } = failure;
  return {
    occurrence,
    node,
    task: turn.node(failure).node.kind,
    parent,
    attempt,
    ...(index === undefined ? {} : { index }),
    input: raw,
  };
}

function openPlace(turn: TurnDraft, { occurrence: wanted }: SkipStep): Place | undefined {
  if (wanted === undefined) return undefined;
  const open = turn.state.frames.values();
  const frame = open.find(({ occurrence }) => isSame(occurrence, wanted));
  return frame === undefined || !isTask(frame) ? undefined : placeOf(turn, frame);
}

/** The run and the items of a `map` are frames too, but nothing that the definition names. */
function isTask({ kind }: Frame): boolean {
  return kind !== 'run' && kind !== 'item';
}

function isSame(occurrence: Occurrence, wanted: Occurrence): boolean {
  return occurrence === wanted || logicalOccurrence(occurrence) === wanted;
}

function noSuchStep(wanted: Occurrence | undefined): Rejection {
  const message =
    wanted === undefined
      ? 'Say which step is to be skipped: no single one has failed.'
      : `The step ${wanted} is neither open nor the one that failed.`;
  return { reason: 'no-such-step', message };
}

/** What follows from the output, before anything is journaled: what does not fit is refused. */
function taken(
  turn: TurnDraft,
  place: Place,
  command: SkipStep,
): Result<Pick<StepSkipped, 'output' | 'next' | 'context' | 'own'>, Rejection> {
  const loaded = turn.node(place);
  const { input, raw: rawInput = input, parent: scope } = place;
  const output: Json = command.output === undefined ? rawInput : command.output;
  try {
    assertFits(loaded.outputFits, output, 'output');
    const at = { loaded, scope, input, rawInput, rawOutput: output, output };
    const context = loaded.exportAs?.(envFor(turn, output, at));
    if (context !== undefined) assertFits(loaded.exportFits, context, 'context');
    const passed = loaded.node.aside === true ? { output: rawInput, own: output } : { output };
    const exported = context === undefined ? {} : { context };
    return ok({ ...passed, next: loaded.node.next, ...exported });
  } catch (thrown) {
    const { title = '', detail = '' } = errorOf(thrown);
    return err({ reason: 'unfit', message: `The output cannot be taken: ${title}. ${detail}` });
  }
}
