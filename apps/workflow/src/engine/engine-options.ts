import type { Entry, LabelChange, LoadedIr, Rejection, RunState, StartFrom } from '@parley/engine';
import type { Json, Result } from '@parley/kernel';
import type { MembershipTimes } from '../replicas/membership.js';
import type { Partitions } from '../replicas/partitions.js';
import type { QueueLimits } from './call-queue.js';
import type { Clock } from './clock.js';
import type { HeavyTurns } from './heavy-turns.js';
import type { JournalStore } from './journal-store.js';
import type { LiveRunsOptions } from './live-runs.js';
import type { PerformCall } from './run-calls.js';
import type { SubscriptionRow } from './subscriptions.js';
import type { ShareOf } from './tenant-limits.js';
import type { Message, RunFacts, RunRow } from './turn-record.js';
import type { WrittenTurns } from './unpublished-turns.js';

/** Without a priority the run has that of its definition. */
export interface StartRequest extends Omit<RunFacts, 'runId' | 'createdAt'> {
  readonly input: Json;
  /** What the run can be found by, beside what its definition says. */
  readonly labels?: LabelChange;
  /** Where an earlier run had come to, when this one does not begin at its beginning. */
  readonly from?: Pick<StartFrom, 'of' | 'step' | 'state'>;
  /** Idempotency key and what it was first used for. */
  readonly key?: { readonly key: string; readonly fingerprint: string };
}

/** A start of which the rest is found out while its key is looked up. */
export interface PreparedStart extends Pick<StartRequest, 'tenantId' | 'key'> {
  /** Throws when a new run is not to start; what it says does not matter to a repeated request. */
  readonly prepare: () => Promise<Omit<StartRequest, 'key'>>;
}

export interface Started {
  readonly runId: string;
  /** The key had been used before: this is the first run. */
  readonly repeated: boolean;
  /** A new run as its first turn left it. */
  readonly change?: RunChange;
}

/** On whose behalf a stimulus is applied. */
export interface Applying {
  /** Only runs of this tenant exist. */
  readonly tenantId: string;
  /** Under this id the stimulus is taken once, however often it comes. */
  readonly command?: string;
  /** What an overlay leads to; the engine loads it by its hash. */
  readonly program?: LoadedIr;
  /** Looks at the run right before the stimulus is applied and may refuse it. */
  readonly unless?: (state: RunState) => Rejection | undefined;
}

/** How a run is told something. */
export interface Taking {
  readonly applying?: Applying;
  readonly heard?: Message;
  /** Only under this hold of the partition; another one may have taken it in between. */
  readonly hold?: object;
}

/** A durable change of a run. */
export interface RunChange {
  readonly row: RunRow;
  readonly position: number;
  readonly entries: readonly Entry[];
  /** Ids of approvals that this turn opened or closed. */
  readonly approvals: readonly string[];
  /** Whether the relay has something to publish about it. */
  readonly notable: boolean;
}

/** A task that events are brought to. */
export type ListeningTask = Pick<RunFacts, 'tenantId' | 'runId'> & SubscriptionRow;

/** A published version, as a run is pinned to it. */
export type RunnableVersion = Pick<RunFacts, 'workflowId' | 'workflowName' | 'version' | 'irHash'>;

/** What a definition calls by `{ namespace, name, version }`, or why there is no such thing. */
export type FindWorkflow = (
  tenantId: string,
  wanted: Json,
) => Promise<Result<RunnableVersion, string>>;

export interface EngineOptions {
  readonly store: JournalStore;
  readonly performCall: PerformCall;
  readonly findWorkflow: FindWorkflow;
  /** What this process may use of the limits of tenants. @default all of them */
  readonly shareOf?: ShareOf;
  /** Processes that may run at the same time. */
  readonly processes?: QueueLimits;
  readonly onChange: (change: RunChange) => void;
  /** A task listens to events, durably: what came shortly before may be for it. */
  readonly onListening?: (task: ListeningTask) => void;
  /** Work was put into a queue, or is not in it any more, durably. */
  readonly onWork?: (tenantId: string, queue: string) => void;
  /** A process with the same address has replaced this one, which must stop. */
  readonly onFenced: () => void;
  readonly onError: (error: unknown, message: string) => void;
  /** Runs kept in memory while they only wait. */
  readonly idleRunsMax?: number;
  /** Timers that fire at the same time, at most. @default 64 */
  readonly firingMax?: number;
  readonly clock?: Clock;
  /** Steps of a run that become durable together, at most. @default 2000 */
  readonly stepsPerTurn?: number;
  /** Takes the turns that are too much work for the engine's own thread. @default there are none */
  readonly heavyTurns?: Pick<HeavyTurns, 'take' | 'end'>;
  /** JSON text of entries from which on a run's state is written down. @default 128 KiB */
  readonly snapshotBytesMin?: number;
  /** Makes a compiled definition ready to run. @default loadProgram, with a check of schemas */
  readonly load?: LiveRunsOptions['load'];
  /** What this process has of the partitions. @default its own record */
  readonly partitions?: Partitions;
  /** Told what is durable. */
  readonly turns?: WrittenTurns;
  /** How it is one of several. @default one that nobody can reach */
  readonly replica?: ReplicaOptions;
}

/** What another process is to look at: who has which partition, or what its runs were told. */
export type LookAt = 'partitions' | 'messages';

export interface ReplicaOptions {
  /** Where the others reach this process. */
  readonly url: string;
  /** Makes others look at once; it may be lost. */
  readonly hint?: (urls: readonly string[], about: LookAt) => void;
  readonly isDead?: (url: string) => Promise<boolean>;
  readonly times?: Partial<MembershipTimes>;
}
