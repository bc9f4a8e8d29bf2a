import type { Entry } from '@parley/engine';
import type { Ir } from '@parley/ir';
import type { Message, PlacedTurn, RunFacts } from './turn-record.js';

/** The partitions that this process took over, and where each journal ended then. */
export interface Ownership {
  readonly epochs: ReadonlyMap<number, number>;
  readonly lastSeq: ReadonlyMap<number, number>;
}

/** A run as the journal has it. */
export interface StoredRun {
  readonly facts: RunFacts;
  readonly turns: readonly { readonly position: number; readonly entries: readonly Entry[] }[];
}

export interface DueTimer {
  readonly runId: string;
  readonly occurrence: string;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** A turn that says something to the world: what the relay reads. */
export interface NotableTurn {
  readonly partition: number;
  readonly seq: number;
  readonly runId: string;
  readonly entries: readonly Entry[];
}

/** A start whose idempotency key has been used. */
export interface KnownStart {
  readonly fingerprint: string;
  readonly runId: string;
}

/**
 * Where the engine keeps everything that must outlive it.
 *
 * J1  A flush writes all of its turns or nothing, and nothing at all once another process has taken
 *     over one of its partitions.
 * J2  `takeOver` answers where the journals end after it has fenced the former owner: a flush of that
 *     one is either in what it says or never happens.
 * J3  Only a starting process takes over from another. One that lost its connection takes back what
 *     is still its own; else a forgotten process could wake up and fence its successor.
 */
export interface JournalStore {
  /** Takes every partition, whoever had it: what a starting process does. */
  takeOver(): Promise<Ownership>;
  /**
   * Takes the own partitions again after a lost connection, so that a flush that is still under way
   * on the old one is fenced. Answers undefined when another process has taken over meanwhile (J3).
   * Repeating it is harmless: it goes by the owner, not by an epoch whose news may have been lost.
   */
  takeOverAgain(): Promise<Ownership | undefined>;
  /** Writes turns in one piece. Answers false when another process has taken over (J1). */
  flush(epochs: ReadonlyMap<number, number>, turns: readonly PlacedTurn[]): Promise<boolean>;
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
  busyRuns(): Promise<string[]>;
  timersDueBefore(timeMs: number, limit: number): Promise<DueTimer[]>;
  /** The next turns that are not published, at most `limit` of each partition, in their order. */
  notableTurns(limit: number): Promise<NotableTurn[]>;
  /** Records that everything up to these places has been published. */
  advanceRelay(ends: ReadonlyMap<number, number>): Promise<void>;
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
  factsOf(runIds: readonly string[]): Promise<Map<string, RunFacts>>;
}
