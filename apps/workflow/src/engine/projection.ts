import { hashText } from '@parley/ir';
import {
  errorTypes,
  isTerminal,
  revisionOf,
  waitsOf,
  stateOf,
  type Effect,
  type Entry,
  type RunError,
  type RunState,
  type RunStatus,
  type Turn,
  type Wait,
} from '@parley/engine';
import type { Assignee, RunWait } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import type { CallOutcome } from './run-calls.js';
import { childRunId } from './run-id.js';
import type {
  ApprovalClosing,
  ApprovalRow,
  Message,
  MessageBody,
  RunFacts,
  RunRow,
  TimerRow,
} from './turn-record.js';

/** Kinds of entries that become events for the rest of the platform. */
const notableKinds = new Set<Entry['kind']>([
  'started',
  'startedFrom',
  'emitted',
  'approvalOpened',
  'decided',
  'runCompleted',
  'runFailed',
  'runCancelled',
  'runTerminated',
  'undoStarted',
  'undoFailed',
  'suspended',
  'resumed',
  'stepSkipped',
]);

export function isNotable({ kind }: Entry): boolean {
  return notableKinds.has(kind);
}

/**
 * What a run waits for that its row names, which every turn writes anew: a `map` may have thousands of
 * them under way. People look for what they are asked here, so of that there may be more.
 */
const shownMost = { call: 20, timer: 20, run: 20, worker: 20, event: 20, approval: 500 };

/**
 * The row that lists and pages show of a run in this state.
 * @param endedBefore when it ended, where the state is of a run that had ended and was told something since
 */
export function runRow(facts: RunFacts, state: RunState, endedBefore?: number): RunRow {
  const status = stateOf(state);
  return {
    ...facts,
    irHash: revisionOf(state) ?? facts.irHash,
    status,
    input: state.input,
    ...(status === 'completed' ? { output: state.output ?? null } : {}),
    ...failureOf(status, state),
    waitingFor: waitsOf(state, { most: shownMost }).map((wait) => runWait(facts.runId, wait)),
    ...(state.labels === undefined ? {} : { labels: state.labels }),
    updatedAt: state.at,
    ...(isTerminal(status) ? { endedAt: endedBefore ?? state.at } : {}),
  };
}

/** What is wrong with a run: why it failed, what it is undone for, or why that does not succeed. */
function failureOf(status: RunStatus, { failure, undo }: RunState) {
  if (status === 'compensating' && undo?.cause.by === undefined) {
    return undo && { error: undo.cause.error, failedStep: undo.cause.occurrence };
  }
  if (failure === undefined || (status !== 'failed' && status !== 'compensation-failed')) return {};
  return { error: failure.error, failedStep: failure.occurrence };
}

function runWait(runId: string, wait: Wait): RunWait {
  const assignee = readAssignee(wait.assignee);
  return {
    kind: wait.kind,
    step: wait.occurrence,
    name: wait.name,
    since: new Date(wait.since).toISOString(),
    ...(wait.until === undefined ? {} : { until: new Date(wait.until).toISOString() }),
    ...(wait.kind === 'approval'
      ? { approvalId: approvalId(runId, wait.occurrence, wait.attempt), who: whoIs(assignee) }
      : {}),
    ...(wait.kind === 'resume' ? { who: whoIs(assignee) } : {}),
    ...(wait.queue === undefined ? {} : { queue: wait.queue }),
    ...(wait.key === undefined ? {} : { runId: childRunId(wait.key, wait.since) }),
  };
}

/** An approval's id is made of what it is about, so recovering a run opens the same one again. */
export function approvalId(runId: string, occurrence: string, attempt: number): string {
  return `apr_${hashText(`${runId}\0${occurrence}\0${String(attempt)}`).slice(0, 26)}`;
}

export function approvalsOpened(
  runId: string,
  state: RunState,
  effects: readonly Effect[],
): ApprovalRow[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'openApproval') return [];
    const frame = state.frames.get(effect.occurrence);
    return {
      id: approvalId(runId, effect.occurrence, effect.attempt),
      occurrence: effect.occurrence,
      title: effect.title,
      ...(effect.message === undefined ? {} : { message: effect.message }),
      assignee: readAssignee(effect.assignee) as Json,
      ...(effect.data === undefined ? {} : { data: effect.data }),
      ...(effect.form === undefined ? {} : { form: effect.form }),
      requestedAt: frame?.startedAt ?? state.at,
      ...(effect.dueAt === undefined ? {} : { dueAt: effect.dueAt }),
    };
  });
}

