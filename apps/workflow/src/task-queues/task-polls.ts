import type { LeasedTask } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import type { TaskPoll, WorkerTaskStore } from './worker-task-store.pg.js';

export interface TaskPollsOptions {
  readonly store: Pick<WorkerTaskStore, 'lease' | 'giveBack'>;
  readonly onError: (error: unknown, message: string) => void;
}

export interface QueueOf {
  readonly tenantId: string;
  readonly queue: string;
}

export interface PollOf extends TaskPoll, QueueOf {
  readonly waitMs: number;
  /** The worker has hung up. */
  readonly signal?: AbortSignal;
}

/** Polls that may wait at the same time: more are refused, and come again. */
const pollsMax = 2_000;
const tenantPollsMax = 500;
/** Work that another process has put into a queue, or given back, is looked for this often. */
const lookMs = 2_000;

interface Waiting {
  readonly poll: PollOf;
  /** It waits no longer than until the end of the look that is under way. */
  isLate: boolean;
  settle(tasks: LeasedTask[]): void;
  fail(error: unknown): void;
}

interface Line extends QueueOf {
  /** In the order in which they came. */
  readonly waiting: Set<Waiting>;
  isLooking: boolean;
  again: boolean;
}

/**
 * Workers that wait for work.
 *
 * P1  One look at a time for each queue serves all who wait for it, so leases are given in groups.
 * P2  Work that a worker was given and does not hear of, because it has hung up, is given back; until
 *     the last byte of the answer is written.
 */
export class TaskPolls {
  private readonly options: TaskPollsOptions;
  private readonly lines = new Map<string, Line>();
  private readonly ofTenant = new Map<string, number>();
  private total = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(options: TaskPollsOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => {
      for (const line of this.lines.values()) void this.look(line);
    }, lookMs);
    this.timer.unref();
  }

  /** Whoever waits goes away with nothing, and asks the next process. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const line of this.lines.values()) {
      for (const waiting of line.waiting) this.leave(line, waiting);
    }
  }

  /** Work for a worker, or nothing after `waitMs`. @throws AppError `overloaded` */
  async poll(poll: PollOf): Promise<LeasedTask[]> {
    const { tenantId, waitMs, signal } = poll;
    if (this.stopped || signal?.aborted === true) return [];
    this.admit(tenantId);
    const line = this.lineOf(poll);
    let leave: () => void = () => undefined;
    const timer = setTimeout(() => leave(), waitMs);
    const hangUp = () => leave();
    signal?.addEventListener('abort', hangUp, { once: true });
    try {
      return await new Promise<LeasedTask[]>((settle, fail) => {
        const waiting: Waiting = { poll, isLate: waitMs === 0, settle, fail };
        leave = () => this.leave(line, waiting);
        line.waiting.add(waiting);
        void this.look(line);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', hangUp);
      this.count(tenantId, -1);
    }
  }

  /** There may be work, or room for it. */
  wake(tenantId: string, queue: string): void {
    const line = this.lines.get(`${tenantId} ${queue}`);
    if (line !== undefined) void this.look(line);
  }

  /** P2 */
  giveBack({ tenantId, queue }: QueueOf, tasks: readonly LeasedTask[]): void {
    const tokens = tasks.map(({ leaseToken }) => leaseToken);
    this.options.store.giveBack(tenantId, tokens).then(
      () => this.wake(tenantId, queue),
      (error: unknown) =>
        this.options.onError(error, 'work that nobody heard of is given out when its lease ends'),
    );
  }

  private admit(tenantId: string): void {
    if (this.total >= pollsMax || (this.ofTenant.get(tenantId) ?? 0) >= tenantPollsMax) {
      throw new AppError('overloaded', 'too many workers wait at the same time; ask again', {
        retryAfterSeconds: 1,
      });
    }
    this.count(tenantId, 1);
  }

  private count(tenantId: string, change: 1 | -1): void {
    this.total += change;
    const left = (this.ofTenant.get(tenantId) ?? 0) + change;
    if (left === 0) this.ofTenant.delete(tenantId);
    else this.ofTenant.set(tenantId, left);
  }

  private lineOf({ tenantId, queue }: PollOf): Line {
    const key = `${tenantId} ${queue}`;
    const line = this.lines.get(key) ?? {
      ...{ tenantId, queue, waiting: new Set<Waiting>() },
      isLooking: false,
      again: false,
    };
    this.lines.set(key, line);
    return line;
  }

  /** Right now, or when the look is over that may bring something. */
  private leave(line: Line, waiting: Waiting): void {
    waiting.isLate = true;
    if (!line.isLooking) this.end(line, waiting, []);
  }

  private end(line: Line, waiting: Waiting, tasks: LeasedTask[]): void {
    line.waiting.delete(waiting);
    if (line.waiting.size === 0 && !line.isLooking) {
      this.lines.delete(`${line.tenantId} ${line.queue}`);
    }
    waiting.settle(tasks);
  }

  private async look(line: Line): Promise<void> {
    if (line.isLooking) {
      line.again = true;
      return;
    }
    line.isLooking = true;
    do {
      line.again = false;
      const asking = [...line.waiting];
      try {
        const found = await this.options.store.lease(
          line,
          asking.map(({ poll }) => poll),
        );
        asking.forEach((waiting, at) => this.give(line, waiting, found[at] ?? []));
      } catch (error) {
        for (const waiting of asking) {
          line.waiting.delete(waiting);
          waiting.fail(error);
        }
      }
    } while (line.again && line.waiting.size > 0);
    line.isLooking = false;
    if (line.waiting.size === 0) this.lines.delete(`${line.tenantId} ${line.queue}`);
  }

  private give(line: Line, waiting: Waiting, tasks: LeasedTask[]): void {
    if (tasks.length === 0 && !waiting.isLate) return;
    const isGone = waiting.poll.signal?.aborted === true;
    this.end(line, waiting, isGone ? [] : tasks);
    if (!isGone || tasks.length === 0) return;
    this.giveBack(line, tasks);
  }
}
