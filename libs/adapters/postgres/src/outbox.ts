import { eventType, type EventEnvelope } from '@parley/contracts';
import { assert } from '@parley/kernel';
import { databaseError } from './database-error.js';
import type { Queryable } from './pool.js';
import type { PrismaStatements } from './prisma-tenant.js';

/** An event to publish when the surrounding transaction commits. */
export interface OutboxEvent {
  readonly envelope: EventEnvelope;
  /**
   * Version of the aggregate that the event belongs to; orders the events of a key. Without it the
   * order of commits is kept instead, by locking the key until commit. One way per key.
   */
  readonly version?: number;
}

/**
 * Writes events in the same transaction as the state that they tell of. Takes a `pg` client with a
 * transaction open, or the transaction client of Prisma. The relay publishes them after commit;
 * tell it with `relay.hint()`, or it finds them at its next poll.
 */
export async function appendOutbox(
  transaction: Queryable | PrismaStatements,
  events: readonly OutboxEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = JSON.stringify(events.map(toRow));
  try {
    if (isPrisma(transaction)) await transaction.$executeRaw`SELECT append_outbox(${rows})`;
    else await transaction.query('SELECT append_outbox($1)', [rows]);
  } catch (error) {
    throw databaseError(error);
  }
}

function isPrisma(transaction: Queryable | PrismaStatements): transaction is PrismaStatements {
  return typeof (transaction as PrismaStatements).$executeRaw === 'function';
}

function toRow({ envelope, version }: OutboxEvent) {
  const type = eventType(envelope.type);
  assert(type !== undefined, `event type ${envelope.type} is not declared`);
  type.parse(envelope);
  return {
    topic: type.topic,
    key: envelope.partitionkey,
    event: JSON.stringify(envelope),
    ...(version === undefined ? {} : { version }),
  };
}
