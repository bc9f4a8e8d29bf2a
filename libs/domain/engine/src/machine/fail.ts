import type { Json } from '@parley/kernel';
import type { Failed, Place } from '../entries.js';
import {
  errorMatches,
  errorToJson,
  errorTypes,
  Fault,
  runError,
  type RunError,
} from '../errors.js';
import { expressionError, isTruthy, type Evaluate } from '../expressions.js';
import { ownersFrom } from '../frames.js';
import { rootOccurrence, type Occurrence } from '../occurrence.js';
import { retryDelayMs } from '../retry.js';
import type { Frame, TryFrame } from '../state.js';
import { envFor } from './env.js';
import { collectError } from './collect.js';
import { policyNow } from './retry-policy.js';
import type { TurnDraft } from './turn.js';
import { fault } from './undo.js';

/** What is known about a failure besides its error. */
export type FailureNotes = Pick<Failed, 'outcome' | 'result'> & { readonly retryAfterMs?: number };

/** Runs a step of a task; what goes wrong in it fails the task. */
export function guarded(turn: TurnDraft, place: () => Place, step: () => void): void {
  try {
    step();
  } catch (thrown) {
    failTask(turn, place(), errorOf(thrown));
  }
}

/** The error that something thrown inside a step is to the run; a bug is thrown on. */
export function errorOf(thrown: unknown): RunError {
  const error = thrown instanceof Fault ? thrown.error : expressionError(thrown);
  if (error === undefined) throw thrown;
  return error;
}

/** Fails a task and lets the nearest `try` that wants the error have it, else fails the run. */
export function failTask(
  turn: TurnDraft,
  place: Place,
  cause: RunError,
  { retryAfterMs, ...notes }: FailureNotes = {},
): void {
  const error = { ...cause, instance: cause.instance ?? turn.node(place).node.pointer };
  turn.emit({ kind: 'failed', ...place, error, ...notes });
  propagate(turn, place, error, retryAfterMs);
}

function propagate(
  turn: TurnDraft,
  place: Pick<Place, 'occurrence' | 'parent'>,
  error: RunError,
  retryAfterMs: number | undefined,
): void {
  for (const owner of ownersFrom(turn.state.frames, place.parent)) {
    if (owner.kind === 'item' && collectError(turn, owner, error)) return;
    if (owner.kind !== 'try' || owner.stage !== 'body') continue;
    const verdict = judge(turn, owner, error);
    if (verdict === 'broken-filter') return;
    if (verdict === 'wanted' && handle(turn, owner, error, retryAfterMs)) return;
  }
  fault(turn, place.occurrence, error);
}

/** The attempt of a body took longer than it may: what is left of it is cut off, and has failed. */
export function endAttempt(turn: TurnDraft, frame: Frame): void {
  if (frame.kind !== 'try') return;
  const cause = runError('timeout', 'The attempt took too long');
  const error = { ...cause, instance: turn.node(frame).node.pointer };
  const verdict = judge(turn, frame, error);
  if (verdict === 'broken-filter') return;
  if (verdict === 'wanted' && handle(turn, frame, error, undefined)) return;
  failTask(turn, placeOf(turn, frame), error);
}

/** A filter that cannot be evaluated is itself a failure, of the `try`. */
function judge(turn: TurnDraft, frame: TryFrame, error: RunError) {
  const handler = turn.node(frame).catch;
  if (handler === undefined) return 'unwanted';
  if (handler.policy.with !== undefined && !errorMatches(error, handler.policy.with)) {
    return 'unwanted';
  }
  let wanted: boolean | undefined;
  guarded(turn, placeOf.bind(undefined, turn, frame), () => {
    wanted = passes(turn, frame, error, handler);
  });
  if (wanted === undefined) return 'broken-filter';
  return wanted ? 'wanted' : 'unwanted';
}

