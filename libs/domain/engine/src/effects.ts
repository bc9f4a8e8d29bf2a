import type { Delivery, IrOperation, NodeId } from '@parley/ir';
import { assert, isJsonObject, type Json } from '@parley/kernel';
import type { ApprovalOpened, Completed, Entry, Failed } from './entries.js';
import { descendantsOf } from './frames.js';
import type { EventInterest } from './listen-entries.js';
import type { Occurrence } from './occurrence.js';
import {
  attemptTimerOf,
  type CallFrame,
  type Callee,
  type Frame,
  type ListenFrame,
  type RunState,
  type Timer,
} from './state.js';
import type { StimulusBody } from './stimuli.js';

/** Intentions as data. The shell acts on them only after the turn's entries are durable. */
export type Effect =
  | CallEffect
  | OpenSubscription
  | CloseSubscription
  | StartChild
  | CancelChild
  | OpenWorkerTask
  | CloseWorkerTask
  | OpenApproval
  | CloseApproval
  | ArmTimer
  | CancelTimer
  | Abort;

export interface CallEffect {
  readonly kind: 'call';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly node: NodeId;
  readonly function: Exclude<Callee, 'human' | 'workflow' | 'worker'>;
  readonly args: Json;
  /** Idempotency key: the same for every re-sending of one intention. */
  readonly key: string;
  readonly delivery: Delivery;
  readonly operation?: IrOperation;
  /** It was released before and may still be on its way: not to be sent once it is not open any more. */
  readonly again?: true;
}

/** Events are to be brought to the run. */
export interface OpenSubscription {
  readonly kind: 'openSubscription';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly interests: readonly EventInterest[];
}

export interface CloseSubscription {
  readonly kind: 'closeSubscription';
  readonly occurrence: Occurrence;
  readonly attempt: number;
}

/** Another run is started; what becomes of it is told like the answer of a call. */
export interface StartChild extends ChildIdentity {
  readonly kind: 'startChild';
  /** `{ namespace, name, version, input? }` */
  readonly args: Json;
}

/** Nobody waits for the child any more. */
export interface CancelChild extends ChildIdentity {
  readonly kind: 'cancelChild';
}

/** What the id of a child run is made of, so that it can be told without having been answered. */
interface ChildIdentity {
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly key: string;
  /** When the attempt began, in milliseconds since the epoch. */
  readonly at: number;
}

/** Work is put into a queue, where a worker takes it; what becomes of it is told like an answer. */
export interface OpenWorkerTask {
  readonly kind: 'openWorkerTask';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly node: NodeId;
  /** `{ queue, task, input?, priority?, orderKey? }` */
  readonly args: Json;
  readonly key: string;
}

/** The work is done, or nobody waits for it any more. */
export interface CloseWorkerTask {
  readonly kind: 'closeWorkerTask';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  /** As it was opened with. */
  readonly args: Json;
}

export interface OpenApproval {
  readonly kind: 'openApproval';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly node: NodeId;
  readonly key: string;
  /** What the definition said under `with`, evaluated. */
  readonly title: string;
  readonly message?: string;
  /** `{ role }` or `{ member }`. */
  readonly assignee: Json;
  /** JSON Schema of what the person fills in. */
  readonly form?: Json;
  /** What the person is shown. */
  readonly data?: Json;
  readonly dueAt?: number;
}

export interface CloseApproval {
  readonly kind: 'closeApproval';
  readonly occurrence: Occurrence;
  readonly attempt: number;
}

export interface ArmTimer {
  readonly kind: 'armTimer';
  readonly occurrence: Occurrence;
  readonly generation: number;
  readonly dueAt: number;
}

export interface CancelTimer {
  readonly kind: 'cancelTimer';
  readonly occurrence: Occurrence;
  readonly generation: number;
}

/** Nobody waits for this attempt any more; its result would be dropped. */
export interface Abort {
  readonly kind: 'abort';
  readonly occurrence: Occurrence;
  readonly attempt: number;
}

