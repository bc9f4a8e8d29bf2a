import { pause, type Clock } from '../engine/clock.js';
import type { ArchiveStore } from './archive-store.js';
import { Archiver, type ArchiverLimits } from './archiver.js';

const lookMs = 60_000;
const sweepMsMax = 3_600_000;
/** Ages are looked at this often, each: nothing stays much longer than it should. */
const sweepsPerAge = 20;
/** Between two pieces of work: the database has more important things to do. */
const pauseMs = 20;

export interface JournalKeeperOptions {
  readonly store: ArchiveStore;
  readonly owned: () => readonly number[];
  /** Since when a run has done nothing whose journal becomes an archive. */
  readonly archiveAfterMs: number;
  /** Since when a run has done nothing that is removed. */
  readonly removeAfterMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown, message: string) => void;
  readonly limits?: Partial<ArchiverLimits>;
  /** Between two looks. @default as the ages want it */
  readonly everyMs?: number;
}

/** Looks after the journal of the partitions that this process owns, now and then. */
export class JournalKeeper {
  private readonly options: JournalKeeperOptions;
  private readonly archiver: Archiver;
  private readonly stopping = new AbortController();
  private readonly sweepMs: number;
  private sweepAt = 0;
  private callOff: (() => void) | undefined;
  private looking: Promise<void> | undefined;

  constructor(options: JournalKeeperOptions) {
    this.options = options;
    const { store, clock, onError, limits } = options;
    this.archiver = new Archiver({
      ...{ store, onError },
      ...(limits === undefined ? {} : { limits }),
      pause: () => pause(clock, pauseMs, this.stopping.signal),
      isStopped: () => this.stopping.signal.aborted,
    });
    const { archiveAfterMs, everyMs = Math.max(1_000, archiveAfterMs / sweepsPerAge) } = options;
    this.sweepMs = Math.min(sweepMsMax, everyMs);
  }

  start(): void {
    const waitMs = Math.min(lookMs, this.sweepMs);
    this.callOff = this.options.clock.after(waitMs, () => {
      this.looking = this.look()
        .catch((error: unknown) =>
          this.options.onError(error, 'the journal could not be shortened'),
        )
        .then(() => {
          if (!this.stopping.signal.aborted) this.start();
        });
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.callOff?.();
    await this.looking;
  }

  private async look(): Promise<void> {
    const { owned, clock, archiveAfterMs, removeAfterMs } = this.options;
    await this.archiver.shortenRuns(owned());
    const nowMs = clock.now();
    if (nowMs < this.sweepAt) return;
    await this.archiver.archiveOld(owned(), nowMs - archiveAfterMs);
    await this.archiver.removeEnded(owned(), nowMs - removeAfterMs);
    this.sweepAt = clock.now() + this.sweepMs;
  }
}