function passes(
  turn: TurnDraft,
  frame: TryFrame,
  error: RunError,
  filter: { readonly when?: Evaluate; readonly exceptWhen?: Evaluate },
): boolean {
  if (filter.when === undefined && filter.exceptWhen === undefined) return true;
  const loaded = turn.node(frame);
  const extra = { [loaded.catch?.policy.as ?? 'error']: errorToJson(error) };
  const { input, parent: scope, startedAt } = frame;
  const env = envFor(turn, input, { loaded, scope, input, startedAt, extra });
  if (filter.when !== undefined && !isTruthy(filter.when(env))) return false;
  return filter.exceptWhen === undefined || !isTruthy(filter.exceptWhen(env));
}

/**
 * Retry first; when the policy has no retry (left), the handler; a `try` with neither swallows the
 * error, but one whose retries are used up lets it through, unless it says where to go on.
 */
function handle(
  turn: TurnDraft,
  frame: TryFrame,
  error: RunError,
  retryAfterMs: number | undefined,
): boolean {
  const handler = turn.node(frame).catch;
  let settled = true;
  guarded(turn, placeOf.bind(undefined, turn, frame), () => {
    if (scheduleRetry(turn, frame, error, retryAfterMs)) return;
    const handles = handler?.policy.body !== undefined || handler?.policy.then !== undefined;
    if (!handles && handler?.retry !== undefined) settled = false;
    else turn.emit({ kind: 'caught', occurrence: frame.occurrence, error, first: handler?.first });
  });
  return settled;
}

function scheduleRetry(
  turn: TurnDraft,
  frame: TryFrame,
  error: RunError,
  retryAfterMs: number | undefined,
): boolean {
  const retry = turn.node(frame).catch?.retry;
  if (retry === undefined || !mayRepeat(turn, frame, error)) return false;
  if (!passes(turn, frame, error, retry)) return false;
  const { now, random, limits } = turn;
  const { delayMsMax } = limits;
  const { retries, startedAt } = frame;
  const moment = { retries, startedAt, now, random, retryAfterMs, delayMsMax };
  const policy = policyNow(turn, frame, error);
  const delayMs = policy && retryDelayMs(policy, moment);
  if (delayMs === undefined) return false;
  turn.emit({
    kind: 'retryScheduled',
    occurrence: frame.occurrence,
    attempt: frame.attemptMax + 1,
    error,
    delayMs,
    ...(retry.policy.jitter === undefined ? {} : { random }),
    generation: turn.nextGeneration(),
    dueAt: now + delayMs,
  });
  return true;
}

/** Repeating after an unknown outcome is unsafe, so a policy must ask for it by naming the type. */
function mayRepeat(turn: TurnDraft, frame: TryFrame, error: RunError): boolean {
  if (error.type !== errorTypes.unknownOutcome) return true;
  return turn.node(frame).catch?.policy.with?.type === errorTypes.unknownOutcome;
}

/** What happened to a call that was sent, got no answer, and must not be sent again. */
export function unknownOutcome(): RunError {
  const detail =
    'The call was sent, its outcome is not known, and sending it again is not known to be safe.';
  return runError('unknownOutcome', 'Outcome unknown', { detail });
}

/** The place of an open occurrence. */
export function placeOf(turn: TurnDraft, frame: Frame): Place {
  const { occurrence, node, attempt, index, raw, input } = frame;
  return {
    occurrence,
    node,
    task: turn.node(frame).node.kind,
    parent: parentOf(frame),
    attempt,
    ...(index === undefined ? {} : { index }),
    ...(raw === undefined ? {} : { raw }),
    input,
  };
}

function parentOf(frame: Frame): Occurrence {
  return frame.parent ?? rootOccurrence;
}

/** Fails the run for a reason that belongs to no task, or that no task may catch. */
export function failRun(turn: TurnDraft, error: RunError): void {
  fault(turn, rootOccurrence, error);
}

/** Input of a frame as `input.from` saw it. */
export function rawInputOf(frame: Pick<Frame, 'raw' | 'input'>): Json {
  return frame.raw === undefined ? frame.input : frame.raw;
}
