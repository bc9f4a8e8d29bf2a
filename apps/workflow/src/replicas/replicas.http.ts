import { Body, Controller, Inject } from '@nestjs/common';
import { internalRoutes, type ReplicaNews } from '@parley/contracts';
import { currentScope, Endpoint } from '@parley/nest-kit';
import { AppError } from '@parley/kernel';
import { Engine } from '../engine/engine.js';
import { RunFeed } from '../runs/run-feed.js';
import { Scheduler } from '../schedules/scheduler.js';
import { LimitLoans } from './limit-loans.js';
import { TaskPolls } from '../task-queues/task-polls.js';

/** What the other processes of this service say. */
@Controller()
export class ReplicasHttp {
  constructor(
    @Inject(Engine) private readonly engine: Engine,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
    @Inject(RunFeed) private readonly feed: RunFeed,
    @Inject(TaskPolls) private readonly polls: TaskPolls,
    @Inject(LimitLoans) private readonly loans: LimitLoans,
  ) {}

  @Endpoint(internalRoutes.replicaNews)
  hear(@Body() news: ReplicaNews): void {
    if (currentScope()?.context?.issuer !== 'workflow') {
      throw new AppError('forbidden', 'Only another process of this service may say so.');
    }
    const { partitions, messages, schedules, approvals = [], queues = [] } = news;
    if (partitions === true) this.engine.lookAround('partitions');
    else if (messages === true) this.engine.lookAround('messages');
    if (schedules === true) this.scheduler.look();
    if (news.limitsAsked !== undefined) this.loans.asked(news.limitsAsked);
    if (news.limitsLent !== undefined) this.loans.lent(news.limitsLent);
    for (const { tenantId, queue } of queues) this.polls.wake(tenantId, queue);
    for (const { tenantId, approvalId } of approvals) this.feed.tellApproval(tenantId, approvalId);
  }
}
