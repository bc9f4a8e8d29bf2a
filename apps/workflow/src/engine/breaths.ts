import type { RunPriority } from '@parley/ir';
import type { Clock } from './clock.js';
import { FairLines } from './priority-line.js';
import { restMsAfter } from './rest.js';

/** Pieces of one breath at most, and how long a breath may take before the next one has fewer. */
const piecesMax = 16;
const longMs = 2;

/**
 * Work that is cut into pieces, so that everybody else gets their turn between two breaths: a breath is
 * one piece, or some while they are short, however much waits. Tenants take turns; of one tenant, what
 * is of a higher priority goes first. While somebody may come whose work is short, there is
 * a rest between two breaths (`rest.ts`).
 */
export class Breaths {
  private readonly clock: Clock;
  private readonly spares: () => boolean;
  private readonly waiting = new FairLines<{ readonly tenantId: string; resume(): void }>();
  /** Tenants of the last breath. */
  private readonly served = new Set<string>();
  private isBreathing = false;
  private endRest: (() => void) | undefined;
  private pieces = 1;
  /** What the thread had worked when the last breath was through. */
  private busyMs = 0;

  /** @param spares whether somebody may come */
  constructor(clock: Clock, spares: () => boolean) {
    this.clock = clock;
    this.spares = spares;
  }

  /** Resolves when it is the turn of the next piece. */
  take(tenantId: string, priority?: RunPriority): Promise<void> {
    return new Promise((resume) => {
      const isFirst = this.waiting.add(tenantId, { tenantId, resume }, priority);
      if (isFirst && !this.served.has(tenantId)) this.endRest?.();
      if (this.isBreathing) return;
      this.isBreathing = true;
      this.busyMs = this.clock.busyMs();
      this.clock.soon(() => this.next());
    });
  }

  private next(): void {
    this.isBreathing = false;
    this.served.clear();
    for (let begun = 0; begun < this.pieces; begun += 1) {
      const piece = this.waiting.take();
      if (piece === undefined) break;
      this.isBreathing = true;
      this.served.add(piece.tenantId);
      piece.resume();
    }
    // What they begin is begun by then, and they wait for their next breath with all others.
    if (this.isBreathing) this.clock.soon(() => this.goOn());
  }

  /** What follows from a breath comes later, so all that the thread has worked since the last one counts. */
  private goOn(): void {
    const beforeMs = this.busyMs;
    this.busyMs = this.clock.busyMs();
    const tookMs = this.busyMs - beforeMs;
    const spares = this.spares();
    this.pieces = tookMs < longMs && !spares ? Math.min(2 * this.pieces, piecesMax) : 1;
    if (!spares || tookMs < 1) return this.next();
    const end = () => {
      callOff();
      this.endRest = undefined;
      this.next();
    };
    const callOff = this.clock.after(restMsAfter(tookMs), end);
    this.endRest = end;
  }
}
