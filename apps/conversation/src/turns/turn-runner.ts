import { setTimeout as sleep } from 'node:timers/promises';
import { errorRow, internalRoutes, type AgentTurnEvent } from '@parley/contracts';
import { AppError, isAppError } from '@parley/kernel';
import { runAs, type Context, type Log, type Outbox, type Services } from '@parley/nest-kit';
import type { ConversationFeed } from '../conversations/conversation-feed.js';
import { draftOfConversation } from '../drafts/draft-rows.js';
import type { RevisionWriter } from '../drafts/revision-writer.js';
import type { Db, Tx } from '../prisma.module.js';
import { agentRequest } from './agent-request.js';
import type { InterruptedTurn } from './interrupted-turns.pg.js';
import { endTurn, eventsOfEnd, storeAnswer, type Done, type TurnRow } from './turn-rows.js';

/** How often a turn is tried after something was not reachable, and how long it waits in between. */
const attemptsMax = 8;
const retryMsFirst = 250;
const retryMsMax = 8_000;
/** Turns of an earlier process that go on at the same time. */
const resumedMax = 8;
const replyCharsMax = 100_000;

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
 * T3  Reply, revision and the end of the turn are one transaction, which happens once.
 * T4  A turn that is stored as running is run by somebody: it ends, or the process does.
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
    void this.run(turn);
  }

  /** T1: goes on with the turns that another process left, a few at a time. */
  async resume(interrupted: readonly InterruptedTurn[]): Promise<void> {
    const { log, stopping } = this.options;
    const left = [...interrupted];
    const goOn = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        await this.resumeOne(next).catch((error: unknown) => {
          if (stopping.aborted) left.length = 0;
          else log.error({ err: error, turn: next?.turnId }, 'a turn could not go on');
        });
      }
    };
    await Promise.all(Array.from({ length: resumedMax }, goOn));
  }

  private async resumeOne({ tenantId, turnId: id }: InterruptedTurn): Promise<void> {
    const turn = await this.untilReachable(() =>
      this.options.db.withTenant(tenantId, (tx) => tx.turn.findUnique({ where: { id } })),
    );
    if (turn?.status === 'running') await this.run(turn);
  }

  private async run(turn: TurnRow): Promise<void> {
    if (this.texts.has(turn.id)) return;
    this.texts.set(turn.id, '');
    const { log, stopping } = this.options;
    await runAs(contextOf(turn), async () => {
      try {
        await this.complete(turn);
      } catch (error) {
        // Stopping leaves it `running`: the next process goes on with it.
        if (!stopping.aborted) await this.fail(turn, error);
      } finally {
        this.texts.delete(turn.id);
      }
    }).catch((error: unknown) => {
      log.error({ err: error, turn: turn.id }, 'the end of a turn could not be stored');
    });
  }

  /** Asks and stores, again when something was not reachable: the turn id makes that harmless. */
  private async complete(turn: TurnRow): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.finish(turn, await this.ask(turn));
        return;
      } catch (error) {
        if (!passes(error) || attempt >= attemptsMax) throw error;
        this.options.log.warn({ err: error, turn: turn.id }, 'a turn is tried again');
        await this.pause(attempt);
      }
    }
  }

  private async ask(turn: TurnRow): Promise<Done> {
    const { services, stopping: signal } = this.options;
    const body = await agentRequest(this.options, turn);
    let received = '';
    for await (const line of services.lines(internalRoutes.agentTurn, { body, signal })) {
      if (line.event === 'failed') throw failureOf(line);
      const { length } = line.event === 'done' ? line.text : (received += line.text);
      if (length > replyCharsMax) throw new TurnFailed('The answer was too long. Ask for less.');
      if (line.event === 'done') return line;
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

  private async finish(turn: TurnRow, answer: Done): Promise<void> {
    const { db, writer } = this.options;
    const before = await db.withTenant(turn.tenantId, (tx) =>
      draftOfConversation(tx, turn.conversationId),
    );
    const checked =
      answer.draft &&
      (await writer.check(
        { ...answer.draft, author: answer.agent, origin: 'turn' },
        before?.latest,
      ));
    await this.end(turn, (tx) => storeAnswer(tx, turn, { answer, checked, writer }));
  }

  private async fail(turn: TurnRow, error: unknown): Promise<void> {
    this.options.log.error({ err: error, turn: turn.id }, 'a turn failed');
    const data = { status: 'failed', error: toldOf(error) };
    const store = async (tx: Tx) => {
      await tx.turn.update({ where: { id: turn.id }, data });
    };
    await this.untilReachable(() => this.end(turn, store));
  }

  /** T3 */
  private async end(turn: TurnRow, store: (tx: Tx) => Promise<void>): Promise<void> {
    const { db, feed, outbox } = this.options;
    const events = await db.withTenant(turn.tenantId, async (tx) => {
      await endTurn(tx, turn, () => store(tx));
      return eventsOfEnd(tx, turn.id);
    });
    outbox.hint();
    for (const event of events) feed.publish(turn.conversationId, event);
  }

  /** T4 */
  private async untilReachable<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!passes(error)) throw error;
        await this.pause(attempt);
      }
    }
  }

  /** @throws when the process stops */
  private async pause(attempt: number): Promise<void> {
    const { stopping: signal } = this.options;
    await sleep(Math.min(retryMsMax, retryMsFirst * 2 ** (attempt - 1)), undefined, { signal });
  }
}

/** What the agent says about its own failure; asking again would change nothing. */
class TurnFailed extends Error {}

function failureOf({ code, detail }: Extract<AgentTurnEvent, { event: 'failed' }>): Error {
  return errorRow(code).retryable ? new AppError(code, detail) : new TurnFailed(detail);
}

function passes(error: unknown): boolean {
  return isAppError(error) && errorRow(error.code).retryable;
}

/** The cause and the cure, for the person who said something. */
function toldOf(error: unknown): string {
  if (error instanceof TurnFailed) return error.message;
  if (isAppError(error) && error.code !== 'internal') return error.message;
  return 'Something broke while this was answered. Say it again to try once more.';
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
