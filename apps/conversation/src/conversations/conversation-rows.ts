import { AppError } from '@parley/kernel';
import type { Tx } from '../prisma.module.js';

/** @throws AppError `not-found`, also for conversations of other tenants */
export async function findConversation(tx: Tx, id: string) {
  const row = await tx.conversation.findUnique({ where: { id }, include: { draft: true } });
  if (row === null) throw new AppError('not-found', `There is no conversation ${id}.`);
  return row;
}

/**
 * Holds off other changes of the conversation, its turns and its draft until the transaction ends.
 * It is the only lock of all three and is taken first: a turn cannot begin while a draft is edited,
 * and no two changes wait for each other.
 */
export async function lockConversation(tx: Tx, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM conversation WHERE id = ${id} FOR NO KEY UPDATE`;
}
