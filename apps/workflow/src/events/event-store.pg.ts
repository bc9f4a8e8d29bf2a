import type { EventInterest } from '@parley/engine';
import type { JsonObject } from '@parley/kernel';
import type { Pool, Queryable } from '@parley/postgres';
import { decodePayload, encodePayload } from '../engine/codec.js';
import { partitionOfRun } from '../engine/run-id.js';
import type { Message } from '../engine/turn-record.js';
import type { ArrivedEvent } from './arrived-event.js';

/** A task that wants events, as far as its table tells. */
export interface Subscription {
  readonly tenantId: string;
  readonly runId: string;
  readonly occurrence: string;
  readonly attempt: number;
  readonly interests: readonly EventInterest[];
}

interface EventColumns {
  tenant_id: string;
  source: string;
  id: string;
  type: string;
  run_id: string | null;
  event: Buffer;
}

interface SubscriptionColumns {
  tenant_id: string;
  run_id: string;
  occurrence: string;
  attempt: number;
  interests: EventInterest[];
}

/** The tables between events and the runs that want them. */
export class EventStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  remember(events: readonly ArrivedEvent[]): Promise<void> {
    return EventStore.remember(this.pool, events);
  }

  /** Remembers events for those who begin to listen soon; the same again is one. */
  static async remember(db: Queryable, events: readonly ArrivedEvent[]): Promise<void> {
    await db.query(
      `INSERT INTO recent_event (tenant_id, source, id, type, run_id, event)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
       ON CONFLICT DO NOTHING`,
      [
        events.map(({ tenantId }) => tenantId),
        events.map(({ source }) => storable(source)),
        events.map(({ id }) => storable(id)),
        events.map(({ type }) => storable(type)),
        events.map(({ runId }) => runId ?? null),
        events.map(({ event }) => encodePayload(event)),
      ],
    );
  }

  /** Those of the events that nobody was looked for yet. */
  async unbrought(events: readonly ArrivedEvent[]): Promise<ArrivedEvent[]> {
    const { rows } = await this.pool.query<{ n: number }>(
      `SELECT known.n::int4 AS n
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS known(tenant_id, source, id, n)
       JOIN recent_event recent USING (tenant_id, source, id) WHERE NOT recent.brought`,
      identitiesOf(events),
    );
    const left = new Set(rows.map(({ n }) => n - 1));
    return events.filter((_, at) => left.has(at));
  }

  /** Events that were remembered and, because a process died, not brought to anybody. */
  async leftBehind(limit: number): Promise<ArrivedEvent[]> {
    const { rows } = await this.pool.query<EventColumns>(
      `SELECT tenant_id, source, id, type, run_id, event FROM recent_event
       WHERE NOT brought AND arrived_at < clock_timestamp() - interval '2 s'
       ORDER BY arrived_at LIMIT $1`,
      [limit],
    );
    return rows.map(eventOf);
  }

  async markBrought(events: readonly ArrivedEvent[]): Promise<void> {
    await this.pool.query(
      `UPDATE recent_event SET brought = true
       FROM unnest($1::text[], $2::text[], $3::text[]) AS known(tenant_id, source, id)
       WHERE recent_event.tenant_id = known.tenant_id AND recent_event.source = known.source
         AND recent_event.id = known.id`,
      identitiesOf(events),
    );
  }

  /** Whoever could want events of these types. */
  async subscriptionsTo(tenantId: string, types: readonly string[]): Promise<Subscription[]> {
    const { rows } = await this.pool.query<SubscriptionColumns>(
      `SELECT DISTINCT ON (run_id, occurrence, attempt) tenant_id, run_id, occurrence, attempt, interests
       FROM subscription WHERE tenant_id = $1 AND type = ANY ($2)`,
      [tenantId, [...types.map(storable), '']],
    );
    return rows.map(subscriptionOf);
  }

  /** Tasks of these partitions that have begun to listen lately, perhaps after an event had come. */
  async freshSubscriptions(partitions: readonly number[], ageMs: number): Promise<Subscription[]> {
    const { rows } = await this.pool.query<SubscriptionColumns>(
      `SELECT DISTINCT ON (run_id, occurrence, attempt) tenant_id, run_id, occurrence, attempt, interests
       FROM subscription
       WHERE partition = ANY ($1) AND opened_at > clock_timestamp() - $2 * interval '1 ms'`,
      [partitions, ageMs],
    );
    return rows.map(subscriptionOf);
  }

  /** Events that came before a task began to listen, and not before its run was started. */
  async eventsBefore(
    subscription: Pick<Subscription, 'tenantId' | 'runId'>,
    types: readonly string[],
    ageMs: number,
  ): Promise<ArrivedEvent[]> {
    const { rows } = await this.pool.query<EventColumns>(
      `SELECT recent.tenant_id, recent.source, recent.id, recent.type, recent.run_id, recent.event
       FROM recent_event recent JOIN run ON run.id = $2 AND run.tenant_id = recent.tenant_id
       WHERE recent.tenant_id = $1 AND ($3::text[] IS NULL OR recent.type = ANY ($3))
         AND recent.arrived_at >= greatest(run.created_at, clock_timestamp() - $4 * interval '1 ms')
         AND coalesce(recent.run_id, $2) = $2
       ORDER BY recent.arrived_at LIMIT 1000`,
      [
        subscription.tenantId,
        subscription.runId,
        types.includes('') ? null : types.map(storable),
        ageMs,
      ],
    );
    return rows.map(eventOf);
  }

  /** Puts messages into the inboxes of runs; the same again is one. @returns those that are new */
  async bring(messages: readonly Message[]): Promise<Message[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `INSERT INTO inbox (partition, id, tenant_id, run_id, body)
       SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bytea[])
       ON CONFLICT DO NOTHING RETURNING id`,
      [
        messages.map(({ runId }) => partitionOfRun(runId) ?? 0),
        messages.map(({ id }) => id),
        messages.map(({ tenantId }) => tenantId),
        messages.map(({ runId }) => runId),
        messages.map(({ body }) => encodePayload(body)),
      ],
    );
    const fresh = new Set(rows.map(({ id }) => id));
    return messages.filter(({ id }) => fresh.has(id));
  }

  async forgetBefore(ageMs: number): Promise<void> {
    await this.pool.query(
      `DELETE FROM recent_event WHERE arrived_at < clock_timestamp() - $1 * interval '1 ms'`,
      [ageMs],
    );
  }
}

function eventOf(row: EventColumns): ArrivedEvent {
  return {
    tenantId: row.tenant_id,
    source: row.source,
    id: row.id,
    type: row.type,
    ...(row.run_id === null ? {} : { runId: row.run_id }),
    event: decodePayload<JsonObject>(row.event),
  };
}

function subscriptionOf(row: SubscriptionColumns): Subscription {
  const { tenant_id: tenantId, run_id: runId, occurrence, attempt, interests } = row;
  return { tenantId, runId, occurrence, attempt, interests };
}

/** PostgreSQL's text cannot hold U+0000 or half a character. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

function identitiesOf(events: readonly ArrivedEvent[]): [string[], string[], string[]] {
  return [
    events.map(({ tenantId }) => tenantId),
    events.map(({ source }) => storable(source)),
    events.map(({ id }) => storable(id)),
  ];
}
