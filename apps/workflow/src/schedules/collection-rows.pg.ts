import { isSingle, type Collection, type LevelledFeature } from '@parley/engine';
import type { IrSchedule } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { PoolClient } from '@parley/postgres';
import { decodePayload, encodeText } from '../engine/codec.js';

/** A collection as its row tells of it. */
export interface CollectionRow extends Collection {
  readonly events: number;
  readonly bytes: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** Makes sure that every replica reads what is about to be written. */
export type SwitchOn = (what: LevelledFeature) => Promise<void>;

/**
 * Gives the live version what it needs to collect events, or takes it away. What was collected for
 * another version is let go.
 */
export async function setCollector(
  client: PoolClient,
  live: {
    readonly tenantId: string;
    readonly workflowId: string;
    readonly version: number;
    readonly switchOn: SwitchOn;
  },
  { on }: IrSchedule,
): Promise<void> {
  const collects = on !== undefined && !isSingle(on);
  await client.query(
    'DELETE FROM schedule_collector WHERE workflow_id = $1 AND (version <> $2 OR NOT $3)',
    [live.workflowId, live.version, collects],
  );
  if (!collects) return;
  await live.switchOn('collectedEvents');
  await client.query(
    `INSERT INTO schedule_collector (workflow_id, tenant_id, version) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING`,
    [live.workflowId, live.tenantId, live.version],
  );
}

/**
 * Nobody else collects for the workflow until the transaction ends. Who also changes the schedule
 * does this first, so that nobody waits for each other.
 * @returns the version that is collected for
 */
export async function lockCollector(
  client: PoolClient,
  workflowId: string,
): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(
    'SELECT version FROM schedule_collector WHERE workflow_id = $1 FOR UPDATE',
    [workflowId],
  );
  return rows[0]?.version;
}

/** What has been collected starts nothing. */
export async function letAllGo(client: PoolClient, workflowId: string): Promise<void> {
  await client.query('DELETE FROM schedule_collection WHERE workflow_id = $1', [workflowId]);
}

/** The collections of one schedule, for whoever has locked its collector. */
export class CollectionRows {
  private readonly client: PoolClient;
  private readonly schedule: { readonly tenantId: string; readonly workflowId: string };

  constructor(client: PoolClient, schedule: CollectionRows['schedule']) {
    this.client = client;
    this.schedule = schedule;
  }

  /** The oldest first. */
  async open(): Promise<CollectionRow[]> {
    const { rows } = await this.client.query<{
      id: string;
      matched: number[];
      keys: Readonly<Record<string, Json>>;
      events: number;
      bytes: string;
      first_at: Date;
      last_at: Date;
    }>(
      `SELECT id, matched, keys, events, bytes, first_at, last_at
       FROM schedule_collection WHERE workflow_id = $1 ORDER BY opened`,
      [this.schedule.workflowId],
    );
    return rows.map(({ first_at: firstAt, last_at: lastAt, bytes, ...row }) => {
      return { ...row, bytes: Number(bytes), firstAt, lastAt };
    });
  }

  async put(row: CollectionRow): Promise<void> {
    const { tenantId, workflowId } = this.schedule;
    await this.client.query(
      `INSERT INTO schedule_collection (tenant_id, workflow_id, id, matched, keys, events, bytes,
         first_at, last_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (workflow_id, id) DO UPDATE SET matched = excluded.matched, keys = excluded.keys,
         events = excluded.events, bytes = excluded.bytes, last_at = excluded.last_at`,
      [
        tenantId,
        workflowId,
        row.id,
        row.matched,
        JSON.stringify(row.keys),
        row.events,
        row.bytes,
        row.firstAt,
        row.lastAt,
      ],
    );
  }

  async addValue(collection: string, position: number, text: string): Promise<void> {
    const { tenantId, workflowId } = this.schedule;
    await this.client.query(
      `INSERT INTO schedule_collected (tenant_id, workflow_id, collection, position, value)
       VALUES ($1, $2, $3, $4, $5)`,
      [tenantId, workflowId, collection, position, encodeText(text)],
    );
  }

  /** What was collected, in the order in which it came. */
  async values(collection: string): Promise<Json[]> {
    const { rows } = await this.client.query<{ value: Buffer }>(
      `SELECT value FROM schedule_collected WHERE workflow_id = $1 AND collection = $2
       ORDER BY position`,
      [this.schedule.workflowId, collection],
    );
    return rows.map(({ value }) => decodePayload(value));
  }

  async remove(collections: readonly string[]): Promise<void> {
    await this.client.query(
      'DELETE FROM schedule_collection WHERE workflow_id = $1 AND id = ANY ($2)',
      [this.schedule.workflowId, collections],
    );
  }

  async hasCounted(event: string): Promise<boolean> {
    const { rowCount } = await this.client.query(
      'SELECT FROM schedule_counted WHERE workflow_id = $1 AND event = $2',
      [this.schedule.workflowId, event],
    );
    return rowCount === 1;
  }

  /** @param collection what the event was added to */
  async count(event: string, collection?: string): Promise<void> {
    const { tenantId, workflowId } = this.schedule;
    await this.client.query(
      `INSERT INTO schedule_counted (tenant_id, workflow_id, event, collection)
       VALUES ($1, $2, $3, $4)`,
      [tenantId, workflowId, event, collection ?? null],
    );
  }

  /** Forgets events that counted so long ago, for what is not open any more; a few at a time. */
  async forget(ageMs: number, limit: number): Promise<void> {
    await this.client.query(
      `DELETE FROM schedule_counted USING (
         SELECT event FROM schedule_counted
         WHERE workflow_id = $1 AND collection IS NULL AND counted_at < clock_timestamp() - $2 * interval '1 ms'
         ORDER BY counted_at LIMIT $3) old
       WHERE schedule_counted.workflow_id = $1 AND schedule_counted.event = old.event`,
      [this.schedule.workflowId, ageMs, limit],
    );
  }
}
