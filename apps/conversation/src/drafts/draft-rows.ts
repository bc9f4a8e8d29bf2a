import type { Draft, DraftRevision } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { lockConversation } from '../conversations/conversation-rows.js';
import type { Tx } from '../prisma.module.js';
import { draftOf, revisionOf } from '../rows.js';

/** A draft with its latest revision. @throws AppError `not-found` */
export async function findDraft(tx: Tx, id: string): Promise<Draft> {
  const row = await tx.draft.findUnique({ where: { id } });
  if (row === null) throw new AppError('not-found', `There is no draft ${id}.`);
  const latest =
    row.latestRevision === 0 ? undefined : await findRevision(tx, id, row.latestRevision);
  return draftOf(row, latest);
}

/** @throws AppError `not-found` */
export async function findRevision(
  tx: Tx,
  draftId: string,
  number: number,
): Promise<DraftRevision> {
  const row = await tx.draftRevision.findUnique({ where: { draftId_number: { draftId, number } } });
  if (row === null) {
    throw new AppError('not-found', `Draft ${draftId} has no revision ${String(number)}.`);
  }
  return revisionOf(row);
}

export async function draftOfConversation(
  tx: Tx,
  conversationId: string,
): Promise<Draft | undefined> {
  const row = await tx.draft.findUnique({ where: { conversationId } });
  return row === null ? undefined : findDraft(tx, row.id);
}

/** The draft, while this transaction holds off every other change. @throws AppError `not-found` */
export async function lockDraft(tx: Tx, id: string): Promise<Draft> {
  const { conversationId } = await findDraft(tx, id);
  await lockConversation(tx, conversationId);
  return findDraft(tx, id);
}
