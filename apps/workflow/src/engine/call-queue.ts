import { PassingMap } from '@parley/kernel';
import type { RunPriority } from '@parley/ir';
import { PriorityLine } from './priority-line.js';
import { tenantLimits } from './tenant-limits.js';

/** Jobs in flight at the same time, over all tenants and for one. */
export interface QueueLimits {
  readonly jobsMax: number;
  readonly tenantJobsMax: number;
}

export const callLimits: QueueLimits = { jobsMax: 256, tenantJobsMax: tenantLimits.calls };

interface Job {
  readonly tenantId: string;
  /** Of its run. */
  readonly priority?: RunPriority;
  /** It had begun before: it goes before those that had not. */
  readonly again?: boolean;
  readonly work: () => Promise<void>;
}

/** Jobs of a tenant, in two lines. */
class Line {
  readonly again = new PriorityLine<Job>();
  readonly fresh = new PriorityLine<Job>();

  get size(): number {
    return this.again.size + this.fresh.size;
  }
}

/**
 * Lets a bounded number of calls go at a time. Tenants take turns, so that one with many slow calls
 * does not hold up the others; of one tenant, those of runs of a higher priority go first. Jobs wait
 * here after they were journaled: none is dropped.
 */
export class CallQueue {
  private readonly waiting = new PassingMap<string, Line>();
  private readonly inFlight = new Map<string, number>();
  private total = 0;
  private readonly limits: QueueLimits;
  private readonly tenantJobsMax: (tenantId: string) => number;

  /** @param tenantJobsMax what this process may use at the moment of a limit of several processes */
  constructor(
    limits: QueueLimits = callLimits,
    tenantJobsMax: (tenantId: string) => number = () => limits.tenantJobsMax,
  ) {
    this.limits = limits;
    this.tenantJobsMax = tenantJobsMax;
  }

  add(job: Job): void {
    const line = this.waiting.get(job.tenantId) ?? new Line();
    (job.again === true ? line.again : line.fresh).add(job, job.priority);
    this.waiting.set(job.tenantId, line);
    this.next();
  }

  /** Jobs of a tenant that were not begun. */
  waitingOf(tenantId: string): number {
    return this.waiting.get(tenantId)?.size ?? 0;
  }

  tenantsWaiting(): Iterable<string> {
    return this.waiting.keys();
  }

  /** Jobs by tenant: how many are on their way, and how many with those that wait. */
  uses(): Map<string, { readonly used: number; readonly wanted: number }> {
    const tenants = new Set([...this.inFlight.keys(), ...this.waiting.keys()]);
    const useOf = (tenantId: string) => {
      const used = this.inFlight.get(tenantId) ?? 0;
      return [tenantId, { used, wanted: used + this.waitingOf(tenantId) }] as const;
    };
    return new Map([...tenants].map(useOf));
  }

  /** Begins all that there is room for; to be called when there may be room for several. */
  fill(): void {
    let before = -1;
    while (before < this.total) {
      before = this.total;
      this.next();
    }
  }

  private next(): void {
    for (const [tenantId, line] of [...this.waiting]) {
      if (this.total >= this.limits.jobsMax) return;
      if ((this.inFlight.get(tenantId) ?? 0) >= this.tenantJobsMax(tenantId)) continue;
      const job = line.again.take() ?? line.fresh.take();
      this.waiting.delete(tenantId);
      if (line.size > 0) this.waiting.set(tenantId, line);
      if (job !== undefined) this.run(job);
    }
  }

  private run({ tenantId, work }: Job): void {
    this.count(tenantId, 1);
    void work().finally(() => {
      this.count(tenantId, -1);
      this.next();
    });
  }

  private count(tenantId: string, change: 1 | -1): void {
    this.total += change;
    const left = (this.inFlight.get(tenantId) ?? 0) + change;
    if (left === 0) this.inFlight.delete(tenantId);
    else this.inFlight.set(tenantId, left);
  }
}
