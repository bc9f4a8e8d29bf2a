import type { ConversationState } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import type { Tx } from '../prisma.module.js';
import { findDraft } from '../drafts/draft-rows.js';
import { conversationOf, messageOf, turnOf } from '../rows.js';

/** The latest messages that a page shows; a conversation can be longer. */
const messagesMax = 500;

/** @throws AppError `not-found`, also for conversations of other tenants */
export async function findConversation(tx: Tx, id: string) {
  const row = await tx.conversation.findUnique({ where: { id }, include: { draft: true } });
  if (row === null) throw new AppError('not-found', `There is no conversation ${id}.`);
  return row;
}

/** Everything needed to draw a conversation. */
export async function conversationState(
  tx: Tx,
  id: string,
  textSoFar: (turnId: string) => string,
): Promise<ConversationState> {
  const row = await findConversation(tx, id);
  const messages = await tx.message.findMany({
    where: { conversationId: id },
    orderBy: { id: 'desc' },
    take: messagesMax,
  });
  const turn = await tx.turn.findFirst({ where: { conversationId: id }, orderBy: { id: 'desc' } });
  const draft = row.draft && (await findDraft(tx, row.draft.id));
  return {
    conversation: conversationOf(row),
    messages: messages.reverse().map(messageOf),
    // A turn that failed is shown too, until there is a later one: nothing of it may be lost.
    ...(turn !== null && turn.status !== 'completed'
      ? { turn: turnOf(turn, textSoFar(turn.id)) }
      : {}),
    ...(draft === null ? {} : { draft }),
  };
}
