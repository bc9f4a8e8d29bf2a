/** Jobs in flight at the same time, over all tenants and for one. */
export interface QueueLimits {
  readonly jobsMax: number;
  readonly tenantJobsMax: number;
}

const callLimits: QueueLimits = { jobsMax: 256, tenantJobsMax: 64 };

interface Job {
  readonly tenantId: string;
  /** It had begun before: it goes before those that had not. */
  readonly again?: boolean;
  readonly work: () => Promise<void>;
}

/** Jobs of a tenant, in two lines. */
interface Line {
  readonly again: Job[];
  readonly fresh: Job[];
}

/**
 * Lets a bounded number of calls go at a time. Tenants take turns, so that one with many slow calls
 * does not hold up the others. Jobs wait here after they were journaled: none is dropped.
 */
export class CallQueue {
  private readonly waiting = new Map<string, Line>();
  private readonly inFlight = new Map<string, number>();
  private total = 0;
  private readonly limits: QueueLimits;

  constructor(limits: QueueLimits = callLimits) {
    this.limits = limits;
  }

  add(job: Job): void {
    const line = this.waiting.get(job.tenantId) ?? { again: [], fresh: [] };
    (job.again === true ? line.again : line.fresh).push(job);
    this.waiting.set(job.tenantId, line);
    this.next();
  }

  /** Jobs of a tenant that were not begun. */
  waitingOf(tenantId: string): number {
    const line = this.waiting.get(tenantId);
    return line === undefined ? 0 : line.again.length + line.fresh.length;
  }

  private next(): void {
    for (const [tenantId, line] of [...this.waiting]) {
      if (this.total >= this.limits.jobsMax) return;
      if ((this.inFlight.get(tenantId) ?? 0) >= this.limits.tenantJobsMax) continue;
      const job = line.again.shift() ?? line.fresh.shift();
      this.waiting.delete(tenantId);
      if (line.again.length + line.fresh.length > 0) this.waiting.set(tenantId, line);
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
