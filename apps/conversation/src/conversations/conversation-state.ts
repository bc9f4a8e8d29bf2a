import type { ConversationState } from '@parley/contracts';
import type { Tx } from '../prisma.module.js';
import { findDraft } from '../drafts/draft-rows.js';
import { conversationOf, messagePage, turnOf } from '../rows.js';
import { findConversation } from './conversation-rows.js';

/** The latest messages that a page shows; a conversation can be longer. */
const messagesMax = 200;

/** Everything needed to draw a conversation. */
export async function conversationState(
  tx: Tx,
  id: string,
  textSoFar: (turnId: string) => string,
): Promise<ConversationState> {
  const row = await findConversation(tx, id);
  const rows = await tx.message.findMany({
    where: { conversationId: id },
    orderBy: { id: 'desc' },
    take: messagesMax + 1,
  });
  const { items, nextPageToken } = messagePage(rows, messagesMax);
  const turn = await tx.turn.findFirst({ where: { conversationId: id }, orderBy: { id: 'desc' } });
  const draft = row.draft && (await findDraft(tx, row.draft.id));
  return {
    conversation: conversationOf(row),
    messages: items.reverse(),
    ...(nextPageToken === undefined ? {} : { earlierPageToken: nextPageToken }),
    // A turn that failed is shown too, until there is a later one: nothing of it may be lost.
    ...(turn !== null && turn.status !== 'completed'
      ? { turn: turnOf(turn, textSoFar(turn.id)) }
      : {}),
    ...(draft === null ? {} : { draft }),
  };
}
