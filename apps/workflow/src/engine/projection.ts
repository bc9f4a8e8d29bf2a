import { hashText } from '@parley/ir';
import {
  isTerminal,
  waitsOf,
  stateOf,
  type Effect,
  type Entry,
  type RunState,
  type Wait,
} from '@parley/engine';
import type { Assignee, RunWait } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import type { ApprovalClosing, ApprovalRow, RunFacts, RunRow, TimerRow } from './turn-record.js';

/** Kinds of entries that become events for the rest of the platform. */
const notableKinds = new Set<Entry['kind']>([
  'started',
  'emitted',
  'approvalOpened',
  'decided',
  'runCompleted',
  'runFailed',
  'runCancelled',
  'runTerminated',
  'suspended',
  'resumed',
  'stepSkipped',
]);

export function isNotable(entries: readonly Entry[]): boolean {
  return entries.some(({ kind }) => notableKinds.has(kind));
}

/** The row that lists and pages show of a run in this state. */
export function runRow(facts: RunFacts, state: RunState): RunRow {
  const status = stateOf(state);
  return {
    ...facts,
    status,
    input: state.input,
    ...(status === 'completed' ? { output: state.output ?? null } : {}),
    ...(status === 'failed' && state.failure !== undefined
      ? { error: state.failure.error, failedStep: state.failure.occurrence }
      : {}),
    waitingFor: waitsOf(state).map((wait) => runWait(facts.runId, wait)),
    updatedAt: state.at,
    ...(isTerminal(status) ? { endedAt: state.at } : {}),
  };
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
    const frame = state.frames[effect.occurrence];
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
