import type { RunPriority } from '@parley/ir';
import type { Clock } from './clock.js';
import { FairLines } from './priority-line.js';

/** The longest rest between two pieces. */
const restMsMax = 25;

/**
 * Work that is cut into pieces, so that everybody else gets their turn between two of them: one piece
 * of one piece of work at a time, however much of it waits. Tenants take turns; of one tenant, what is
 * of a higher priority goes first. While somebody may come whose work is short, half of the time is left
 * to them.
 */
export class Breaths {
  private readonly clock: Clock;
  private readonly spares: () => boolean;
  private readonly waiting = new FairLines<() => void>();
  private isBreathing = false;
  private busyMs = 0;

  /** @param spares whether somebody may come */
  constructor(clock: Clock, spares: () => boolean) {
    this.clock = clock;
    this.spares = spares;
  }

  /** Resolves when it is the turn of the next piece. */
  take(tenantId: string, priority?: RunPriority): Promise<void> {
    return new Promise((resume) => {
      this.waiting.add(tenantId, resume, priority);
      if (this.isBreathing) return;
      this.isBreathing = true;
      this.clock.soon(() => this.next());
    });
  }

  private next(): void {
    const resume = this.waiting.take();
    this.isBreathing = resume !== undefined;
    if (resume === undefined) return;
    resume();
    // What it begins is begun by then, and it waits for its next breath with all others.
    this.clock.soon(() => {
      const restMs = Math.min(this.workedMs(), restMsMax);
      if (restMs < 1 || !this.spares()) this.next();
      else this.clock.after(restMs, () => this.next());
    });
  }

  /** How long the thread has worked since this was asked, on this or on anything else. */
  private workedMs(): number {
    const before = this.busyMs;
    this.busyMs = this.clock.busyMs();
    return this.busyMs - before;
  }
}
