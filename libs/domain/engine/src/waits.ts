import { isJsonObject, type Json } from '@parley/kernel';
import type { NodeId } from '@parley/ir';
import { nameOf } from './names.js';
import { rootOccurrence, type Occurrence } from './occurrence.js';
import type { CallFrame, Frame, RunState, Suspension } from './state.js';

/** Something that a run waits for. */
export interface Wait {
  readonly kind: 'approval' | 'timer' | 'call' | 'run' | 'worker' | 'event' | 'resume';
  readonly occurrence: Occurrence;
  readonly attempt: number;
  readonly node: NodeId;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until?: number;
  /** Of a child run: what its id is made of, together with `since`. */
  readonly key?: string;
  /** Of `worker`: where the work waits or was taken from. */
  readonly queue?: string;
  /** Who is asked: `{ role }` or `{ member }`. For `resume`, the member who suspended the run. */
  readonly assignee?: Json;
}

/**
 * What an open run waits for, in the order in which the waits began.
 * @param options `most`: of what is of one kind, so many of the first ones
 */
export function waitsOf(
  state: RunState,
  { most = {} }: { readonly most?: Readonly<Partial<Record<Wait['kind'], number>>> } = {},
): Wait[] {
  if (state.phase !== 'running') return [];
  const waits: Wait[] = [];
  const counts = new Map<Wait['kind'], number>();
  for (const frame of state.frames.values()) {
    const wait = waitOf(frame);
    if (wait === undefined) continue;
    const count = (counts.get(wait.kind) ?? 0) + 1;
    if (count > (most[wait.kind] ?? Infinity)) continue;
    counts.set(wait.kind, count);
    waits.push(wait);
  }
  return state.suspended === undefined ? waits : [resumeWait(state.suspended), ...waits];
}

function resumeWait({ by, at }: Suspension): Wait {
  return {
    kind: 'resume',
    occurrence: rootOccurrence,
    attempt: 1,
    node: '',
    name: '',
    since: at,
    assignee: { member: by },
  };
}

function waitOf(frame: Frame): Wait | undefined {
  if (frame.kind === 'call') return frame.call && callWait(frame, frame.call);
  if (frame.kind === 'listen') {
    return frame.isOpen ? { ...common(frame), kind: 'event' } : undefined;
  }
  const timer =
    frame.kind === 'wait' ? frame.timer : frame.kind === 'try' ? frame.backoff : undefined;
  return timer && { ...common(frame), kind: 'timer', until: timer.dueAt };
}

function callWait(frame: CallFrame, call: NonNullable<CallFrame['call']>): Wait {
  if (call.function === 'workflow') return { ...common(frame), kind: 'run', key: call.key };
  if (call.function === 'worker') {
    return { ...common(frame), kind: 'worker', queue: queueOf(call.args) };
  }
  if (call.function !== 'human') return { ...common(frame), kind: 'call' };
  const assignee = isJsonObject(call.args) ? call.args['assignee'] : undefined;
  return {
    ...common(frame),
    kind: 'approval',
    ...(call.dueAt === undefined ? {} : { until: call.dueAt }),
    ...(assignee === undefined ? {} : { assignee }),
  };
}

function queueOf(args: Json): string {
  const queue = isJsonObject(args) ? args['queue'] : undefined;
  return typeof queue === 'string' ? queue : '';
}

function common({ occurrence, attempt, node, startedAt }: Frame) {
  return { occurrence, attempt, node, name: nameOf(node), since: startedAt };
}
