import { randomBytes } from 'node:crypto';
import {
  errorRow,
  internalRoutes,
  routes,
  type AgentTurn,
  type AgentTurnEvent,
  type Answer,
  type Draft,
} from '@parley/contracts';
import { AppError, isAppError, makeId } from '@parley/kernel';
import { runAs, type Context, type Log, type Outbox, type Services } from '@parley/nest-kit';
import type { ConversationFeed } from '../conversations/conversation-feed.js';
import { findDraft, lockDraft } from '../drafts/draft-rows.js';
import type { CheckedProposal, RevisionWriter } from '../drafts/revision-writer.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { Db, Tx } from '../prisma.module.js';
import { column, conversationOf, messageOf, turnOf } from '../rows.js';

type TurnRow = Prisma.TurnGetPayload<object>;
type Done = Extract<AgentTurnEvent, { event: 'done' }>;

const historyMax = 40;
/** How often a turn asks the agent again after a loss, and how long it waits in between. */
const attemptsMax = 8;
const retryMsFirst = 250;
const retryMsMax = 8_000;

export interface TurnRunnerOptions {
  readonly db: Db;
  readonly services: Services;
  readonly writer: RevisionWriter;
  readonly feed: ConversationFeed;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/**
 * Takes turns to their end.
 *
 * T1  A turn is stored before it begins; one that a crash interrupted is run again under its id, and
 *     the agent answers the same id with the same answer.
 * T2  Text is shown as it is produced and stored as a whole: what a page shows of a running turn is
 *     kept here, so a second page or a reload gets all of it.
 * T3  Reply, revision and the end of the turn are one transaction.
 */
export class TurnRunner {
  private readonly options: TurnRunnerOptions;
  private readonly texts = new Map<string, string>();

  constructor(options: TurnRunnerOptions) {
    this.options = options;
  }

  textSoFar(turnId: string): string {
    return this.texts.get(turnId) ?? '';
  }

  /** Runs a stored turn in the background. */
  begin(turn: TurnRow): void {
    if (this.texts.has(turn.id)) return;
    this.texts.set(turn.id, '');
    void runAs(contextOf(turn), async () => {
      try {
        await this.finish(turn, await this.answerOf(turn));
      } catch (error) {
        if (!this.options.stopping.aborted) await this.fail(turn, error);
      } finally {
        this.texts.delete(turn.id);
      }
    });
  }

