import { randomBytes } from 'node:crypto';
import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import {
  conversationStarted,
  routes,
  type Conversation,
  type ConversationEvent,
  type ConversationState,
  type CreateConversation,
  type PageQuery,
} from '@parley/contracts';
import { isAppError, makeId } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  eventFacts,
  EventQueue,
  idempotencyKeyOf,
  keyReused,
  Outbox,
  pageOf,
  pageTokenOf,
  requestFingerprint,
  sendEvents,
  type Context,
  type Page,
} from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import type { FastifyReply } from 'fastify';
import { DB, type Db } from '../prisma.module.js';
import { conversationOf } from '../rows.js';
import { TurnRunner } from '../turns/turn-runner.js';
import { ConversationFeed } from './conversation-feed.js';
import { findConversation } from './conversation-rows.js';
import { conversationState } from './conversation-state.js';
import { WorkflowDrafts, type WorkflowDraft } from '../drafts/workflow-drafts.js';

@Controller()
export class ConversationsHttp {
  constructor(
    @Inject(DB) private readonly db: Db,
    @Inject(TurnRunner) private readonly runner: TurnRunner,
    @Inject(ConversationFeed) private readonly feed: ConversationFeed,
    @Inject(WorkflowDrafts) private readonly workflowDrafts: WorkflowDrafts,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(routes.listConversations)
  async list(@Query() query: PageQuery, @Caller() caller: Context): Promise<Page<Conversation>> {
    const before = pageTokenOf(query.pageToken, /^cnv_[0-9a-z]+$/);
    const rows = await this.db.withTenant(caller.tenantId, (tx) =>
      tx.conversation.findMany({
        where: before === undefined ? {} : { id: { lt: before } },
        orderBy: { id: 'desc' },
        take: query.pageSize + 1,
        include: { draft: true },
      }),
    );
    return pageOf(rows, query.pageSize, { tokenOf: ({ id }) => id, item: conversationOf });
  }

  @Endpoint(routes.createConversation)
  async create(
    @Body() body: CreateConversation,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Conversation> {
    const key = idempotencyKeyOf(headers);
    const fingerprint = requestFingerprint(body.title, body.workflowId);
    const known = await this.repeated(caller, key, fingerprint);
    if (known !== undefined) return known;
    const start =
      body.workflowId === undefined
        ? undefined
        : await this.workflowDrafts.prepare(body.workflowId);
    try {
      const created = await this.store(caller, { body, key, fingerprint, start });
      this.outbox.hint();
      return created;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'conflict') throw error;
      const meanwhile = await this.repeated(caller, key, fingerprint);
      if (meanwhile !== undefined) return meanwhile;
      throw error;
    }
  }

  @Endpoint(routes.getConversation)
  get(@Param('conversation') id: string, @Caller() caller: Context): Promise<ConversationState> {
    return this.state(caller, id);
  }

  @Endpoint(routes.conversationEvents)
  async events(
    @Param('conversation') id: string,
    @Caller() caller: Context,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Refuses before the stream begins.
    await this.db.withTenant(caller.tenantId, (tx) => findConversation(tx, id));
    await sendEvents(reply, (ended) => this.follow(caller, id, ended));
  }

  /** It listens before it reads: what happens in between is in the state or comes after it. */
  private async *follow(
    caller: Context,
    id: string,
    ended: AbortSignal,
  ): AsyncGenerator<ConversationEvent> {
    let unsubscribe: () => void = () => undefined;
    const queue = new EventQueue<ConversationEvent>({ signal: ended, onEnd: () => unsubscribe() });
    unsubscribe = this.feed.subscribe(id, (event) => queue.push(event));
    try {
      yield { event: 'state', data: await this.state(caller, id) };
      yield* queue;
    } finally {
      unsubscribe();
    }
  }

  private state(caller: Context, id: string): Promise<ConversationState> {
    return this.db.withSnapshot(caller.tenantId, (tx) =>
      conversationState(tx, id, (turnId) => this.runner.textSoFar(turnId)),
    );
  }

  private async store(
    caller: Context,
    request: {
      body: CreateConversation;
      key: string | undefined;
      fingerprint: string;
      start: WorkflowDraft | undefined;
    },
  ): Promise<Conversation> {
    const { tenantId, principal, name } = caller;
    const { body, key, fingerprint, start } = request;
    const now = new Date();
    const id = makeId('conversation', now.getTime(), randomBytes);
    return this.db.withTenant(tenantId, async (tx) => {
      await tx.conversation.create({
        data: {
          id,
          tenantId,
          title: body.title ?? start?.title ?? '',
          workflowId: body.workflowId ?? null,
          createdById: principal,
          createdByName: name,
          idempotencyKey: key ?? null,
          fingerprint,
          createdAt: now,
          updatedAt: now,
        },
      });
      if (start !== undefined) await this.workflowDrafts.store(tx, start, { id, tenantId });
      const data = { conversationId: id, by: principal };
      const envelope = conversationStarted.create(data, eventFacts(tenantId, id, now.getTime()));
      await appendOutbox(tx, [{ envelope }]);
      const row = await tx.conversation.findUniqueOrThrow({
        where: { id },
        include: { draft: true },
      });
      return conversationOf(row);
    });
  }

  /** The conversation that this key has opened already. @throws AppError `key-reused` */
  private async repeated(
    caller: Context,
    key: string | undefined,
    fingerprint: string,
  ): Promise<Conversation | undefined> {
    if (key === undefined) return undefined;
    const row = await this.db.withTenant(caller.tenantId, (tx) =>
      tx.conversation.findFirst({ where: { idempotencyKey: key }, include: { draft: true } }),
    );
    if (row === null) return undefined;
    if (row.fingerprint === fingerprint) return conversationOf(row);
    throw keyReused(key);
  }
}
