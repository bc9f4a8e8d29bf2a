import type { RunPriority } from '@parley/ir';
import type { Clock } from './clock.js';
import { FairLines } from './priority-line.js';

/**
 * Work that is cut into pieces, so that everybody else gets their turn between two of them: one piece
 * of one piece of work at a time, however much of it waits. Tenants take turns; of one tenant, what is
 * of a higher priority goes first.
 */
export class Breaths {
  private readonly clock: Clock;
  private readonly waiting = new FairLines<() => void>();
  private isBreathing = false;

  constructor(clock: Clock) {
    this.clock = clock;
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
    this.clock.soon(() => this.next());
  }
}
