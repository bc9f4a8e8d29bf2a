import type { Delivery } from '@parley/bus';
import type { EventEnvelope } from '@parley/contracts';
import { assert } from '@parley/kernel';
import {
  binaryArray,
  withTransaction,
  type Pool,
  type PoolClient,
  type Queryable,
} from '@parley/postgres';
import { chain, emptyStream, fieldSeparator, type StreamHead, type StreamRow } from './chain.js';

/** An event and where it was on the bus. */
export type Arrival = Pick<Delivery, 'topic' | 'partition' | 'position' | 'envelope'>;

/** More tenants than this are looked up anew. */
const headsKeptMax = 10_000;
/** How far the clocks of two machines may be apart. */
const skewMs = 3_600_000;

const appendRows = `SELECT append_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
  $11, $12, $13, $14, $15, $16, $17, $18, $19) AS appended`;

/**
 * The streams in the database.
 *
 * A1  An event is taken once: its position on the bus moves on in the transaction that appends it, and
 *     what is at or before that position is left out.
 * A2  A stream has no gap and no fork: a row follows the end that the stream has in the transaction
 *     that appends it.
 *
 * Both ends are remembered from one write to the next. When another process has written meanwhile, the
 * database appends nothing; then they are read, and kept from changing, in the transaction itself.
 */
export class StreamStore {
  private readonly pool: Pool;
  private readonly taken = new Map<string, number>();
  private readonly heads = new Map<string, StreamHead>();
  private since: Promise<number> | undefined;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** Appends what is not there yet, all of it or nothing. */
  async append(arrivals: readonly Arrival[]): Promise<void> {
    try {
      const wanted = await this.withoutOld(arrivals);
      if (this.knows(arrivals) && (await this.tryAppend(this.pool, arrivals, wanted))) return;
      await withTransaction(this.pool, async (client) => {
        await this.lock(client, arrivals);
        assert(await this.tryAppend(client, arrivals, wanted), 'locked streams have not changed');
      });
    } catch (error) {
      // Nobody knows whether a commit whose answer is lost has happened.
      this.taken.clear();
      this.heads.clear();
      throw error;
    }
  }

  private knows(arrivals: readonly Arrival[]): boolean {
    return arrivals.every(
      (arrival) => this.taken.has(sourceOf(arrival)) && this.heads.has(arrival.envelope.tenantid),
    );
  }

  /** False when the database has another end of a stream, or of what is taken, than this has. */
  private async tryAppend(
    client: Queryable,
    arrivals: readonly Arrival[],
    wanted: ReadonlySet<Arrival>,
  ): Promise<boolean> {
    const moved = new Map<string, { topic: string; partition: number; reached: number }>();
    const events: EventEnvelope[] = [];
    for (const arrival of arrivals) {
      const { topic, partition, position } = arrival;
      const source = sourceOf(arrival);
      if (position <= (moved.get(source)?.reached ?? this.taken.get(source) ?? 0)) continue; // A1
      moved.set(source, { topic, partition, reached: position });
      if (wanted.has(arrival)) events.push(arrival.envelope);
    }
    if (moved.size === 0) return true;
    const { rows, heads } = chain(events, (tenant) => this.heads.get(tenant) ?? emptyStream);
    const { rows: answers } = await client.query<{ appended: boolean }>({
      name: 'audit.append',
      text: appendRows,
      values: [...this.takenColumns(moved), ...this.headColumns(heads), ...rowColumns(rows)],
    });
    if (answers[0]?.appended !== true) return false;
    for (const [source, { reached }] of moved) this.taken.set(source, reached);
    for (const [tenant, head] of heads) this.heads.set(tenant, head);
    return true;
  }

  private takenColumns(
    moved: ReadonlyMap<string, { topic: string; partition: number; reached: number }>,
  ): Buffer[] {
    const of = [...moved.values()];
    return [
      binaryArray(
        'text',
        of.map(({ topic }) => topic),
      ),
      binaryArray(
        'int',
        of.map(({ partition }) => partition),
      ),
      binaryArray(
        'bigint',
        [...moved.keys()].map((source) => this.taken.get(source) ?? 0),
      ),
      binaryArray(
        'bigint',
        of.map(({ reached }) => reached),
      ),
    ];
  }

