import type { Entry, RunState } from '@parley/engine';
import type { Ir } from '@parley/ir';
import type { KnownClaims } from '../payloads/known-claims.js';
import type { ReplicaStore } from '../replicas/replica-store.js';
import type { Passage } from './relay.js';
import type { Message, PlacedTurn, RunFacts } from './turn-record.js';

/** A run as the journal has it. */
export interface StoredRun {
  readonly facts: RunFacts;
  /** When it ended, if it has. */
  readonly endedAt?: number;
  /** What it was after some turn, the latest that is known and can be read. */
  readonly snapshot?: StoredSnapshot;
  /** The turns after that, in order. */
  readonly turns: AsyncIterable<StoredTurn>;
  /** Those of its values that are objects, as far as they were read. */
  readonly claimed: KnownClaims;
}

export interface StoredTurn {
  readonly position: number;
  readonly entries: readonly Entry[];
  /** Bytes that it takes in the journal. */
  readonly length: number;
}

export interface StoredSnapshot {
  /** The turn that led to it. */
  readonly position: number;
  readonly state: RunState;
  /** Bytes that it takes. */
  readonly length: number;
}

export interface DueTimer {
  readonly tenantId: string;
  readonly runId: string;
  readonly occurrence: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** A timer's place in the order of a tenant's: by time, then by run, occurrence and generation. */
export type TimerPlace = DueTimer;

/** A turn that says something to the world: what the relay reads. */
export interface NotableTurn {
  readonly partition: number;
  readonly seq: number;
  readonly run: Pick<RunFacts, 'runId' | 'tenantId' | 'workflowId' | 'version' | 'startedBy'>;
  /** By their places in the turn; null may stand for those that become no event. */
  readonly entries: readonly (Entry | null)[];
}

/** A start whose idempotency key has been used. */
export interface KnownStart {
  readonly fingerprint: string;
  readonly runId: string;
}

/**
 * Where the engine keeps everything that must outlive it.
 *
 * J1  A flush writes all of its turns or nothing, but nothing of a partition that another process has
 *     taken over.
 */
export interface JournalStore {
  /** Who shares the partitions with this process, and how they change hands. */
  readonly replicas: ReplicaStore;
  /**
   * Writes turns in one piece. Answers the partitions that somebody else has taken over: of these
   * nothing was written (J1).
   */
  flush(
    epochs: ReadonlyMap<number, number>,
    turns: readonly PlacedTurn[],
  ): Promise<readonly number[]>;
  loadRun(runId: string): Promise<StoredRun | undefined>;
  loadIr(tenantId: string, irHash: string): Promise<Ir | undefined>;
  findStartKey(tenantId: string, key: string): Promise<KnownStart | undefined>;
  /** Those of the keys that were used, by key. */
  findStartKeys(
    tenantId: string,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, KnownStart>>;
  /**
   * Runs that had something to do, not only to wait for: these are resumed after a takeover. Suspended
   * ones are among them: what they had called may have an outcome that nobody knows.
   */
  busyRuns(partitions: readonly number[]): Promise<string[]>;
  /** Who has timers that are due before a time, in whatever partition. */
  tenantsWithTimers(timeMs: number): Promise<string[]>;
  /** The next timers of these partitions after a place in each tenant's, at most `limit` of each, in order. */
  timersDueBefore(
    timeMs: number,
    limit: number,
    partitions: readonly number[],
    after: readonly TimerPlace[],
  ): Promise<DueTimer[]>;
  /** The next turns of these partitions that are not published, at most `limit` of each, in order. */
  notableTurns(limit: number, partitions: readonly number[]): Promise<NotableTurn[]>;
  /**
   * Moves the relay past these turns, unless it has passed the first of one of the passages already.
   * @returns whether it moved
   */
  passTurns(passages: readonly Passage[]): Promise<boolean>;
  /** What the runs of these partitions have not heard yet, in the order in which it was said. */
  messagesFor(partitions: readonly number[], limit: number): Promise<Message[]>;
  /**
   * Takes a message away that causes no turn, and says what there is to say about it, once.
   * @returns false when another process owns the partition now: then it is for that one to do
   */
  settleMessage(
    heard: Message,
    owned: { readonly id: number; readonly epoch: number },
    answer?: Message,
  ): Promise<boolean>;
}
