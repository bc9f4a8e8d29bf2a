import { randomBytes } from 'node:crypto';
import type { AgentTurnEvent, ConversationEvent } from '@parley/contracts';
import { makeId } from '@parley/kernel';
import { findConversation, lockConversation } from '../conversations/conversation-rows.js';
import { draftOfConversation } from '../drafts/draft-rows.js';
import type { CheckedProposal, RevisionWriter } from '../drafts/revision-writer.js';
import type { Prisma } from '../generated/prisma/client.js';
import type { Tx } from '../prisma.module.js';
import { column, conversationOf, messageOf, turnOf } from '../rows.js';

export type TurnRow = Prisma.TurnGetPayload<object>;
export type Done = Extract<AgentTurnEvent, { event: 'done' }>;

/**
 * Stores how a turn ended, unless that is known already: the answer of a commit can be lost, and
 * another process may have run the same turn.
 */
export async function endTurn(
  tx: Tx,
  turn: TurnRow,
  end: (current: TurnRow) => Promise<void>,
): Promise<void> {
  await lockConversation(tx, turn.conversationId);
  const current = await tx.turn.findUniqueOrThrow({ where: { id: turn.id } });
  if (current.status === 'running') await end(current);
}

/** Reply, revision and the end of the turn, in the caller's transaction. */
export async function storeAnswer(
  tx: Tx,
  turn: TurnRow,
  made: { answer: Done; checked: CheckedProposal | undefined; writer: RevisionWriter },
): Promise<void> {
  const { conversationId, tenantId } = turn;
  const { answer, checked, writer } = made;
  const now = new Date();
  const revision = checked && (await addRevision(tx, turn, { checked, writer }));
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
      draftRevision: revision ?? null,
      suggestions: column(answer.suggestions),
      createdAt: now,
    },
  });
  await tx.turn.update({
    where: { id: turn.id },
    data: { status: 'completed', replyMessageId: reply.id },
  });
  await tx.conversation.update({ where: { id: conversationId }, data: { updatedAt: now } });
}

/** What the pages of the conversation are told about a turn that has ended, in this order. */
export async function eventsOfEnd(tx: Tx, turnId: string): Promise<ConversationEvent[]> {
  const turn = await tx.turn.findUniqueOrThrow({ where: { id: turnId } });
  const reply =
    turn.replyMessageId === null
      ? null
      : await tx.message.findUnique({ where: { id: turn.replyMessageId } });
  const draft =
    reply === null || reply.draftRevision === null
      ? undefined
      : await draftOfConversation(tx, turn.conversationId);
  const conversation = await findConversation(tx, turn.conversationId);
  return [
    ...(draft === undefined ? [] : [{ event: 'draft' as const, data: draft }]),
    ...(reply === null ? [] : [{ event: 'message' as const, data: messageOf(reply) }]),
    { event: 'turn', data: turnOf(turn) },
    { event: 'conversation', data: conversationOf(conversation) },
  ];
}

/** @returns the number of the revision */
async function addRevision(
  tx: Tx,
  { conversationId, tenantId }: TurnRow,
  { checked, writer }: { checked: CheckedProposal; writer: RevisionWriter },
): Promise<number> {
  const known = await draftOfConversation(tx, conversationId);
  const draft = known ?? { id: makeId('draft', Date.now(), randomBytes), conversationId };
  if (known === undefined) await tx.draft.create({ data: { ...draft, tenantId } });
  const { number } = await writer.write(tx, draft, checked, tenantId);
  return number;
}
