import type { DispatchedCall, RunState } from './state.js';
import type { Rejection, StimulusKind } from './stimuli.js';

/**
 * What people see of a run. `waiting`: nothing but timers, approvals, events, child runs and workers
 * is awaited.
 * `suspended`: an operator keeps it from going on. `terminated`: an operator ended it at once.
 * `compensating`: what it has done is being undone, before it ends; `compensation-failed`: that did
 * not succeed.
 */
export type RunStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'suspended'
  | 'compensating'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'compensation-failed';

export const runStatuses = [
  'pending',
  'running',
  'waiting',
  'suspended',
  'compensating',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'compensation-failed',
] as const satisfies readonly RunStatus[];

/** `taken`: may change the run. `stale`: too late, dropped. `refused`: the caller gets a reason. */
export type CommandAnswer = 'taken' | 'stale' | 'refused';

const closed = {
  start: 'refused',
  startFrom: 'refused',
  completed: 'stale',
  failed: 'stale',
  unknownOutcome: 'stale',
  timerFired: 'stale',
  decided: 'refused',
  event: 'stale',
  continue: 'stale',
  cancel: 'refused',
  terminate: 'refused',
  suspend: 'refused',
  resume: 'refused',
  skipStep: 'refused',
  label: 'taken',
  applyOverlay: 'refused',
  retryStep: 'refused',
} as const satisfies Record<StimulusKind, CommandAnswer>;

const open = {
  start: 'refused',
  startFrom: 'refused',
  completed: 'taken',
  failed: 'taken',
  unknownOutcome: 'taken',
  timerFired: 'taken',
  decided: 'taken',
  event: 'taken',
  continue: 'taken',
  cancel: 'taken',
  terminate: 'taken',
  suspend: 'taken',
  resume: 'refused',
  skipStep: 'taken',
  label: 'taken',
  applyOverlay: 'taken',
  retryStep: 'refused',
} as const satisfies Record<StimulusKind, CommandAnswer>;

/** Every status of a run × everything that can be asked of it. */
export const runStateTable = {
  pending: { ...closed, start: 'taken', startFrom: 'taken', label: 'refused' },
  running: open,
  waiting: open,
  suspended: { ...open, continue: 'stale', suspend: 'refused', resume: 'taken' },
  compensating: { ...open, cancel: 'refused', applyOverlay: 'refused' },
  completed: closed,
  failed: { ...closed, cancel: 'taken', skipStep: 'taken', retryStep: 'taken' },
  cancelled: closed,
  terminated: closed,
  'compensation-failed': { ...closed, terminate: 'taken', skipStep: 'taken', retryStep: 'taken' },
} as const satisfies Record<RunStatus, Record<StimulusKind, CommandAnswer>>;

/** Why a run takes nothing of a kind, by its status alone. */
export function refusedByStatus(state: RunState, kind: StimulusKind): Rejection | undefined {
  const status = stateOf(state);
  const answer = runStateTable[status][kind];
  if (answer === 'taken') return undefined;
  const reason = answer === 'stale' ? 'stale' : 'not-allowed';
  return { reason, message: `A ${status} run ${refusals[kind]}.` };
}

/** What a run says to what it does not take, in the words of those who ask. */
const refusals: Readonly<Record<StimulusKind, string>> = {
  start: 'has been started',
  startFrom: 'has been started',
  completed: 'waits for no answer',
  failed: 'waits for no answer',
  unknownOutcome: 'waits for no answer',
  timerFired: 'waits for no time',
  decided: 'waits for no approval',
  event: 'hears no events',
  continue: 'has nothing to go on with',
  cancel: 'cannot be cancelled',
  terminate: 'cannot be terminated',
  suspend: 'cannot be suspended',
  resume: 'cannot be resumed',
  skipStep: 'has no step to skip',
  retryStep: 'has no failed step to retry',
  label: 'takes no labels',
  applyOverlay: 'cannot be changed by an overlay',
};

export function stateOf(state: RunState): RunStatus {
  if (state.phase !== 'running') return state.phase;
  if (state.suspended !== undefined) return 'suspended';
  if (state.undo !== undefined) return 'compensating';
  if (state.ready.length > 0) return 'running';
  let waits = false;
  for (const frame of state.frames.values()) {
    if (frame.kind === 'call') {
      if (!isOutside(frame.call)) return 'running';
      waits = true;
    } else if (
      frame.kind === 'listen' ||
      frame.kind === 'wait' ||
      (frame.kind === 'try' && frame.stage === 'backoff')
    ) {
      waits = true;
    }
  }
  return waits ? 'waiting' : 'running';
}

/** Whether people, workers or other runs have it in hand: this run may be forgotten until they tell. */
function isOutside(call: DispatchedCall | undefined): boolean {
  const name = call?.function;
  return name === 'human' || name === 'workflow' || name === 'worker';
}

const openStatuses: ReadonlySet<RunStatus> = new Set([
  'pending',
  'running',
  'waiting',
  'suspended',
  'compensating',
]);

export function isTerminal(status: RunStatus): boolean {
  return !openStatuses.has(status);
}

/**
 * Whether an open run can never move again by itself: no runnable step, call, approval or timer, and
 * no operator who keeps it from moving.
 * That is always a bug; the shell's audit looks for it.
 */
export function isStalled(state: RunState): boolean {
  if (state.phase !== 'running' || state.ready.length > 0) return false;
  if (state.suspended !== undefined) return false;
  return !state.frames
    .values()
    .some(
      (frame) =>
        frame.timeout !== undefined ||
        (frame.kind === 'call' && frame.call !== undefined) ||
        (frame.kind === 'listen' && frame.isOpen) ||
        (frame.kind === 'wait' && frame.timer !== undefined) ||
        (frame.kind === 'try' && frame.backoff !== undefined),
    );
}
