import { assertNever, type Json } from '@parley/kernel';
import { isoTime } from '../durations.js';
import { runError } from '../errors.js';
import { rootOccurrence } from '../occurrence.js';
import { attemptTimerOf, type CallFrame, type Frame } from '../state.js';
import type {
  ApprovalDecided,
  CallCompleted,
  CallFailed,
  Rejection,
  Start,
  Stimulus,
  TimerFired,
  UnknownOutcome,
} from '../stimuli.js';
import { control } from './control.js';
import { envFor } from './env.js';
import {
  endAttempt,
  errorOf,
  failRun,
  failTask,
  guarded,
  placeOf,
  unknownOutcome,
} from './fail.js';
import { armAttempt, armRunTimeout, finish } from './finish.js';
import { assertFits } from './fits.js';
import { unlessMedium } from '../priority.js';
import { outputOfProcess } from '../process-output.js';
import { label, labelStart } from './label.js';
import { eventArrived } from './listen.js';
import { applyOverlay } from './overlay.js';
import { reopen } from './reopen.js';
import { skipStep } from './skip-step.js';
import { startFrom } from './start-from.js';
import type { TurnDraft } from './turn.js';

/** Applies a stimulus. A stale one changes nothing: results and timers may come late or twice. */
export function receive(turn: TurnDraft, stimulus: Stimulus): Rejection | undefined {
  switch (stimulus.kind) {
    case 'start':
      return start(turn, stimulus);
    case 'startFrom':
      return startFrom(turn, stimulus);
    case 'completed':
    case 'failed':
    case 'unknownOutcome':
      return callEnded(turn, stimulus);
    case 'timerFired':
      return timerFired(turn, stimulus);
    case 'decided':
      return decided(turn, stimulus);
    case 'event':
      return eventArrived(turn, stimulus);
    case 'continue':
      return turn.state.ready.length > 0 ? undefined : stale('nothing is ready to run');
    case 'cancel':
    case 'terminate':
    case 'suspend':
    case 'resume':
      return control(turn, stimulus);
    case 'label':
      return label(turn, stimulus);
    case 'applyOverlay':
      return applyOverlay(turn, stimulus);
    case 'skipStep':
      return skipStep(turn, stimulus);
    case 'retryStep':
      return reopen(turn, stimulus);
    default:
      return assertNever(stimulus);
  }
}

function start(turn: TurnDraft, command: Start): Rejection | undefined {
  const { run, input, by, labels } = command;
  const { first, from, inputFits } = turn.program;
  const who = by === undefined ? {} : { by };
  const said = { kind: 'started', run, input, first, ...who, ...unlessMedium(command) } as const;
  try {
    assertFits(inputFits, input, 'input');
    const data = from?.(envFor(turn, input, { workflow: { run, input } }));
    turn.emit({ ...said, ...(data === undefined ? {} : { data }) });
  } catch (thrown) {
    const error = errorOf(thrown);
    const { first: _unreached, ...unshaped } = said;
    turn.emit(unshaped);
    failRun(turn, error);
    return labelStart(turn, { by, labels });
  }
  const refused = labelStart(turn, { by, labels });
  if (refused === undefined) armRunTimeout(turn);
  return refused;
}

function callEnded(
  turn: TurnDraft,
  stimulus: CallCompleted | CallFailed | UnknownOutcome,
): Rejection | undefined {
  const frame = turn.state.frames.get(stimulus.occurrence);
  if (!isOpenCall(frame) || frame.call?.function === 'human') return stale('the call is not open');
  if (frame.attempt !== stimulus.attempt) {
    return stale(`attempt ${stimulus.attempt} is not the current one`);
  }
  if (stimulus.kind === 'completed') callDone(turn, frame, stimulus.output);
  else if (stimulus.kind === 'failed') {
    const { error, outcome, retryAfterMs } = stimulus;
    failTask(turn, placeOf(turn, frame), error, { outcome, retryAfterMs });
  } else failTask(turn, placeOf(turn, frame), unknownOutcome(), { outcome: 'ambiguous' });
  return undefined;
}

/** What a process left behind becomes the output that the task asks for. */
function callDone(turn: TurnDraft, frame: CallFrame, answer: Json): void {
  const { node } = turn.node(frame);
  if (node.kind !== 'run' || node.process === 'workflow') return finish(turn, frame, answer);
  const ended = outputOfProcess(node, answer);
  if (ended.ok) return finish(turn, frame, ended.value);
  failTask(turn, placeOf(turn, frame), ended.error, { outcome: 'definitive', result: answer });
}

function decided(turn: TurnDraft, stimulus: ApprovalDecided): Rejection | undefined {
  const frame = turn.state.frames.get(stimulus.occurrence);
  if (!isOpenCall(frame) || frame.call?.function !== 'human') {
    return stale('the approval is not open');
  }
  const { decision, by, reason, data } = stimulus;
  const said = {
    decision,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(data === undefined ? {} : { data }),
  };
  const { occurrence, attempt } = frame;
  turn.emit({ kind: 'decided', occurrence, attempt, ...said });
  const approved = decision === 'approved';
  const answer: Json = { approved, ...said, at: isoTime(turn.now) };
  finish(turn, frame, answer);
  return undefined;
}

function timerFired(turn: TurnDraft, fired: TimerFired): Rejection | undefined {
  const frame = turn.state.frames.get(fired.occurrence);
  const purpose = frame === undefined ? undefined : purposeOf(frame, fired.generation);
  if (frame === undefined || purpose === undefined) return stale('the timer is not armed');
  const dueAt = purpose.timer.dueAt;
  if (turn.now < dueAt) {
    turn.ask({ kind: 'armTimer', ...addressOf(fired), dueAt });
    return { reason: 'early', message: `the timer is due at ${dueAt}` };
  }
  if (purpose.name === 'wait') finish(turn, frame, frame.input);
  else if (purpose.name === 'backoff') retry(turn, frame);
  else if (purpose.name === 'attempt') endAttempt(turn, frame);
  else timeOut(turn, frame);
  return undefined;
}

function addressOf({ occurrence, generation }: TimerFired) {
  return { occurrence, generation };
}

function purposeOf(frame: Frame, generation: number) {
  if (frame.timeout?.generation === generation) return { name: 'timeout', timer: frame.timeout };
  if (frame.kind === 'wait' && frame.timer?.generation === generation) {
    return { name: 'wait', timer: frame.timer };
  }
  if (frame.kind === 'try' && frame.backoff?.generation === generation) {
    return { name: 'backoff', timer: frame.backoff };
  }
  const attemptTimer = attemptTimerOf(frame);
  if (attemptTimer?.generation === generation) return { name: 'attempt', timer: attemptTimer };
  return undefined;
}

function retry(turn: TurnDraft, frame: Frame): void {
  if (frame.kind !== 'try') return;
  const { occurrence, attemptMax } = frame;
  turn.emit({
    kind: 'retried',
    occurrence,
    attempt: attemptMax + 1,
    first: turn.node(frame).first,
  });
  guarded(
    turn,
    () => placeOf(turn, frame),
    () => armAttempt(turn, occurrence),
  );
}

function timeOut(turn: TurnDraft, frame: Frame): void {
  const whole = frame.occurrence === rootOccurrence;
  const error = runError('timeout', whole ? 'The workflow timed out' : 'The task timed out');
  if (whole) failRun(turn, error);
  else failTask(turn, placeOf(turn, frame), error);
}

function isOpenCall(frame: Frame | undefined): frame is CallFrame {
  return frame?.kind === 'call' && frame.call !== undefined;
}

function stale(message: string): Rejection {
  return { reason: 'stale', message };
}
