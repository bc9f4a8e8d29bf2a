import type { RunPriority } from '@parley/ir';
import { PriorityLine } from './priority-line.js';

interface Waiter {
  readonly wanted: number;
  readonly resume: () => void;
}

/**
 * Places for what may be under way at a time. They are given in groups, and come back one by one.
 *
 * P1  No more are out than there are when some are given; there may be fewer later.
 * P2  Whoever waits has its turn before whoever comes; among those that wait the higher priority goes
 *     first, as `PriorityLine` has it. A group waits until there is room for all of it.
 */
export class Places {
  private readonly placesMax: () => number;
  private readonly waiting = new PriorityLine<Waiter>();
  private taken = 0;

  /** @param placesMax how many there are now, at least as many as anybody wants at a time */
  constructor(placesMax: () => number) {
    this.placesMax = placesMax;
  }

  /** Nobody has one or waits for one. */
  get areFree(): boolean {
    return this.taken === 0;
  }

  /** Resolves when the caller has so many places. */
  take(wanted: number, priority: RunPriority): Promise<void> {
    return new Promise((resume) => {
      this.waiting.add({ wanted, resume }, priority);
      this.give();
    });
  }

  giveBack(): void {
    this.taken -= 1;
    this.give();
  }

  private give(): void {
    for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.peek()) {
      // Where nobody has one, nobody could make room.
      if (this.taken > 0 && this.taken + next.wanted > this.placesMax()) return;
      this.waiting.take();
      this.taken += next.wanted;
      next.resume();
    }
  }
}
