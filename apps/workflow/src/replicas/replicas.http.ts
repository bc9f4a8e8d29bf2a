import { Body, Controller, Inject } from '@nestjs/common';
import { internalRoutes, type ReplicaNews } from '@parley/contracts';
import { currentScope, Endpoint } from '@parley/nest-kit';
import { AppError } from '@parley/kernel';
import { Engine } from '../engine/engine.js';
import { RunFeed } from '../runs/run-feed.js';
import { Scheduler } from '../schedules/scheduler.js';
import { TaskPolls } from '../task-queues/task-polls.js';

/** What the other processes of this service say. */
@Controller()
export class ReplicasHttp {
  constructor(
    @Inject(Engine) private readonly engine: Engine,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(TaskPolls) private readonly polls: TaskPolls,
  ) {}

  @Endpoint(internalRoutes.replicaNews)
  hear(
    @Body() { partitions, messages, schedules, approvals = [], queues = [] }: ReplicaNews,
  ): void {
    if (currentScope()?.context?.issuer !== 'workflow') {
      throw new AppError('forbidden', 'Only another process of this service may say so.');
    }
    if (partitions === true) this.engine.lookAround('partitions');
    else if (messages === true) this.engine.lookAround('messages');
    if (schedules === true) this.scheduler.look();
    for (const { tenantId, queue } of queues) this.polls.wake(tenantId, queue);
    for (const { tenantId, approvalId } of approvals) this.feed.tellApproval(tenantId, approvalId);
  }
}
