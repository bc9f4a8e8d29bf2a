import { Body, Controller, Inject, Res } from '@nestjs/common';
import {
  agentResponse,
  dslGenerated,
  internalRoutes,
  routes,
  type AgentTurn,
  type AgentTurnEvent,
  type Lock,
} from '@parley/contracts';
import { externalsOf, parseDefinition } from '@parley/dsl';
import { isAppError } from '@parley/kernel';
import {
  Caller,
  Endpoint,
  eventFacts,
  LOG,
  Outbox,
  sendLines,
  Services,
  type Context,
  type Log,
} from '@parley/nest-kit';
import type { OutboxEvent } from '@parley/postgres';
import type { FastifyReply } from 'fastify';
import { AnswerStore, type Done } from './answer-store.pg.js';
import type { Answerer } from './answerer.js';

/** The compiler itself gives up on documents before that. */
const documentsMsMax = 20_000;

/** Injects what answers turns. */
export const ANSWERER = Symbol('answerer');

@Controller()
export class TurnsHttp {
  constructor(
    @Inject(ANSWERER) private readonly answerer: Answerer,
    @Inject(AnswerStore) private readonly store: AnswerStore,
    private readonly services: Services,
    private readonly outbox: Outbox,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Endpoint(internalRoutes.agentTurn)
  async answer(
    @Body() turn: AgentTurn,
    @Caller() caller: Context,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const known = await this.store.find(caller.tenantId, turn.turnId);
    await sendLines(reply, known === undefined ? this.produce(turn, caller, reply) : repeat(known));
  }

  private async *produce(
    turn: AgentTurn,
    caller: Context,
    reply: FastifyReply,
  ): AsyncGenerator<AgentTurnEvent> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      const [catalogue, directory, lock] = await Promise.all([
        this.services.call(routes.getCatalogue),
        this.services.call(internalRoutes.directory),
        this.documentsOf(turn, gone.signal),
      ]);
      const context = { catalogue, directory, ...(lock && { lock }), signal: gone.signal };
      for await (const event of this.answerer.answer(turn, context)) {
        yield event.event === 'done' ? await this.keep(turn, caller, event) : event;
      }
    } catch (error) {
      if (gone.signal.aborted) return;
      this.log.error({ err: error, turn: turn.turnId }, 'a turn could not be answered');
      yield failureOf(error);
    }
  }

  /**
   * The documents that the draft names; it is answered without them when they cannot be had, and then
   * it says so.
   */
  private async documentsOf(
    { draft, turnId }: AgentTurn,
    signal: AbortSignal,
  ): Promise<Lock | undefined> {
    const root = draft && parseDefinition(draft.source).root;
    if (root === undefined || externalsOf(root).length === 0) return undefined;
    const body = { source: draft?.source ?? '', resolve: true };
    try {
      const call = { body, timeoutMs: documentsMsMax, signal };
      return (await this.services.call(routes.compileDefinition, call)).lock;
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      this.log.warn({ err: error, turn: turnId }, 'a draft is tried without its documents');
      return undefined;
    }
  }

  private async keep(turn: AgentTurn, caller: Context, answer: Done): Promise<Done> {
    const events = this.eventsOf(turn, caller, answer);
    const kept = await this.store.keep(caller.tenantId, turn.turnId, { answer, events });
    this.outbox.hint();
    return kept;
  }

  private eventsOf(
    { turnId, conversationId }: AgentTurn,
    { tenantId }: Context,
    answer: Done,
  ): OutboxEvent[] {
    const facts = () => eventFacts(tenantId, conversationId);
    const agent = answer.agent.id;
    const model = this.answerer.model === undefined ? {} : { model: this.answerer.model };
    const response = agentResponse.create({ conversationId, turnId, agent, ...model }, facts());
    if (answer.draft === undefined) return [{ envelope: response }];
    const generated = dslGenerated.create({ conversationId, turnId, agent }, facts());
    return [{ envelope: generated }, { envelope: response }];
  }
}

async function* repeat(answer: Done): AsyncGenerator<AgentTurnEvent> {
  yield { event: 'delta', text: answer.text };
  yield answer;
}

/** What is said of a failure, which is never kept as the turn's answer: another try may succeed. */
function failureOf(error: unknown): AgentTurnEvent {
  if (isAppError(error)) return { event: 'failed', code: error.code, detail: error.message };
  const detail = 'The agent could not answer because something broke in it; its log has the cause.';
  return { event: 'failed', code: 'internal', detail };
}
