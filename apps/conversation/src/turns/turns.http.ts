import { randomBytes } from 'node:crypto';
import { Body, Controller, Headers, Inject, Param } from '@nestjs/common';
import { messageReceived, routes, type StartTurn, type Turn } from '@parley/contracts';
import { titleOf } from '@parley/conversation-domain';
import { AppError, isAppError, makeId } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  eventFacts,
  idempotencyKeyOf,
  keyReused,
  Outbox,
  requestFingerprint,
  type Context,
} from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import { ConversationFeed } from '../conversations/conversation-feed.js';
import { findConversation, lockConversation } from '../conversations/conversation-rows.js';
import { DB, type Db, type Tx } from '../prisma.module.js';
import { column, conversationOf, messageOf, turnOf } from '../rows.js';
import { TurnRunner } from './turn-runner.js';

@Controller()
export class TurnsHttp {
  constructor(
    @Inject(DB) private readonly db: Db,
    @Inject(TurnRunner) private readonly runner: TurnRunner,
    @Inject(ConversationFeed) private readonly feed: ConversationFeed,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(routes.startTurn)
  async start(
    @Param('conversation') conversationId: string,
    @Body() body: StartTurn,
    @Headers() headers: Record<string, string>,
    @Caller() caller: Context,
  ): Promise<Turn> {
    const key = idempotencyKeyOf(headers);
    const fingerprint = requestFingerprint(body.text, body.answers ?? [], body.runId ?? null);
    const request = { conversationId, body, key, fingerprint };
    const known = await this.repeated(caller, request);
    if (known !== undefined) return known;
    const stored = await this.db
      .withTenant(caller.tenantId, (tx) => this.store(tx, caller, request))
      .catch(async (error: unknown) => {
        if (!isAppError(error) || error.code !== 'conflict') throw error;
        const again = await this.repeated(caller, request);
        if (again !== undefined) return again;
        throw new AppError('in-flight', 'The agent is still answering; wait for it to finish.', {
          retryAfterSeconds: 1,
          cause: error,
        });
      });
    if (!('turn' in stored)) return stored;
    this.outbox.hint();
    this.runner.begin(stored.turn);
    const turn = turnOf(stored.turn);
    this.feed.publish(conversationId, { event: 'message', data: messageOf(stored.message) });
    this.feed.publish(conversationId, {
      event: 'conversation',
      data: conversationOf(stored.conversation),
    });
    this.feed.publish(conversationId, { event: 'turn', data: turn });
    return turn;
  }

  @Endpoint(routes.getTurn)
  get(
    @Param('conversation') conversationId: string,
    @Param('turn') turnId: string,
    @Caller() caller: Context,
  ): Promise<Turn> {
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const row = await tx.turn.findFirst({ where: { id: turnId, conversationId } });
      if (row === null) throw new AppError('not-found', `There is no turn ${turnId}.`);
      return turnOf(row, this.runner.textSoFar(turnId));
    });
  }

  /** The turn that this key has started already. @throws AppError `key-reused` */
  private async repeated(caller: Context, request: TurnRequest): Promise<Turn | undefined> {
    const { conversationId, key, fingerprint } = request;
    if (key === undefined) return undefined;
    const row = await this.db.withTenant(caller.tenantId, (tx) =>
      tx.turn.findFirst({ where: { conversationId, idempotencyKey: key } }),
    );
    if (row === null) return undefined;
    if (row.fingerprint === fingerprint) return turnOf(row, this.runner.textSoFar(row.id));
    throw keyReused(key);
  }

  private async store(tx: Tx, caller: Context, request: TurnRequest) {
    const { conversationId, body, key, fingerprint } = request;
    const { tenantId, principal, name, roles } = caller;
    await lockConversation(tx, conversationId);
    const before = await findConversation(tx, conversationId);
    const now = new Date();
    const turnId = makeId('turn', now.getTime(), randomBytes);
    const message = await tx.message.create({
      data: {
        id: makeId('message', now.getTime(), randomBytes),
        tenantId,
        conversationId,
        role: 'user',
        authorId: principal,
        authorName: name,
        text: body.text,
        turnId,
        suggestions: [],
        createdAt: now,
      },
    });
    await tx.messageVersion.create({
      data: { messageId: message.id, version: 1, tenantId, text: body.text, createdAt: now },
    });
    const turn = await tx.turn.create({
      data: {
        id: turnId,
        tenantId,
        conversationId,
        status: 'running',
        userMessageId: message.id,
        answers: column(body.answers ?? []),
        runId: body.runId ?? null,
        startedById: principal,
        startedByName: name,
        startedByRoles: [...roles],
        idempotencyKey: key ?? null,
        fingerprint,
        createdAt: now,
      },
    });
    const conversation = await tx.conversation.update({
      where: { id: conversationId },
      data: {
        updatedAt: now,
        ...(before.title === '' ? { title: titleOf(body.text) } : {}),
      },
      include: { draft: true },
    });
    const data = { conversationId, messageId: message.id, by: principal };
    const envelope = messageReceived.create(data, eventFacts(tenantId, conversationId));
    await appendOutbox(tx, [{ envelope }]);
    return { turn, message, conversation };
  }
}

interface TurnRequest {
  readonly conversationId: string;
  readonly body: StartTurn;
  readonly key: string | undefined;
  readonly fingerprint: string;
}
