/** Jobs in flight at the same time, over all tenants and for one. */
export interface QueueLimits {
  readonly jobsMax: number;
  readonly tenantJobsMax: number;
}

const callLimits: QueueLimits = { jobsMax: 256, tenantJobsMax: 64 };

interface Job {
  readonly tenantId: string;
  readonly work: () => Promise<void>;
}

/**
 * Lets a bounded number of calls go at a time. Tenants take turns, so that one with many slow calls
 * does not hold up the others. Jobs wait here after they were journaled: none is dropped.
 */
export class CallQueue {
  private readonly waiting = new Map<string, Job[]>();
  private readonly inFlight = new Map<string, number>();
  private total = 0;
  private readonly limits: QueueLimits;

  constructor(limits: QueueLimits = callLimits) {
    this.limits = limits;
  }

  add(job: Job): void {
    const queue = this.waiting.get(job.tenantId);
    if (queue === undefined) this.waiting.set(job.tenantId, [job]);
    else queue.push(job);
    this.next();
  }

  /** Jobs of a tenant that were not begun. */
  waitingOf(tenantId: string): number {
    return this.waiting.get(tenantId)?.length ?? 0;
  }

  private next(): void {
    for (const [tenantId, queue] of [...this.waiting]) {
      if (this.total >= this.limits.jobsMax) return;
      if ((this.inFlight.get(tenantId) ?? 0) >= this.limits.tenantJobsMax) continue;
      const job = queue.shift();
      this.waiting.delete(tenantId);
      if (queue.length > 0) this.waiting.set(tenantId, queue);
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
