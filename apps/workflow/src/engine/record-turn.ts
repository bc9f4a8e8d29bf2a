import {
  stateOf,
  wasTaken,
  type LoadedIr,
  type Rejection,
  type RunState,
  type Stimulus,
  type StimulusBody,
  type Turn,
} from '@parley/engine';
import { isAppError, type AppError } from '@parley/kernel';
import { encodeEntries } from '../payloads/claims.js';
import type { Clock } from './clock.js';
import type { Applying, RunChange, StartRequest } from './engine-options.js';
import { overlaysApplied } from './flush-overlays.js';
import { labelChanges } from './label-rows.js';
import type { LiveRun } from './live-runs.js';
import {
  approvalsClosed,
  approvalsOpened,
  isNotable,
  messagesSent,
  runRow,
  timersArmed,
} from './projection.js';
import { partitionOfRun } from './run-id.js';
import { snapshotDue } from './snapshots.js';
import { workerTasksClosed, workerTasksOpened } from '../task-queues/task-rows.js';
import { subscriptionsClosed, subscriptionsOpened } from './subscriptions.js';
import type { Message, TurnRecord } from './turn-record.js';

/** What a turn answers to. */
export interface Cause {
  readonly stimulus: StimulusBody;
  readonly heard?: Message;
  readonly startKey?: StartRequest['key'];
}

interface Recording extends Cause {
  readonly snapshotBytesMin: number;
  readonly mayGrow: () => boolean;
}

/** The stimulus with what the machine has not got by itself. */
export function drawn(
  stimulus: StimulusBody,
  clock: Pick<Clock, 'random'>,
  { command, program }: Partial<Applying> = {},
): Stimulus {
  return {
    ...stimulus,
    random: clock.random(),
    ...(command === undefined ? {} : { command }),
    ...(program === undefined ? {} : { program }),
  };
}

/** Why a stimulus is not applied after all; nobody is asked about a command that was taken before. */
export function refusedBy(state: RunState, applying: Applying | undefined): Rejection | undefined {
  const command = applying?.command;
  if (command !== undefined && wasTaken(state, command)) return undefined;
  return applying?.unless?.(state);
}

/** A machine that notes what it is told and leaves the next step to the turn after. */
export function withoutFuel(program: LoadedIr): LoadedIr {
  return { ...program, limits: { ...program.limits, turnNodesMax: 0 } };
}

/** Everything that a turn writes. */
export function recordOf(
  run: LiveRun,
  turn: Turn,
  { stimulus, startKey, heard, snapshotBytesMin, mayGrow }: Recording,
): TurnRecord {
  const { facts } = run;
  const { length, ...encoded } = encodeEntries(turn.entries, { known: run.claimed, mayGrow });
  const snapshot = snapshotDue(run, turn, { length, bytesMin: snapshotBytesMin });
  const fired =
    stimulus.kind === 'timerFired' && turn.rejection === undefined
      ? [{ occurrence: stimulus.occurrence, generation: stimulus.generation }]
      : [];
  const gone = turn.effects.flatMap((effect) => (effect.kind === 'cancelTimer' ? effect : []));
  const labels = labelChanges(run.state.labels, turn.state.labels);
  const isAsBefore = stateOf(run.state) === stateOf(turn.state);
  const overlays = overlaysApplied(run.state, turn.state);
  return {
    partition: partitionOfRun(facts.runId) ?? 0,
    tenantId: facts.tenantId,
    runId: facts.runId,
    position: run.position + 1,
    entries: turn.entries,
    ...encoded,
    notable: turn.entries.some(isNotable),
    run: runRow(facts, turn.state, isAsBefore ? run.endedAt : undefined),
    ...(startKey === undefined ? {} : { startKey }),
    timersArmed: timersArmed(turn.effects),
    timersGone: [...fired, ...gone],
    approvalsOpened: approvalsOpened(facts.runId, turn.state, turn.effects),
    approvalsClosed: approvalsClosed(facts.runId, turn.entries, turn.effects),
    subscriptionsOpened: subscriptionsOpened(turn.effects),
    subscriptionsClosed: subscriptionsClosed(turn.effects),
    workerTasksOpened: workerTasksOpened(facts, turn.state, turn.effects),
    workerTasksClosed: workerTasksClosed(facts.runId, turn.effects),
    messagesSent: messagesSent(facts, run.position + 1, turn),
    ...(heard === undefined ? {} : { messageHeard: heard.id }),
    ...(labels === undefined ? {} : { labels }),
    ...(overlays.length === 0 ? {} : { overlays }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

/** What a durable turn changed, for those who look on. */
export function changeOf(record: TurnRecord, turn: Turn): RunChange {
  const { run: row, position, notable, approvalsOpened, approvalsClosed } = record;
  const approvals = [...approvalsOpened, ...approvalsClosed].map(({ id }) => id);
  return { row, position, entries: turn.entries, approvals, notable };
}

/** The data is at fault, as an answer that cannot be stored: trying it again would bring the same. */
export function isDataFault(error: unknown): error is AppError {
  return isAppError(error) && (error.code === 'invalid' || error.code === 'too-large');
}