/** What `entry` asks for when it is applied to `before`; the entry's own call has answered already. */
export function react(before: RunState, entry: Entry): Effect[] {
  switch (entry.kind) {
    case 'dispatched': {
      const frame = before.frames.get(entry.occurrence) as CallFrame;
      const { at: _at, ...rest } = entry;
      const { function: name, key, args } = rest;
      if (name === 'workflow') return [{ kind: 'startChild', ...childOf(frame, key), args }];
      if (name === 'worker') return [openWorkerTask(frame, { key, args })];
      return [{ ...rest, function: name, kind: 'call', node: frame.node }];
    }
    case 'approvalOpened': {
      const frame = before.frames.get(entry.occurrence) as CallFrame;
      return [openApproval(frame, entry)];
    }
    case 'listening': {
      const { occurrence, attempt, interests } = entry;
      return [{ kind: 'openSubscription', occurrence, attempt, interests }];
    }
    case 'listeningAgain': {
      const { occurrence, attempt, interests } = before.frames.get(entry.occurrence) as ListenFrame;
      return [{ kind: 'openSubscription', occurrence, attempt, interests }];
    }
    case 'eventHeard': {
      const { occurrence, attempt } = before.frames.get(entry.occurrence) as ListenFrame;
      return entry.last === true ? [{ kind: 'closeSubscription', occurrence, attempt }] : [];
    }
    case 'timerArmed':
    case 'attemptTimed':
      return [armTimer(entry)];
    case 'retryScheduled':
      return [...closeBody(before, entry.occurrence), armTimer(entry)];
    case 'completed':
    case 'failed':
      return [
        ...closeBelow(before, entry.occurrence),
        ...closeOwn(before.frames.get(entry.occurrence), entry),
      ];
    case 'stepSkipped':
      return closeAll(before, entry.occurrence);
    case 'resumed':
      return before.phase === 'running' ? sendAgain(before) : [];
    case 'itemEnded':
      return closeBelow(before, entry.occurrence);
    case 'caught':
      return closeBody(before, entry.occurrence);
    case 'runCompleted':
    case 'runFailed':
    case 'runCancelled':
    case 'runTerminated':
    case 'undoStarted':
    case 'undoFailed':
      return [...before.frames.values()].flatMap(closeFrame);
    default:
      return [];
  }
}

/** A task that ends by its own answer has nothing to abort; one that is cut short has. */
function closeOwn(frame: Frame | undefined, entry: Completed | Failed): Effect[] {
  if (frame === undefined) return [];
  const cut = entry.kind === 'failed' && entry.outcome === undefined && entry.result === undefined;
  if (cut) return closeFrame(frame);
  const timers = [frame.timeout, attemptTimerOf(frame)]
    .filter((timer) => timer !== undefined)
    .map((timer): Effect => cancelTimer(frame.occurrence, timer));
  if (frame.kind !== 'call' || frame.call?.function !== 'worker') return timers;
  return [...timers, closeWorkerTask(frame, frame.call)];
}

/** An attempt of the body of a `try` is over. */
function closeBody(state: RunState, occurrence: Occurrence): Effect[] {
  const frame = state.frames.get(occurrence);
  const timer = frame === undefined ? undefined : attemptTimerOf(frame);
  const below = closeBelow(state, occurrence);
  return timer === undefined ? below : [...below, cancelTimer(occurrence, timer)];
}

function closeAll(state: RunState, occurrence: Occurrence): Effect[] {
  const frame = state.frames.get(occurrence);
  return frame === undefined ? [] : [...closeBelow(state, occurrence), ...closeFrame(frame)];
}

/** Calls that may have been lost while they could not be sent again: a repeat does no harm. */
function sendAgain(state: RunState): Effect[] {
  return [...state.frames.values()].flatMap((frame): Effect[] => {
    if (frame.kind !== 'call' || frame.call === undefined) return [];
    const { function: name, delivery } = frame.call;
    // Work stays in its queue.
    if (name === 'human' || name === 'worker' || delivery === 'once') return [];
    return [{ ...resend(frame, frame.call), again: true } as CallEffect];
  });
}

function closeBelow(state: RunState, occurrence: Occurrence): Effect[] {
  return descendantsOf(state.frames, occurrence).flatMap(closeFrame);
}

function closeFrame(frame: Frame): Effect[] {
  const { occurrence, attempt } = frame;
  const effects = timersOf(frame).map((timer): Effect => cancelTimer(occurrence, timer));
  if (frame.kind === 'call' && frame.call !== undefined) {
    const { function: name, key } = frame.call;
    if (name === 'workflow') effects.push({ kind: 'cancelChild', ...childOf(frame, key) });
    else if (name === 'worker') effects.push(closeWorkerTask(frame, frame.call));
    else effects.push({ kind: name === 'human' ? 'closeApproval' : 'abort', occurrence, attempt });
  }
  if (frame.kind === 'listen' && frame.isOpen) {
    effects.push({ kind: 'closeSubscription', occurrence, attempt });
  }
  return effects;
}

