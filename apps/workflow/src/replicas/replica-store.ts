/** Replicas that have been silent for so long say nothing any more: their rows are removed. */
export const forgottenAfterMs = 600_000;

/** Partitions that were taken, and where each journal ended then. */
export interface Ownership {
  readonly epochs: ReadonlyMap<number, number>;
  readonly lastSeq: ReadonlyMap<number, number>;
}

/** A process as the database knows it; both times by the database's clock. */
export interface ReplicaRow {
  readonly id: string;
  readonly url: string;
  readonly leaving: boolean;
  /** Milliseconds until its lease ends; negative when it has ended. */
  readonly leaseMs: number;
  /** Milliseconds since it was last heard of. */
  readonly silentMs: number;
}

export interface PartitionRow {
  readonly id: number;
  readonly epoch: number;
  readonly owner?: string;
}

/** All replicas and partitions at one moment. */
export interface ReplicaView {
  readonly replicas: readonly ReplicaRow[];
  readonly partitions: readonly PartitionRow[];
  /** The highest level of the journal of which something may have been written. */
  readonly level: number;
}

/** A partition as somebody has read it. */
export type SeenPartition = Pick<PartitionRow, 'id' | 'epoch'>;

/**
 * Who shares the partitions, and how they change hands.
 *
 * J2  Where a journal ends is read after the new epoch is held, so a flush of the former owner is
 *     either in what is read or never happens.
 * J3  A partition is taken only as it was seen: if its epoch has moved, somebody else was faster.
 *     What was one's own is taken again, after a lost connection, only while it still is.
 * J4  A level of the journal is switched on only while every replica that is alive reads it, and from
 *     then on nobody joins who does not. The two happen one after the other.
 */
export interface ReplicaStore {
  /** This process, as long as it lives. */
  readonly id: string;
  /**
   * Announces this process, and what it reads of the journal; one that was reached at the same address
   * exists no more.
   * @throws CannotStart when the journal may have what this release cannot read (J4)
   */
  join(url: string, leaseMs: number): Promise<void>;
  /** Renews the lease and reads everything. Answers undefined when this process is not known. */
  renew(leaseMs: number): Promise<ReplicaView | undefined>;
  view(): Promise<ReplicaView>;
  /** Switches a level on, if everybody reads it (J4). @returns the level that is on then */
  switchOn(level: number): Promise<number>;
  /** Ends the lease of one who is known to be gone, unless it has been heard of since it was seen. */
  expire(seen: ReplicaRow): Promise<void>;
  /** From now on this process is to get nothing; what it has it still owns. */
  leaving(): Promise<void>;
  leave(): Promise<void>;
  /** Takes those of the partitions that are still as they were seen (J3). */
  take(seen: readonly SeenPartition[]): Promise<Ownership>;
  /**
   * Takes own partitions again after a lost connection, so that a flush that is still under way on
   * the old one is fenced. Those that another has taken meanwhile are not in the answer (J3).
   * Repeating it is harmless: it goes by the owner, not by an epoch whose news may have been lost.
   */
  takeAgain(partitions: readonly number[]): Promise<Ownership>;
  /** Gives partitions away, if they are as they were seen: whoever is to have them may take them. */
  free(seen: readonly SeenPartition[]): Promise<void>;
}
