import type { Message } from '../engine/turn-record.js';
import type { LeaseStore } from './lease-store.pg.js';

export interface LeaseSweeperOptions {
  readonly store: Pick<LeaseStore, 'look' | 'expire' | 'grace' | 'forgetWorkers'>;
  /** Partitions of this process: it ends the leases of tasks of their runs. */
  readonly owned: () => readonly number[];
  /** Messages that are now in inboxes of runs. */
  readonly brought: (messages: readonly Message[]) => void;
  readonly onError: (error: unknown, message: string) => void;
  /** After so long without a look, workers may not have been heard. @default 5 s */
  readonly blindMs?: number;
}

const sweepMs = 2_000;
const blindMsDefault = 5_000;
const forgetMs = 60 * 60_000;

/**
 * Ends leases whose worker was not heard of in time.
 *
 * L1  While nobody had a partition, workers could not be heard: each of its leases gets its whole
 *     time once more before one is ended.
 * L2  The same after a pause of the partition's own process, or of the database: a look ends only
 *     what was over when it began, and it began soon after the one before.
 */
export class LeaseSweeper {
  private readonly options: LeaseSweeperOptions;
  /** Partitions whose leases had their grace. */
  private readonly graced = new Set<number>();
  private readonly timers: NodeJS.Timeout[] = [];
  /** When the last look that succeeded began, by the database's clock. */
  private lookedAt = Number.NEGATIVE_INFINITY;
  private sweeping: Promise<void> | undefined;

  constructor(options: LeaseSweeperOptions) {
    this.options = options;
  }

  start(): void {
    this.timers.push(
      setInterval(() => void this.sweep(), sweepMs),
      setInterval(() => void this.forget(), forgetMs),
    );
    for (const timer of this.timers) timer.unref();
    void this.sweep();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.sweeping;
  }

  /** Somebody else may have had these meanwhile, or nobody. */
  taken(partitions: readonly number[]): void {
    for (const partition of partitions) this.graced.delete(partition);
  }

  sweep(): Promise<void> {
    this.sweeping ??= this.look()
      .catch((error: unknown) =>
        this.options.onError(error, 'leases of workers could not be looked at; again soon'),
      )
      .finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async look(): Promise<void> {
    const { owned, store, brought, blindMs = blindMsDefault } = this.options;
    const { now, areOver } = await store.look(owned());
    if (now.getTime() - this.lookedAt > blindMs) this.graced.clear(); // L2
    const mine = owned();
    for (const partition of this.graced)
      if (!mine.includes(partition)) this.graced.delete(partition);
    const fresh = mine.filter((partition) => !this.graced.has(partition));
    if (fresh.length > 0) {
      await store.grace(fresh); // L1
      for (const partition of fresh) this.graced.add(partition);
    }
    const swept = mine.filter((partition) => !fresh.includes(partition));
    if (areOver && swept.length > 0) brought(await store.expire(swept, now));
    this.lookedAt = now.getTime();
  }

  private async forget(): Promise<void> {
    try {
      await this.options.store.forgetWorkers();
    } catch (error) {
      this.options.onError(error, 'workers that went away are listed a little longer');
    }
  }
}