  private headColumns(heads: ReadonlyMap<string, StreamHead>): Buffer[] {
    const tenants = [...heads.keys()];
    const before = tenants.map((tenant) => this.heads.get(tenant) ?? emptyStream);
    const next = [...heads.values()];
    return [
      binaryArray('text', tenants),
      ...[before, next].flatMap((of) => [
        binaryArray(
          'bigint',
          of.map(({ position }) => position),
        ),
        binaryArray(
          'text',
          of.map(({ hash }) => hash),
        ),
      ]),
    ];
  }

  /** Reads both ends and keeps them until the transaction ends. */
  private async lock(client: PoolClient, arrivals: readonly Arrival[]): Promise<void> {
    if (this.heads.size > headsKeptMax) this.heads.clear();
    const sources = [...new Map(arrivals.map((each) => [sourceOf(each), each])).values()];
    const columns = [sources.map(({ topic }) => topic), sources.map(({ partition }) => partition)];
    const tenants = [...new Set(arrivals.map(({ envelope }) => envelope.tenantid))];
    await client.query(
      `INSERT INTO event_taken SELECT t, p, 0 FROM unnest($1::text[], $2::int[]) AS w(t, p)
       ORDER BY t, p ON CONFLICT DO NOTHING`,
      columns,
    );
    const taken = await client.query<{ topic: string; partition: number; position: number }>(
      `SELECT t.topic, t.partition, t.position FROM event_taken t
       JOIN unnest($1::text[], $2::int[]) AS w(topic, partition) USING (topic, partition)
       ORDER BY t.topic, t.partition FOR UPDATE OF t`,
      columns,
    );
    await client.query(
      `INSERT INTO event_head SELECT t, 0, '' FROM unnest($1::text[]) AS t
       ORDER BY t ON CONFLICT DO NOTHING`,
      [tenants],
    );
    const heads = await client.query<StreamHead & { tenantId: string }>(
      `SELECT tenant_id AS "tenantId", position, hash FROM event_head
       WHERE tenant_id = ANY ($1) ORDER BY tenant_id FOR UPDATE`,
      [tenants],
    );
    for (const source of taken.rows) this.taken.set(sourceOf(source), source.position);
    for (const { tenantId, position, hash } of heads.rows) {
      this.heads.set(tenantId, { position, hash });
    }
  }

  /** Those that are not in the stream from the time when positions of the bus were not kept. */
  private async withoutOld(arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
    const sinceMs = await (this.since ??= this.readSince());
    const old = arrivals.filter(({ envelope }) => Date.parse(envelope.time) < sinceMs);
    const wanted = new Set(arrivals);
    if (old.length === 0) return wanted;
    const { rows } = await this.pool.query<{ n: number }>(
      // A subquery that gives a value goes by the index for each event; EXISTS may read all old rows.
      `SELECT w.n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(tenant_id, id, n)
       WHERE (SELECT e.position FROM event e
         WHERE e.tenant_id = w.tenant_id AND e.id = w.id AND e.earlier IS NULL LIMIT 1) IS NOT NULL`,
      [old.map(({ envelope }) => envelope.tenantid), old.map(({ envelope }) => envelope.id)],
    );
    for (const { n } of rows) wanted.delete(old[n - 1] as Arrival);
    return wanted;
  }

  private async readSince(): Promise<number> {
    try {
      const { rows } = await this.pool.query<{ at: Date }>('SELECT at FROM event_taken_since');
      return rows[0] === undefined ? 0 : rows[0].at.getTime() + skewMs;
    } catch (error) {
      this.since = undefined;
      throw error;
    }
  }
}

function sourceOf({ topic, partition }: Pick<Arrival, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}

function rowColumns(rows: readonly StreamRow[]): Buffer[] {
  const texts = (values: (row: StreamRow) => string | undefined) =>
    binaryArray('text', rows.map(values));
  return [
    texts(({ tenantId }) => tenantId),
    binaryArray(
      'bigint',
      rows.map(({ position }) => position),
    ),
    texts(({ last }) => last.id),
    texts(({ last }) => last.type),
    texts(({ last }) => last.source),
    texts(({ last }) => last.subject),
    texts(({ last }) => last.time),
    texts(({ last }) => JSON.stringify(last.data)),
    texts(({ hash }) => hash),
    texts(({ earlier }) => earlier.join(fieldSeparator)),
  ];
}