export function approvalsClosed(
  runId: string,
  entries: readonly Entry[],
  effects: readonly Effect[],
): ApprovalClosing[] {
  const decided = entries.flatMap((entry) =>
    entry.kind === 'decided'
      ? {
          id: approvalId(runId, entry.occurrence, entry.attempt),
          status: entry.decision === 'approved' ? ('approved' as const) : ('rejected' as const),
          closedAt: entry.at,
          by: entry.by,
          ...(entry.reason === undefined ? {} : { reason: entry.reason }),
        }
      : [],
  );
  const cancelled = effects.flatMap((effect) =>
    effect.kind === 'closeApproval'
      ? {
          id: approvalId(runId, effect.occurrence, effect.attempt),
          status: 'cancelled' as const,
          closedAt: entries.at(-1)?.at ?? 0,
        }
      : [],
  );
  const known = new Set(decided.map(({ id }) => id));
  return [...decided, ...cancelled.filter(({ id }) => !known.has(id))];
}

/**
 * What a turn tells other runs: the children that it starts and gives up, and the parent, when the
 * run is over.
 */
export function messagesSent(
  facts: RunFacts,
  position: number,
  turn: Pick<Turn, 'entries' | 'effects'>,
): Message[] {
  const { runId, tenantId } = facts;
  const said: Omit<Message, 'id' | 'tenantId'>[] = [];
  // What a child did is part of what its parent did.
  const isUndone = turn.entries.some(({ kind }) => kind === 'undoStarted');
  const undoing = isUndone ? { compensate: true } : {};
  for (const effect of turn.effects) {
    if (effect.kind !== 'startChild' && effect.kind !== 'cancelChild') continue;
    const { occurrence, attempt, key, at } = effect;
    const depth = (facts.parent?.depth ?? 0) + 1;
    const parent = { runId, occurrence, attempt, depth };
    const { startedBy, priority = 'medium' } = facts;
    const body: MessageBody =
      effect.kind === 'startChild'
        ? { kind: 'startChild', parent, startedBy, priority, args: effect.args, at }
        : { kind: 'tell', stimulus: { kind: 'cancel', by: runId, reason: givenUp, ...undoing } };
    said.push({ runId: childRunId(key, at), body });
  }
  const end = facts.parent === undefined ? undefined : endOf(turn.entries);
  if (facts.parent !== undefined && end !== undefined) {
    const { runId: parentId, occurrence, attempt } = facts.parent;
    const stimulus = { ...end, occurrence, attempt };
    said.push({ runId: parentId, body: { kind: 'tell', stimulus } });
  }
  return said.map((one, index) => ({
    ...one,
    id: `${runId}:${String(position)}:${String(index)}`,
    tenantId,
  }));
}

const givenUp = 'The run that had started it does not wait for it any more.';

/** The end of a run, as whoever waits for it is told. */
function endOf(entries: readonly Entry[]): CallOutcome | undefined {
  for (const entry of entries) {
    if (entry.kind === 'runCompleted') return { kind: 'completed', output: entry.output };
    if (entry.kind === 'runFailed' || entry.kind === 'undoFailed') return childFailed(entry.error);
    if (entry.kind === 'runCancelled' || entry.kind === 'runTerminated') {
      const how = entry.kind === 'runCancelled' ? 'cancelled' : 'terminated';
      const title = `The sub-workflow was ${how}`;
      return childFailed({ type: errorTypes.runtime, status: 500, title, detail: entry.reason });
    }
  }
  return undefined;
}

/** Trying again is another run, so the outcome is definitive; the place is that of the step. */
export function childFailed({ instance: _instance, ...error }: RunError): CallOutcome {
  return { kind: 'failed', outcome: 'definitive', error };
}

export function timersArmed(effects: readonly Effect[]): TimerRow[] {
  return effects.flatMap((effect) => (effect.kind === 'armTimer' ? effect : []));
}

/** Who may decide; somebody who can always be found when the definition does not say. */
export function readAssignee(value: Json | undefined): Assignee {
  if (isJsonObject(value)) {
    if (typeof value['member'] === 'string') return { member: value['member'] };
    if (typeof value['role'] === 'string') return { role: value['role'] };
  }
  return { role: 'owner' };
}

export function whoIs(assignee: Assignee): string {
  return 'role' in assignee ? `role ${assignee.role}` : `member ${assignee.member}`;
}