  /** Asks the agent, again after a loss of the connection: the turn id makes that harmless. */
  private async answerOf(turn: TurnRow): Promise<Done> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.ask(turn);
      } catch (error) {
        const again = isAppError(error) && errorRow(error.code).retryable;
        if (!again || attempt >= attemptsMax || this.options.stopping.aborted) throw error;
        this.options.log.warn({ err: error, turn: turn.id }, 'a turn is asked again');
        const pauseMs = Math.min(retryMsMax, retryMsFirst * 2 ** attempt);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  private async ask(turn: TurnRow): Promise<Done> {
    const body = await this.requestOf(turn);
    const signal = this.options.stopping;
    let received = '';
    for await (const line of this.options.services.lines(internalRoutes.agentTurn, {
      body,
      signal,
    })) {
      if (line.event === 'done') return line;
      if (line.event === 'failed') throw failureOf(line);
      received += line.text;
      this.show(turn, received);
    }
    throw new TurnFailed('The agent ended without an answer. Say it again to try once more.');
  }

  /** T2: a repeated answer begins anew, so only what is new is sent on. */
  private show(turn: TurnRow, received: string): void {
    const shown = this.textSoFar(turn.id);
    if (!received.startsWith(shown)) return;
    const text = received.slice(shown.length);
    if (text === '') return;
    this.texts.set(turn.id, received);
    this.options.feed.publish(turn.conversationId, {
      event: 'delta',
      data: { turnId: turn.id, offset: shown.length, text },
    });
  }

  private async requestOf(turn: TurnRow): Promise<AgentTurn> {
    const { db, services } = this.options;
    const { message, history, draft } = await db.withTenant(turn.tenantId, async (tx) => ({
      message: await tx.message.findUniqueOrThrow({ where: { id: turn.userMessageId } }),
      history: await tx.message.findMany({
        where: { conversationId: turn.conversationId, id: { lt: turn.userMessageId } },
        orderBy: { id: 'desc' },
        take: historyMax,
      }),
      draft: await draftOfConversation(tx, turn.conversationId),
    }));
    const run =
      turn.runId === null
        ? undefined
        : await services.call(routes.getRun, { params: { run: turn.runId } });
    return {
      turnId: turn.id,
      conversationId: turn.conversationId,
      text: message.text,
      answers: turn.answers as unknown as Answer[],
      history: history.reverse().map(({ role, text }) => ({
        role: role === 'user' ? 'user' : 'assistant',
        text,
      })),
      ...(draft?.latest === undefined
        ? {}
        : {
            draft: {
              source: draft.latest.source,
              timezone: draft.latest.timezone,
              questions: draft.latest.questions,
            },
          }),
      ...(run === undefined
        ? {}
        : {
            run: { id: run.id, status: run.status, failedStep: run.failedStep, error: run.error },
          }),
    };
  }

  private async finish(turn: TurnRow, answer: Done): Promise<void> {
    const { db, feed, outbox } = this.options;
    const before = await db.withTenant(turn.tenantId, (tx) =>
      draftOfConversation(tx, turn.conversationId),
    );
    const checked =
      answer.draft === undefined
        ? undefined
        : await this.options.writer.check(
            { ...answer.draft, author: answer.agent, origin: 'turn' },
            before?.latest,
          );
    const stored = await db.withTenant(turn.tenantId, (tx) =>
      this.store(tx, { turn, answer, checked }),
    );
    outbox.hint();
    const { conversationId } = turn;
    if (stored.draft !== undefined)
      feed.publish(conversationId, { event: 'draft', data: stored.draft });
    feed.publish(conversationId, { event: 'message', data: messageOf(stored.reply) });
    feed.publish(conversationId, { event: 'turn', data: turnOf(stored.turn) });
    feed.publish(conversationId, {
      event: 'conversation',
      data: conversationOf(stored.conversation),
    });
  }

  /** T3 */
  private async store(
    tx: Tx,
    {
      turn,
      answer,
      checked,
    }: { turn: TurnRow; answer: Done; checked: CheckedProposal | undefined },
  ) {
    const { conversationId, tenantId } = turn;
    const now = new Date();
    const draft = checked && (await this.addRevision(tx, turn, checked));
    const reply = await tx.message.create({
      data: {
        id: makeId('message', now.getTime(), randomBytes),
        tenantId,
        conversationId,
        role: 'assistant',
        authorId: answer.agent.id,
        authorName: answer.agent.name,
        text: answer.text,
        turnId: turn.id,
        draftRevision: draft?.latest?.number ?? null,
        suggestions: column(answer.suggestions),
        createdAt: now,
      },
    });
    const ended = await tx.turn.update({
      where: { id: turn.id },
      data: { status: 'completed', replyMessageId: reply.id },
    });
    const conversation = await tx.conversation.update({
      where: { id: conversationId },
      data: { updatedAt: now },
      include: { draft: true },
    });
    return { draft, reply, turn: ended, conversation };
  }

  private async addRevision(tx: Tx, turn: TurnRow, checked: CheckedProposal): Promise<Draft> {
    const { conversationId, tenantId } = turn;
    const existing = await draftOfConversation(tx, conversationId);
    const id = existing?.id ?? makeId('draft', Date.now(), randomBytes);
    if (existing === undefined) await tx.draft.create({ data: { id, tenantId, conversationId } });
    const draft = await lockDraft(tx, id);
    await this.options.writer.write(tx, draft, checked, tenantId);
    return findDraft(tx, id);
  }

  private async fail(turn: TurnRow, error: unknown): Promise<void> {
    const { db, feed, log } = this.options;
    log.error({ err: error, turn: turn.id }, 'a turn failed');
    const detail =
      error instanceof TurnFailed || isAppError(error)
        ? error.message
        : 'Something broke while this was answered. Say it again to try once more.';
    try {
      const failed = await db.withTenant(turn.tenantId, (tx) =>
        tx.turn.update({ where: { id: turn.id }, data: { status: 'failed', error: detail } }),
      );
      feed.publish(turn.conversationId, { event: 'turn', data: turnOf(failed) });
    } catch (cause) {
      // Still `running` in the table: it is run again after the next start.
      log.error({ err: cause, turn: turn.id }, 'the failure of a turn could not be stored');
    }
  }
}

/** What the agent says about its own failure; asking again would change nothing. */
class TurnFailed extends Error {}

function failureOf({ code, detail }: Extract<AgentTurnEvent, { event: 'failed' }>): Error {
  return errorRow(code).retryable ? new AppError(code, detail) : new TurnFailed(detail);
}

async function draftOfConversation(tx: Tx, conversationId: string): Promise<Draft | undefined> {
  const row = await tx.draft.findUnique({ where: { conversationId } });
  return row === null ? undefined : findDraft(tx, row.id);
}

function contextOf(turn: TurnRow): Context {
  return {
    kind: 'work',
    issuer: 'conversation',
    tenantId: turn.tenantId,
    principal: turn.startedById,
    name: turn.startedByName,
    roles: turn.startedByRoles,
  };
}
