import type { LeasedTask } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import type { CallOutcome } from '../engine/run-calls.js';
import type { Message } from '../engine/turn-record.js';
import type { PollOf, QueueOf, TaskPolls } from './task-polls.js';
import type { LeaseOf, WorkerTaskStore } from './worker-task-store.pg.js';

export interface WorkerTasksOptions {
  readonly store: WorkerTaskStore;
  readonly polls: TaskPolls;
  /** Messages that are now in inboxes of runs. */
  readonly brought: (messages: readonly Message[]) => void;
}

/** What workers do, and what follows from it in this process. */
export class WorkerTasks {
  private readonly options: WorkerTasksOptions;

  constructor(options: WorkerTasksOptions) {
    this.options = options;
  }

  /** @throws AppError `overloaded` */
  poll(poll: PollOf): Promise<LeasedTask[]> {
    return this.options.polls.poll(poll);
  }

  /** The worker did not hear of work that it took. */
  giveBack(of: QueueOf, taken: readonly LeasedTask[]): void {
    this.options.polls.giveBack(of, taken);
  }

  /** @throws AppError `not-found`, `conflict`, `gone` */
  heartbeat(lease: LeaseOf, progress?: Json): Promise<Date> {
    return this.options.store.heartbeat(lease, progress);
  }

  /** Resolves when it is durable that the run will hear of it. @throws like `heartbeat` */
  async end(lease: LeaseOf, outcome: CallOutcome): Promise<void> {
    const { message, queue } = await this.options.store.end(lease, outcome);
    this.options.brought([message]);
    this.options.polls.wake(lease.tenantId, queue);
  }
}
