import { jsonEquals, type Json } from '@parley/kernel';
import type { Target } from '@parley/ir';
import type { Place } from '../entries.js';
import { Fault, runError } from '../errors.js';
import { durationToMs } from '../durations.js';
import type { Env } from '../expressions.js';
import type { LoadedDuration, LoadedNode } from '../loaded-ir.js';
import { rootOccurrence, type Occurrence } from '../occurrence.js';
import type { Frame } from '../state.js';
import { envFor, type Standpoint } from './env.js';
import { errorOf, failRun, failTask, placeOf, rawInputOf } from './fail.js';
import { assertFits } from './fits.js';
import { attemptLimitMs } from './retry-policy.js';
import type { TurnDraft } from './turn.js';
import { keepUndo } from './undo.js';

export interface Finished {
  readonly output: Json;
  /** The output before `output.as`, when that changed it. */
  readonly result?: Json;
  readonly context?: Json;
  /** What the task itself put out, when it stands beside the data. */
  readonly own?: Json;
}

/** Applies `output.as` and `export.as` to what a task produced, and checks what comes out. */
export function transformOutput(turn: TurnDraft, loaded: LoadedNode, at: Standpoint): Finished {
  const rawOutput = at.rawOutput ?? null;
  const output =
    loaded.as === undefined ? rawOutput : loaded.as(envFor(turn, rawOutput, { ...at, loaded }));
  assertFits(loaded.outputFits, output, 'output');
  const changed = output !== rawOutput && !jsonEquals(output, rawOutput);
  const context = loaded.exportAs?.(envFor(turn, output, { ...at, loaded, output }));
  if (context !== undefined) assertFits(loaded.exportFits, context, 'context');
  return {
    ...(loaded.node.aside === true ? { output: at.rawInput ?? null, own: output } : { output }),
    ...(changed ? { result: rawOutput } : {}),
    ...(context === undefined ? {} : { context }),
  };
}

/** Completes an open occurrence with what it produced. */
export function finish(turn: TurnDraft, frame: Frame, rawOutput: Json, next?: Target): void {
  const loaded = turn.node(frame);
  const { occurrence, attempt, input, startedAt, parent: scope } = frame;
  try {
    const at = { scope, input, rawInput: rawInputOf(frame), rawOutput, startedAt };
    const finished = transformOutput(turn, loaded, at);
    const then = next ?? loaded.node.next;
    keepUndo(turn, placeOf(turn, frame), finished.own ?? finished.output);
    turn.emit({ kind: 'completed', occurrence, attempt, ...finished, next: then });
  } catch (thrown) {
    const error = errorOf(thrown);
    // What a call answered is kept in the failure: it happened, and will not be asked for again.
    const notes = frame.kind === 'call' ? { result: rawOutput } : {};
    failTask(turn, placeOf(turn, frame), error, notes);
  }
}

/** Completes the run with the output of its last task. */
export function completeRun(turn: TurnDraft, output: Json): void {
  try {
    const { as, outputFits } = turn.program;
    const shaped = as === undefined ? output : as(envFor(turn, output));
    assertFits(outputFits, shaped, 'output');
    turn.emit({ kind: 'runCompleted', output: shaped });
  } catch (thrown) {
    failRun(turn, errorOf(thrown));
  }
}

/** Arms the time-out of a task that has one. */
export function armTimeout(turn: TurnDraft, place: Place, limitMs: number | undefined): void {
  if (limitMs === undefined) return;
  const { occurrence } = place;
  const generation = turn.nextGeneration();
  const dueAt = turn.now + limitMs;
  turn.emit({ kind: 'timerArmed', occurrence, generation, purpose: 'timeout', dueAt });
}

/** Gives the attempt of a `try` that begins its limit, if the policy has one. */
export function armAttempt(turn: TurnDraft, occurrence: Occurrence): void {
  const frame = turn.state.frames.get(occurrence);
  if (frame?.kind !== 'try') return;
  const limitMs = attemptLimitMs(turn, frame);
  if (limitMs === undefined) return;
  const generation = turn.nextGeneration();
  const dueAt = turn.now + Math.min(limitMs, turn.limits.delayMsMax);
  turn.emit({ kind: 'attemptTimed', occurrence, attempt: frame.bodyAttempt, generation, dueAt });
}

/** Arms the time-out of the run; it is armed anew when a failed run goes on. */
export function armRunTimeout(turn: TurnDraft): void {
  const { timeout } = turn.program;
  if (timeout === undefined) return;
  try {
    const dueAt = turn.now + durationMs(turn, timeout, envFor(turn, turn.state.input));
    const generation = turn.nextGeneration();
    const occurrence = rootOccurrence;
    turn.emit({ kind: 'timerArmed', occurrence, generation, purpose: 'timeout', dueAt });
  } catch (thrown) {
    failRun(turn, errorOf(thrown));
  }
}

/** Milliseconds of a duration of the definition. */
export function durationMs(turn: TurnDraft, duration: LoadedDuration, env: Env): number {
  return 'ms' in duration
    ? Math.min(duration.ms, turn.limits.delayMsMax)
    : durationOf(turn, duration.evaluate(env));
}

/** Milliseconds of a value that has to be a duration. */
export function durationOf(turn: TurnDraft, value: Json): number {
  const ms = durationToMs(value);
  if (ms !== undefined) return Math.min(ms, turn.limits.delayMsMax);
  const detail = `${JSON.stringify(value).slice(0, 100)} is not a duration such as "PT5M".`;
  throw new Fault(runError('validation', 'Not a duration', { detail }));
}