function childOf({ occurrence, attempt, startedAt: at }: CallFrame, key: string): ChildIdentity {
  return { occurrence, attempt, key, at };
}

function armTimer({ occurrence, generation, dueAt }: Omit<ArmTimer, 'kind'>): ArmTimer {
  return { kind: 'armTimer', occurrence, generation, dueAt };
}

function cancelTimer(occurrence: Occurrence, { generation }: Timer): CancelTimer {
  return { kind: 'cancelTimer', occurrence, generation };
}

/** Every timer that a frame has armed. */
export function timersOf(frame: Frame): Timer[] {
  const own =
    frame.kind === 'wait' ? frame.timer : frame.kind === 'try' ? frame.backoff : undefined;
  return [frame.timeout, own, attemptTimerOf(frame)].filter((timer) => timer !== undefined);
}

function openWorkerTask(
  { occurrence, attempt, node }: CallFrame,
  { args, key }: Pick<OpenWorkerTask, 'args' | 'key'>,
): OpenWorkerTask {
  return { kind: 'openWorkerTask', occurrence, attempt, node, args, key };
}

function closeWorkerTask(
  { occurrence, attempt }: CallFrame,
  { args }: NonNullable<CallFrame['call']>,
): CloseWorkerTask {
  return { kind: 'closeWorkerTask', occurrence, attempt, args };
}

function openApproval(
  frame: CallFrame,
  call: Pick<ApprovalOpened, 'args' | 'key' | 'dueAt'>,
): OpenApproval {
  const { occurrence, attempt, node } = frame;
  const args = isJsonObject(call.args) ? call.args : {};
  const { title, message, assignee, form, data } = args;
  return {
    kind: 'openApproval',
    occurrence,
    attempt,
    node,
    key: call.key,
    title: textOf(title) ?? node,
    ...(message === undefined ? {} : { message: textOf(message) }),
    assignee: assignee ?? null,
    ...(form === undefined ? {} : { form }),
    ...(data === undefined ? {} : { data }),
    ...(call.dueAt === undefined ? {} : { dueAt: call.dueAt }),
  };
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether a run still waits for the answer to a call. */
export function isCallOpen(
  { frames }: RunState,
  { occurrence, attempt }: Pick<CallEffect, 'occurrence' | 'attempt'>,
): boolean {
  const frame = frames.get(occurrence);
  return frame?.kind === 'call' && frame.call !== undefined && frame.attempt === attempt;
}

/** What a shell must do for a run that it has just recovered. */
export interface Recovery {
  /** Timers to arm, approvals to open and attempts to re-send, all as they were. */
  readonly effects: readonly Effect[];
  /** To be applied with `advance`: a cut turn to go on with, attempts that must not be re-sent. */
  readonly stimuli: readonly StimulusBody[];
}

/**
 * What was pending when the process died. Every dispatched attempt counts as possibly executed. Of a
 * suspended run nothing is sent again before it is resumed.
 */
export function pendingEffects(state: RunState): Recovery {
  const effects: Effect[] = [];
  const stimuli: StimulusBody[] = [];
  if (state.phase !== 'running') return { effects, stimuli };
  const isSuspended = state.suspended !== undefined;
  for (const frame of state.frames.values()) {
    for (const { generation, dueAt } of timersOf(frame)) {
      effects.push({ kind: 'armTimer', occurrence: frame.occurrence, generation, dueAt });
    }
    if (frame.kind === 'call' && frame.call !== undefined && !tellsByItself(frame.call)) {
      if (frame.call.delivery === 'once' && frame.call.function !== 'human') {
        const { occurrence, attempt } = frame;
        stimuli.push({ kind: 'unknownOutcome', occurrence, attempt });
      } else if (!isSuspended || frame.call.function === 'human') {
        effects.push(resend(frame, frame.call));
      }
    }
  }
  if (state.ready.length > 0 && !isSuspended) stimuli.push({ kind: 'continue' });
  return { effects, stimuli };
}

/** A child has been told of, and work is in its queue, durably: what becomes of it will be told. */
function tellsByItself({ function: name }: NonNullable<CallFrame['call']>): boolean {
  return name === 'workflow' || name === 'worker';
}

function resend(frame: CallFrame, call: NonNullable<CallFrame['call']>): Effect {
  const { function: name } = call;
  assert(name !== 'workflow', 'a child is started by a message');
  assert(name !== 'worker', 'work stays in its queue');
  if (name === 'human') return openApproval(frame, call);
  const { occurrence, attempt, node } = frame;
  return { ...call, kind: 'call', function: name, occurrence, attempt, node };
}
