import { setImmediate as otherWork } from 'node:timers/promises';
import type { Arrival, StreamStore } from './stream-store.js';

interface Waiting {
  readonly arrivals: readonly Arrival[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const eventsPerWriteMax = 2_000;

/**
 * Appends events to their tenants' streams. Events that arrive at once, or while others are being
 * written, are written together, so one commit carries as many as there are. How many can wait is
 * bounded by the bus: it has at most one batch of each partition under way.
 */
export class AuditWriter {
  private readonly waiting: Waiting[] = [];
  private writing = false;

  constructor(private readonly store: Pick<StreamStore, 'append'>) {}

  /** Settles when the events are durable; one that is there already changes nothing. */
  append(arrivals: readonly Arrival[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ arrivals, resolve, reject });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    await otherWork(); // what the bus has read at once is handed over partition by partition
    while (this.waiting.length > 0) await this.write(this.next());
    this.writing = false;
  }

  /** What came together stays together. */
  private next(): Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(
      ({ arrivals }) => (size += arrivals.length) > eventsPerWriteMax,
    );
    return this.waiting.splice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }

  /** Events that cannot be stored must not hold up the others: then what came together is written alone. */
  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.store.append(batch.flatMap(({ arrivals }) => arrivals));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length > 1) for (const one of batch) await this.write([one]);
      else batch[0]?.reject(error);
    }
  }
}
