import type { StoredOpening } from './archive-format.js';

export interface OfRun {
  readonly tenantId: string;
  readonly runId: string;
}

/** A turn in the journal that everybody has been told of. */
export interface TailTurn extends OfRun {
  readonly position: number;
  readonly payload: Buffer;
}

/** A run that has turns in the journal and does nothing. */
export interface RunAtRest extends OfRun {
  /** Bytes of its turns in the journal. */
  readonly bytes: number;
  /** It never goes on. */
  readonly isOver: boolean;
}

/** A turn of a run after which its state is known. */
export interface CutPoint {
  readonly position: number;
  /** Entries of the run until then. */
  readonly entries: number;
}

/** Which turns of a run an archive holds. */
export interface ArchivedRange {
  readonly runId: string;
  readonly first: number;
  readonly last: number;
  /** Entries of the run before these turns, and in them. */
  readonly before: number;
  readonly entries: number;
  /** Snapshots of the run are not needed any more. */
  readonly isOver: boolean;
}

export interface Sweep {
  /** Where it goes on. */
  readonly after: number;
  /** Turns that are looked at, at most. */
  readonly limit: number;
  /** Runs that have changed since then are not at rest. */
  readonly beforeMs: number;
}

/**
 * What the archiver needs of the database.
 *
 * A1  A turn is in the journal or in an archive, for whoever looks, and never in both.
 * A2  A turn leaves the journal only when the relay has passed it. So where the journal of a partition
 *     ends is known when its last turn has left, too: where the relay is.
 * A3  What an archive holds is durable before the turns leave for it, and an archive that holds turns
 *     of a run is not collected.
 * A4  The latest snapshot of a run that may go on stays.
 */
export interface ArchiveStore {
  /** Moves the relay past turns that say nothing to anybody (A2). */
  passQuiet(partitions: readonly number[]): Promise<void>;
  /**
   * Runs at rest among the next turns of a partition.
   * @returns where to go on; nothing when all that follows is too young
   */
  sweep(
    partition: number,
    sweep: Sweep,
  ): Promise<{ readonly runs: readonly RunAtRest[]; readonly next?: number }>;
  /**
   * Runs that go on and have at least so many snapshots, among the next `limit` of all snapshots: their
   * journal is long, and they need little of it.
   * @returns where to go on; nothing when no more follow
   */
  longRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly snapshotsMin: number;
  }): Promise<{ readonly runs: readonly OfRun[]; readonly next?: string }>;
  /** Turns of runs that may leave the journal (A2), in order. */
  tail(
    runIds: readonly string[],
    range: { readonly after: number; readonly limit: number },
  ): Promise<TailTurn[]>;
  /** Where the last archive of a run ends. */
  archivedUntil(run: OfRun): Promise<CutPoint | undefined>;
  cutPoints(run: OfRun, after: number): Promise<CutPoint[]>;
  /** What a run was after a turn, as it is stored. */
  stateAfter(run: OfRun, position: number): Promise<StoredOpening | undefined>;
  /**
   * Makes an archive durable and moves turns of runs of one tenant into it (A1 to A4).
   * @throws AppError `conflict` when another process was faster
   */
  move(tenantId: string, archive: Buffer, ranges: readonly ArchivedRange[]): Promise<void>;
  /**
   * Runs among the next ones that have not gone on since `beforeMs` and are in archives alone.
   * @returns where to go on; nothing when all that follow are too young
   */
  endedRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly beforeMs: number;
  }): Promise<{ readonly runIds: readonly string[]; readonly next?: string }>;
  /**
   * Removes runs with all that is theirs, but none that has gone on since `beforeMs` after all; archives
   * and objects that nobody needs are collected later.
   */
  remove(runIds: readonly string[], beforeMs: number): Promise<void>;
}
