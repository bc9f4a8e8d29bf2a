import { randomUUID } from 'node:crypto';
import { journalLevel } from '@parley/engine';
import { CannotStart } from '@parley/nest-kit';
import { sqlState } from '@parley/postgres';
import type { Pool } from 'pg';
import {
  forgottenAfterMs,
  type Ownership,
  type ReplicaRow,
  type ReplicaStore,
  type ReplicaView,
  type SeenPartition,
} from './replica-store.js';

/** Of the function that lets replicas join. */
const levelTooLow = 'PJ001';

interface EpochRow {
  id: number;
  epoch: number;
}

/** Replicas and partitions in PostgreSQL. */
export class PgReplicaStore implements ReplicaStore {
  readonly id = randomUUID();
  private readonly pool: Pool;

  private readonly reads: number;

  /**
   * @param pool of the role `workflow_system`
   * @param reads the level of the journal up to which this process reads it
   */
  constructor(pool: Pool, reads = journalLevel) {
    this.pool = pool;
    this.reads = reads;
  }

  async join(url: string, leaseMs: number): Promise<void> {
    try {
      await this.pool.query(
        `INSERT INTO replica (url, id, renewed_at, lease_until, journal_level, announced_by)
         VALUES ($1, $2, clock_timestamp(), clock_timestamp() + $3 * interval '1 ms', $4, $2)
         ON CONFLICT (url) DO UPDATE SET id = excluded.id, renewed_at = excluded.renewed_at,
           lease_until = excluded.lease_until, leaving = false,
           journal_level = excluded.journal_level, announced_by = excluded.announced_by`,
        [url, this.id, leaseMs, this.reads],
      );
    } catch (error) {
      throw turnedAway(error) ?? error;
    }
  }

  async switchOn(level: number): Promise<number> {
    const { rows } = await this.pool.query<{ level: number }>(
      'SELECT switch_on_level($1) AS level',
      [level],
    );
    return rows[0]?.level ?? 0;
  }

  async renew(leaseMs: number): Promise<ReplicaView | undefined> {
    const { rows } = await this.pool
      .query<{ renewed: number } & ReplicaView>(
        `WITH renewed AS (
         UPDATE replica SET renewed_at = clock_timestamp(),
           lease_until = clock_timestamp() + $2 * interval '1 ms'
         WHERE id = $1 RETURNING id
       ), forgotten AS (
         DELETE FROM replica WHERE id <> $1
           AND lease_until < clock_timestamp() - $3 * interval '1 ms'
       ) ${viewSql('(SELECT count(*) FROM renewed) AS renewed,')}`,
        [this.id, leaseMs, forgottenAfterMs],
      )
      .catch((error: unknown) => {
        // Its lease had ended when what it cannot read was switched on: it has been replaced.
        if (turnedAway(error) === undefined) throw error;
        return { rows: [] };
      });
    const [row] = rows;
    return row === undefined || row.renewed === 0 ? undefined : viewOf(row);
  }

  async view(): Promise<ReplicaView> {
    const { rows } = await this.pool.query<ReplicaView>(viewSql());
    return viewOf(rows[0] ?? { replicas: [], partitions: [], level: 0 });
  }

  async expire({ id, silentMs }: ReplicaRow): Promise<void> {
    await this.pool.query(
      `UPDATE replica SET lease_until = clock_timestamp() WHERE id = $1
         AND renewed_at < clock_timestamp() - $2 * interval '1 ms'`,
      [id, silentMs],
    );
  }

  async leaving(): Promise<void> {
    await this.pool.query('UPDATE replica SET leaving = true WHERE id = $1', [this.id]);
  }

  async leave(): Promise<void> {
    await this.pool.query('DELETE FROM replica WHERE id = $1', [this.id]);
  }

  async take(seen: readonly SeenPartition[]): Promise<Ownership> {
    const { rows } = await this.pool.query<EpochRow>(
      `WITH locked AS (
         SELECT partition.id FROM partition
         JOIN unnest($2::int[], $3::bigint[]) AS seen(id, epoch)
           ON partition.id = seen.id AND partition.epoch = seen.epoch
         ORDER BY partition.id FOR UPDATE OF partition)
       UPDATE partition SET epoch = partition.epoch + 1, owner = $1 FROM locked
       WHERE partition.id = locked.id RETURNING partition.id, partition.epoch`,
      [this.id, seen.map(({ id }) => id), seen.map(({ epoch }) => epoch)],
    );
    return this.ownershipOf(rows);
  }

  async takeAgain(partitions: readonly number[]): Promise<Ownership> {
    const { rows } = await this.pool.query<EpochRow>(
      `WITH locked AS (
         SELECT id FROM partition WHERE id = ANY ($2) AND owner = $1 ORDER BY id FOR UPDATE)
       UPDATE partition SET epoch = epoch + 1 FROM locked
       WHERE partition.id = locked.id RETURNING partition.id, partition.epoch`,
      [this.id, partitions],
    );
    return this.ownershipOf(rows);
  }

  async free(seen: readonly SeenPartition[]): Promise<void> {
    await this.pool.query(
      `WITH locked AS (
         SELECT partition.id FROM partition
         JOIN unnest($2::int[], $3::bigint[]) AS seen(id, epoch)
           ON partition.id = seen.id AND partition.epoch = seen.epoch
         WHERE owner = $1 ORDER BY partition.id FOR UPDATE OF partition)
       UPDATE partition SET owner = NULL FROM locked WHERE partition.id = locked.id`,
      [this.id, seen.map(({ id }) => id), seen.map(({ epoch }) => epoch)],
    );
  }

  private async ownershipOf(epochs: readonly EpochRow[]): Promise<Ownership> {
    const ids = epochs.map(({ id }) => id);
    const { rows: ends } = await this.pool.query<{ id: number; seq: number }>(
      `SELECT id, greatest((SELECT max(seq) FROM journal WHERE journal.partition = taken.id),
         relay_cursor.seq) AS seq
       FROM unnest($1::int[]) AS taken(id) JOIN relay_cursor ON relay_cursor.partition = taken.id`,
      [ids],
    ); // J2
    return {
      epochs: new Map(epochs.map(({ id, epoch }) => [id, epoch])),
      lastSeq: new Map(ends.map(({ id, seq }) => [id, seq])),
    };
  }
}

/** In the words of the database, which knows what is needed. */
function turnedAway(error: unknown): CannotStart | undefined {
  if (!(error instanceof Error) || sqlState(error) !== levelTooLow) return undefined;
  return new CannotStart(error.cause instanceof Error ? error.cause.message : error.message);
}

function viewSql(more = ''): string {
  return `SELECT ${more}
    (SELECT coalesce(json_agg(json_build_object('id', id, 'url', url, 'leaving', leaving,
       'leaseMs', (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::int8,
       'silentMs', (extract(epoch FROM clock_timestamp() - renewed_at) * 1000)::int8)), '[]')
     FROM replica) AS replicas,
    (SELECT json_agg(json_build_object('id', id, 'epoch', epoch, 'owner', owner) ORDER BY id)
     FROM partition) AS partitions,
    (SELECT level FROM journal_level) AS level`;
}

interface StoredPartition extends SeenPartition {
  readonly owner?: string | null;
}

function viewOf({ replicas, partitions, level }: ReplicaView): ReplicaView {
  return {
    replicas,
    level,
    partitions: (partitions as readonly StoredPartition[]).map(({ id, epoch, owner }) => ({
      id,
      epoch,
      ...(typeof owner === 'string' ? { owner } : {}),
    })),
  };
}
