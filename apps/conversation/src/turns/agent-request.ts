import { routes, type AgentTurn, type Answer } from '@parley/contracts';
import type { Services } from '@parley/nest-kit';
import { draftOfConversation } from '../drafts/draft-rows.js';
import type { Db } from '../prisma.module.js';
import type { TurnRow } from './turn-rows.js';

/** Messages that the agent is told of besides the one that it answers. */
const historyMax = 40;

/** What the agent is asked: the turn with all that it may need to know. */
export async function agentRequest(
  { db, services }: { readonly db: Db; readonly services: Services },
  turn: TurnRow,
): Promise<AgentTurn> {
  const { conversationId, userMessageId, runId } = turn;
  const { message, history, draft } = await db.withTenant(turn.tenantId, async (tx) => ({
    message: await tx.message.findUniqueOrThrow({ where: { id: userMessageId } }),
    history: await tx.message.findMany({
      where: { conversationId, id: { lt: userMessageId } },
      orderBy: { id: 'desc' },
      take: historyMax,
    }),
    draft: await draftOfConversation(tx, conversationId),
  }));
  return {
    turnId: turn.id,
    conversationId,
    text: message.text,
    answers: turn.answers as unknown as Answer[],
    history: history.reverse().map(({ role, text }) => ({
      role: role === 'user' ? 'user' : 'assistant',
      text,
    })),
    ...(draft?.latest === undefined ? {} : { draft: draftSeen(draft.latest) }),
    ...(runId === null ? {} : { run: await runSeen(services, runId) }),
  };
}

function draftSeen({ source, timezone, questions }: NonNullable<AgentTurn['draft']>) {
  return { source, timezone, questions };
}

async function runSeen(services: Services, run: string): Promise<AgentTurn['run']> {
  const { id, status, failedStep, error } = await services.call(routes.getRun, { params: { run } });
  return { id, status, failedStep, error };
}
