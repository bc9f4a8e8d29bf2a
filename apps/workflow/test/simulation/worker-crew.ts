import { runError, type CallEffect } from '@parley/engine';
import { messageOf } from '../../src/task-queues/worker-task-store.pg.js';
import type { Message } from '../../src/engine/turn-record.js';
import type { CallOutcome } from '../../src/engine/run-calls.js';
import type { History } from './history.js';
import type { MemoryDatabase, StoredTask } from './memory-database.js';
import type { OutsideSystems } from './outside-systems.js';
import type { VirtualTime } from './virtual-time.js';

/** No worker looks here. */
export const deserted = 'nobody';

export interface CrewOptions {
  readonly database: MemoryDatabase;
  readonly time: VirtualTime;
  readonly systems: OutsideSystems;
  readonly history: History;
  /** Whether workers get lost. */
  readonly isTroubled: () => boolean;
  readonly isDown: () => boolean;
  /** A process is told of messages that are in inboxes. */
  readonly brought: (messages: readonly Message[]) => void;
}

/**
 * Workers, and the doors that they use: those are transactions of the database, whoever serves them.
 * Some workers are lost after they have done their work, or before.
 */
export class WorkerCrew {
  private readonly options: CrewOptions;

  constructor(options: CrewOptions) {
    this.options = options;
  }

  start(): void {
    const { database, time, isDown } = this.options;
    if (!isDown()) {
      for (const task of [...database.workerTasks.values()]) {
        if (task.row.queue === deserted || time.random.chance(0.4)) continue;
        if (task.state === 'waiting') task.state = 'leased';
        else if (task.state === 'leased') this.end(task);
      }
    }
    time.in(time.between(5, 80), () => this.start());
  }

  private end(task: StoredTask): void {
    const { time, isTroubled } = this.options;
    const isLost = isTroubled() && time.random.chance(0.2);
    if (isLost && time.random.chance(0.5)) return this.say(task, lost);
    const done = this.work(task);
    this.say(task, isLost ? lost : done);
  }

  private work({ row, runId }: StoredTask): CallOutcome {
    const { systems, history } = this.options;
    const call: CallEffect = {
      kind: 'call',
      function: 'connector',
      delivery: 'keyed',
      ...{ occurrence: row.occurrence, attempt: row.attempt, key: row.key, node: row.task },
      args: JSON.parse(row.args) as CallEffect['args'],
    };
    const outcome = systems.receive(runId, call);
    history.hear(runId, call, outcome.kind);
    return outcome;
  }

  private say(task: StoredTask, outcome: CallOutcome): void {
    const { database, time, brought } = this.options;
    const { runId, tenantId } = task;
    const { id, occurrence, attempt } = task.row;
    const ended = { id, tenant_id: tenantId, run_id: runId, occurrence, attempt };
    const message = messageOf(ended, outcome);
    task.state = 'ended';
    database.inbox.set(message.id, message);
    if (time.random.chance(0.7)) brought([message]);
  }
}

const lost: CallOutcome = {
  kind: 'failed',
  outcome: 'ambiguous',
  error: runError('leaseExpired', 'The worker was lost'),
};
