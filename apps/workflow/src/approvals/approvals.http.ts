import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import {
  routes,
  type Approval,
  type ApprovalListQuery,
  type DecideApproval,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  EventQueue,
  sendEvents,
  type Context,
  type ServerSentEvent,
} from '@parley/nest-kit';
import type { FastifyReply } from 'fastify';
import { Engine } from '../engine/engine.js';
import { RunFeed } from '../runs/run-feed.js';
import { ApprovalStore, mayDecide } from './approval-store.pg.js';

@Controller()
export class ApprovalsHttp {
  constructor(
    @Inject(ApprovalStore) private readonly store: ApprovalStore,
    @Inject(Engine) private readonly engine: Engine,
    @Inject(RunFeed) private readonly feed: RunFeed,
  ) {}

  @Endpoint(routes.listApprovals)
  list(
    @Query() query: ApprovalListQuery,
    @Caller() caller: Context,
  ): Promise<{ items: Approval[]; nextPageToken?: string }> {
    return this.store.list(caller, query);
  }

  @Endpoint(routes.approvalEvents)
  async events(@Caller() caller: Context, @Res() reply: FastifyReply): Promise<void> {
    await sendEvents(reply, (ended) => this.follow(caller, ended));
  }

  @Endpoint(routes.getApproval)
  get(@Param('approval') approvalId: string, @Caller() caller: Context): Promise<Approval> {
    return this.store.get(caller, approvalId);
  }

  /** The first decision that is journaled counts; whoever comes later gets a conflict. */
  @Endpoint(routes.decideApproval)
  async decide(
    @Param('approval') approvalId: string,
    @Body() body: DecideApproval,
    @Caller() caller: Context,
  ): Promise<Approval> {
    const approval = await this.store.get(caller, approvalId);
    if (!mayDecide(approval.assignee, caller)) {
      throw new AppError('forbidden', 'this decision is asked of somebody else');
    }
    const occurrence = approval.step;
    const stimulus = { kind: 'decided', occurrence, by: caller.principal, ...body } as const;
    const rejection =
      approval.status === 'pending'
        ? await this.engine.apply(approval.runId, stimulus, caller.tenantId)
        : { message: '' };
    const now = await this.store.get(caller, approvalId);
    if (rejection === undefined) return now;
    const how = now.status === 'cancelled' ? 'is not needed any more' : `was ${now.status}`;
    throw new AppError('conflict', `this approval ${how}; your decision was not used`);
  }

  private async *follow(caller: Context, ended: AbortSignal): AsyncGenerator<ServerSentEvent> {
    let unsubscribe: () => void = () => undefined;
    const queue = new EventQueue<string>({ signal: ended, onEnd: () => unsubscribe() });
    unsubscribe = this.feed.onTenant(caller.tenantId, (change) => {
      for (const id of change.approvals) queue.push(id);
    });
    yield await this.pending(caller);
    for await (const id of queue) {
      yield { event: 'approval', data: await this.store.get(caller, id) };
      yield await this.pending(caller);
    }
  }

  private async pending(caller: Context): Promise<ServerSentEvent> {
    return { event: 'pending', data: { count: await this.store.countMine(caller) } };
  }
}
