import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import {
  routes,
  type Approval,
  type ApprovalListQuery,
  type DecideApproval,
} from '@parley/contracts';
import type { Rejection } from '@parley/engine';
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
import { approvalId } from '../engine/projection.js';
import { passedOn } from '../replicas/passed-on.js';
import { RunFeed } from '../runs/run-feed.js';
import { checkAnswer } from '../runs/run-input.js';
import { ApprovalStore, mayDecide } from './approval-store.pg.js';

/** What another process has changed is counted again, in case it could not be told. */
const recount = Symbol('recount');
const recountMs = 10_000;

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
    if (body.decision === 'approved') checkAnswer(approval, body.data);
    const rejection = await this.apply(approval, body, caller);
    const now = await this.store.get(caller, approvalId);
    if (rejection === undefined) return now;
    const how = now.status === 'cancelled' ? 'is not needed any more' : `was ${now.status}`;
    throw new AppError('conflict', `this approval ${how}; your decision was not used`);
  }

  /** A step that is tried again asks anew, in the same place: only the question that was seen counts. */
  private async apply(
    { id, runId, step: occurrence, status }: Approval,
    body: DecideApproval,
    { tenantId, principal: by }: Context,
  ): Promise<Rejection | undefined> {
    const over: Rejection = { reason: 'stale', message: 'the approval is not open' };
    // What comes again may be what has closed it.
    if (status !== 'pending' && passedOn().command === undefined) return over;
    return this.engine.apply(
      runId,
      { kind: 'decided', occurrence, by, ...body },
      {
        tenantId,
        ...passedOn(),
        unless: ({ frames }) => {
          const attempt = frames.get(occurrence)?.attempt;
          const isOpen = attempt !== undefined && approvalId(runId, occurrence, attempt) === id;
          return isOpen ? undefined : over;
        },
      },
    );
  }

  private async *follow(caller: Context, ended: AbortSignal): AsyncGenerator<ServerSentEvent> {
    let unsubscribe: () => void = () => undefined;
    const queue = new EventQueue<string | typeof recount>({
      signal: ended,
      onEnd: () => {
        unsubscribe();
        clearInterval(timer);
      },
    });
    const timer = setInterval(() => {
      if (this.engine.partitions.peers.length > 0) queue.push(recount);
    }, recountMs);
    unsubscribe = this.feed.onApprovals(caller.tenantId, (id) => queue.push(id));
    let told = await this.store.countMine(caller);
    yield pending(told);
    for await (const id of queue) {
      const before = told;
      if (id !== recount) yield { event: 'approval', data: await this.store.get(caller, id) };
      told = await this.store.countMine(caller);
      if (id !== recount || told !== before) yield pending(told);
    }
  }
}

function pending(count: number): ServerSentEvent {
  return { event: 'pending', data: { count } };
}
