import { routes } from '@parley/contracts';
import { isAppError } from '@parley/kernel';
import type { Services } from '@parley/nest-kit';
import type { Engine, Started, StartRequest } from '../engine/engine.js';
import { partitionOfRun } from '../engine/run-id.js';
import { scheduleActor } from './firing-store.pg.js';

/** Starts runs for schedules, and cancels those that another process has, too. */
export class RunsOfSchedules {
  private readonly engine: Pick<Engine, 'startRun' | 'apply' | 'partitions'>;
  private readonly services: Pick<Services, 'call'>;

  constructor(engine: RunsOfSchedules['engine'], services: Pick<Services, 'call'>) {
    this.engine = engine;
    this.services = services;
  }

  startRun(request: StartRequest): Promise<Started> {
    return this.engine.startRun(request);
  }

  /** A run that has ended meanwhile refuses, and that is as good. */
  async cancel(run: {
    readonly tenantId: string;
    readonly runId: string;
    readonly reason: string;
  }): Promise<void> {
    const { tenantId, runId, reason } = run;
    const owner = this.engine.partitions.ownerOf(partitionOfRun(runId) ?? -1);
    if (owner.own || owner.url === undefined) {
      await this.engine.apply(runId, { kind: 'cancel', by: scheduleActor, reason }, { tenantId });
      return;
    }
    try {
      await this.services.call(routes.cancelRun, {
        address: owner.url,
        params: { run: runId },
        body: { reason },
        context: { tenantId, principal: scheduleActor, name: 'schedule', roles: ['operator'] },
      });
    } catch (error) {
      if (!isAppError(error) || error.code !== 'illegal-transition') throw error;
    }
  }
}
