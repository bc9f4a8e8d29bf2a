import type { WorkerTaskRow } from '../task-queues/task-rows.js';
import type { SubscriptionKey, SubscriptionRow } from './subscriptions.js';
import type { Entry, Labels, StimulusBody } from '@parley/engine';
import type { RunPriority } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { Claim } from '../payloads/claims.js';
import type { RunError, RunStatus, RunWait } from '@parley/contracts';
import type { LabelChanges } from './label-rows.js';
import type { OverlayRow } from './flush-overlays.js';
import type { EncodedSnapshot } from './snapshots.js';

/** Everything that one turn of one run writes; it is durable as a whole or not at all. */
export interface TurnRecord {
  readonly partition: number;
  readonly tenantId: string;
  readonly runId: string;
  /** Number of the turn within the run, from 1. */
  readonly position: number;
  readonly entries: readonly Entry[];
  /** The entries as they are stored (see codec). */
  readonly payload: Buffer;
  /** Values that the payload refers to: durable before it is. */
  readonly claims?: readonly Claim[];
  /** Whether the relay has something to publish about this turn. */
  readonly notable: boolean;
  readonly run: RunRow;
  readonly startKey?: { readonly key: string; readonly fingerprint: string };
  readonly timersArmed: readonly TimerRow[];
  readonly timersGone: readonly { readonly occurrence: string; readonly generation: number }[];
  readonly approvalsOpened: readonly ApprovalRow[];
  readonly approvalsClosed: readonly ApprovalClosing[];
  readonly subscriptionsOpened: readonly SubscriptionRow[];
  readonly subscriptionsClosed: readonly SubscriptionKey[];
  readonly workerTasksOpened: readonly WorkerTaskRow[];
  /** Ids of tasks that are done, or that nobody waits for any more. */
  readonly workerTasksClosed: readonly string[];
  readonly messagesSent: readonly Message[];
  /** The message that this turn answers; with the turn it is gone. */
  readonly messageHeard?: string;
  readonly labels?: LabelChanges;
  /** Overlays that the run has from this turn on. */
  readonly overlays?: readonly OverlayRow[];
  /** What the run is after this turn. */
  readonly snapshot?: EncodedSnapshot;
}

/** Bytes that a turn brings with it: to the database, and to the object store before. */
export function weightOf({ payload, claims = [], snapshot }: TurnRecord): number {
  const own = payload.length + (snapshot?.payload.length ?? 0);
  return claims.reduce((bytes, { content }) => bytes + content.length, own);
}

/** A turn with its place in the journal of its partition. */
export interface PlacedTurn extends TurnRecord {
  readonly seq: number;
}

/** Something that one run tells another, or a run that it wants started. */
export interface Message {
  /** The turn that says it and which of its messages it is; the same again is the same message. */
  readonly id: string;
  readonly tenantId: string;
  readonly runId: string;
  readonly body: MessageBody;
}

export type MessageBody =
  | { readonly kind: 'tell'; readonly stimulus: StimulusBody }
  | {
      readonly kind: 'startChild';
      readonly parent: ParentRun;
      readonly startedBy: string;
      /** Of the parent. */
      readonly priority?: RunPriority;
      /** `{ namespace, name, version, input? }`, evaluated. */
      readonly args: Json;
      /** Milliseconds since the epoch. */
      readonly at: number;
    };

/** The run that waits for a run, and the step of it that does. */
export interface ParentRun {
  readonly runId: string;
  readonly occurrence: string;
  readonly attempt: number;
  /** How many runs are above the child. */
  readonly depth: number;
}

/** What does not change about a run, but for overlays: these lead it to another `irHash`. */
export interface RunFacts {
  readonly runId: string;
  readonly tenantId: string;
  readonly workflowId: string;
  readonly workflowName: string;
  readonly version: number;
  readonly irHash: string;
  readonly startedBy: string;
  /** Absent: medium. */
  readonly priority?: RunPriority;
  readonly rerunOf?: string;
  readonly parent?: ParentRun;
  /** Id of the schedule that started it, and the time that it was started for. */
  readonly scheduledBy?: string;
  readonly nominalTime?: string;
  readonly createdAt: number;
}

/** The projected state of a run after a turn. */
export interface RunRow extends RunFacts {
  readonly status: RunStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: RunError;
  readonly failedStep?: string;
  readonly waitingFor: readonly RunWait[];
  readonly labels?: Labels;
  readonly updatedAt: number;
  readonly endedAt?: number;
}

export interface TimerRow {
  readonly occurrence: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** A person is asked. */
export interface ApprovalRow {
  readonly id: string;
  readonly occurrence: string;
  readonly title: string;
  readonly message?: string;
  readonly assignee: Json;
  readonly data?: Json;
  readonly form?: Json;
  readonly requestedAt: number;
  readonly dueAt?: number;
}

/** The question is answered, or nobody needs the answer any more. */
export interface ApprovalClosing {
  readonly id: string;
  readonly status: 'approved' | 'rejected' | 'cancelled';
  readonly closedAt: number;
  readonly by?: string;
  readonly reason?: string;
}
