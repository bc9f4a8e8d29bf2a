import type { ObjectStore } from '@parley/objects';
import { hashOfObject } from '@parley/objects';
import { withTransaction, type Pool, type PoolClient } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import { ObjectRows } from '../payloads/object-rows.pg.js';
import type { StoredOpening } from './archive-format.js';
import type {
  ArchivedRange,
  ArchiveStore,
  CutPoint,
  OfRun,
  RunAtRest,
  Sweep,
  TailTurn,
} from './archive-store.js';

interface SweptRow {
  run_id: string;
  tenant_id: string;
  is_young: boolean;
  at_rest: boolean;
  is_over: boolean;
  bytes: string | number | null;
  last: string | number;
  turns: string | number;
}

const over = `status IN ('completed', 'cancelled', 'terminated')`;
/** A run that failed may go on when somebody says so; until then it does nothing. */
const atRest = `status IN ('completed', 'cancelled', 'terminated', 'failed', 'compensation-failed')`;

/** Archives as objects, and where they are in PostgreSQL. */
export class PgArchiveStore implements ArchiveStore {
  private readonly pool: Pool;
  private readonly objects: ObjectRows;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool, objects: ObjectStore) {
    this.pool = pool;
    this.objects = new ObjectRows(pool, objects);
  }

  /**
   * A partition is written in the order of its turns: what is before one that is seen is seen. Rows are
   * locked in the order in which the relay locks them.
   */
  async passQuiet(partitions: readonly number[]): Promise<void> {
    await this.pool.query(
      `WITH locked AS MATERIALIZED (
         SELECT partition, seq FROM relay_cursor WHERE partition = ANY ($1)
         ORDER BY partition FOR UPDATE
       )
       UPDATE relay_cursor SET seq = greatest(relay_cursor.seq, quiet.seq)
       FROM (
         SELECT partition, coalesce(
           (SELECT min(seq) - 1 FROM journal
            WHERE journal.partition = at.partition AND notable AND journal.seq > at.seq),
           (SELECT max(seq) FROM journal WHERE journal.partition = at.partition)) AS seq
         FROM locked at) quiet
       WHERE relay_cursor.partition = quiet.partition AND quiet.seq > relay_cursor.seq`,
      [partitions],
    );
  }

  async sweep(
    partition: number,
    { after, limit, beforeMs }: Sweep,
  ): Promise<{ runs: RunAtRest[]; next?: number }> {
    const { rows } = await this.pool.query<SweptRow>(
      `WITH low AS MATERIALIZED (
         SELECT seq, run_id FROM journal WHERE partition = $1 AND seq > $2 ORDER BY seq LIMIT $3
       )
       SELECT seen.run_id, tenant_id, created_at >= $4 AS is_young, ${over} AS is_over,
         ${atRest} AND updated_at < $4 AS at_rest, seen.last, seen.turns,
         CASE WHEN ${atRest} AND updated_at < $4 THEN
           (SELECT sum(octet_length(entries)) FROM journal WHERE journal.run_id = run.id) END AS bytes
       FROM (SELECT run_id, max(seq) AS last, count(*) AS turns FROM low GROUP BY run_id) seen
       LEFT JOIN run ON run.id = seen.run_id`,
      [partition, after, limit, new Date(beforeMs)],
    );
    const runs = rows
      .filter((row) => row.at_rest)
      .map((row) => ({
        ...{ tenantId: row.tenant_id, runId: row.run_id },
        ...{ bytes: Number(row.bytes), isOver: row.is_over },
      }));
    const turns = rows.reduce((sum, row) => sum + Number(row.turns), 0);
    if (turns < limit || rows.some((row) => row.is_young)) return { runs };
    return { runs, next: Math.max(...rows.map(({ last }) => Number(last))) };
  }

  /** Counts in the index alone; the runs themselves are looked at only where the count says so. */
  async longRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly snapshotsMin: number;
  }): Promise<{ runs: OfRun[]; next?: string }> {
    const { rows } = await this.pool.query<{
      tenant_id: string | null;
      run_id: string | null;
      next: string | null;
    }>(
      `WITH looked AS MATERIALIZED (
         SELECT run_id FROM run_snapshot WHERE run_id > $1 ORDER BY run_id, position LIMIT $2
       ), counted AS MATERIALIZED (
         SELECT run_id, count(*) AS snapshots FROM looked GROUP BY run_id
       )
       SELECT long.tenant_id, long.run_id, page.next
       FROM (
         -- The last run may have more of them: the next page begins with it.
         SELECT CASE WHEN sum(snapshots) = $2 THEN coalesce(
           (SELECT run_id FROM counted ORDER BY run_id DESC OFFSET 1 LIMIT 1), max(run_id)) END AS next
         FROM counted) page
       LEFT JOIN (
         SELECT tenant_id, run_id FROM counted JOIN run ON run.id = run_id
         WHERE snapshots >= $3 AND NOT (${atRest})
       ) long ON true`,
      [page.after, page.limit, page.snapshotsMin],
    );
    const runs = rows.flatMap(({ tenant_id: tenantId, run_id: runId }) =>
      tenantId === null || runId === null ? [] : [{ tenantId, runId }],
    );
    const next = rows[0]?.next ?? undefined;
    return next === undefined ? { runs } : { runs, next };
  }

  async tail(
    runIds: readonly string[],
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<TailTurn[]> {
    const { rows } = await this.pool.query<{
      tenant_id: string;
      run_id: string;
      position: number;
      entries: Buffer;
    }>(
      `SELECT journal.tenant_id, run_id, position, entries
       FROM journal JOIN relay_cursor USING (partition)
       WHERE run_id = ANY ($1) AND position > $2 AND journal.seq <= relay_cursor.seq
       ORDER BY run_id, position LIMIT $3`,
      [runIds, after, limit],
    ); // A2
    return rows.map((row) => ({
      ...{ tenantId: row.tenant_id, runId: row.run_id },
      ...{ position: row.position, payload: row.entries },
    }));
  }

  async archivedUntil({ runId }: OfRun): Promise<CutPoint | undefined> {
    const { rows } = await this.pool.query<CutPoint>(
      `SELECT last_position AS position, entries_before + entries AS entries FROM run_archive
       WHERE run_id = $1 ORDER BY first_position DESC LIMIT 1`,
      [runId],
    );
    return rows[0];
  }

  async cutPoints({ runId }: OfRun, after: number): Promise<CutPoint[]> {
    const { rows } = await this.pool.query<CutPoint>(
      `SELECT position, entries FROM run_snapshot WHERE run_id = $1 AND position > $2
       ORDER BY position`,
      [runId, after],
    );
    return rows;
  }

  async stateAfter({ runId }: OfRun, position: number): Promise<StoredOpening | undefined> {
    const { rows } = await this.pool.query<StoredOpening>(
      'SELECT format, state AS payload FROM run_snapshot WHERE run_id = $1 AND position = $2',
      [runId, position],
    );
    return rows[0];
  }

  async move(tenantId: string, content: Buffer, ranges: readonly ArchivedRange[]): Promise<void> {
    const hash = hashOfObject(content);
    await this.objects.keep([{ tenantId, hash, content }]); // A3
    const turns = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const runs = [ranges.map(({ runId }) => runId)];
    const numbers = [ranges.map(({ first }) => first), ranges.map(({ last }) => last)];
    await withTransaction(this.pool, async (client) => {
      await client.query(
        `INSERT INTO run_archive
           (run_id, first_position, last_position, entries_before, entries, tenant_id, hash)
         SELECT *, $6::text, $7::text FROM unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[])`,
        [
          ...runs,
          ...numbers,
          ranges.map(({ before }) => before),
          ranges.map(({ entries }) => entries),
          tenantId,
          hash,
        ],
      );
      const { rowCount } = await client.query(
        `DELETE FROM journal USING relay_cursor,
           unnest($1::text[], $2::int[], $3::int[]) AS moved(run_id, first, last)
         WHERE journal.run_id = moved.run_id AND position BETWEEN moved.first AND moved.last
           AND relay_cursor.partition = journal.partition AND journal.seq <= relay_cursor.seq`,
        [...runs, ...numbers],
      ); // A2
      if (rowCount !== turns)
        throw new AppError('conflict', 'the turns are not all there any more');
      await client.query(
        `DELETE FROM run_snapshot
         USING unnest($1::text[], $2::int[], $3::bool[]) AS moved(run_id, last, is_over)
         WHERE run_snapshot.run_id = moved.run_id
           AND (is_over OR position < moved.last AND EXISTS (SELECT FROM run_snapshot later
             WHERE later.run_id = moved.run_id AND later.position > run_snapshot.position))`,
        [...runs, numbers[1], ranges.map(({ isOver }) => isOver)],
      ); // A4
    });
  }

  async endedRuns(page: {
    readonly after: string;
    readonly limit: number;
    readonly beforeMs: number;
  }): Promise<{ runIds: string[]; next?: string }> {
    const { rows } = await this.pool.query<{ id: string; is_young: boolean; gone: boolean }>(
      `SELECT id, created_at >= $3 AS is_young, ${atRest} AND updated_at < $3
         AND NOT EXISTS (SELECT FROM journal WHERE run_id = page.id) AS gone
       FROM (SELECT id, status, created_at, updated_at FROM run WHERE id > $1 ORDER BY id LIMIT $2) page
       ORDER BY id`,
      [page.after, page.limit, new Date(page.beforeMs)],
    );
    const runIds = rows.filter(({ gone }) => gone).map(({ id }) => id);
    const last = rows.at(-1)?.id;
    const isEnd = rows.length < page.limit || rows.some((row) => row.is_young);
    return isEnd || last === undefined ? { runIds } : { runIds, next: last };
  }

  async remove(runIds: readonly string[], beforeMs: number): Promise<void> {
    await withTransaction(this.pool, async (client) => {
      await client.query('SELECT FROM run WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [runIds]);
      // Looked at again now that nobody can write them: whoever held them may have gone on with them.
      const { rows } = await client.query<{ id: string }>(
        `SELECT id FROM run WHERE id = ANY ($1) AND ${atRest} AND updated_at < $2
           AND NOT EXISTS (SELECT FROM journal WHERE run_id = run.id)`,
        [runIds, new Date(beforeMs)],
      );
      const ofRuns = [rows.map(({ id }) => id)];
      await client.query(
        `DELETE FROM start_key USING run
         WHERE run.id = ANY ($1) AND start_key.tenant_id = run.tenant_id
           AND start_key.key = run.start_key`,
        ofRuns,
      );
      for (const table of [
        'run_archive',
        'run_snapshot',
        'object_use',
        'run_label',
        'approval',
        'stalled_run',
      ]) {
        await client.query(`DELETE FROM ${table} WHERE run_id = ANY ($1)`, ofRuns);
      }
      await removeOverlays(client, ofRuns);
      await client.query('DELETE FROM run WHERE id = ANY ($1)', ofRuns);
    });
  }
}

/**
 * Overlays of runs, and the definitions that no other run was led to. One that was kept within the hour
 * stays: a run may be about to take it.
 */
async function removeOverlays(client: PoolClient, ofRuns: readonly string[][]): Promise<void> {
  const { rows } = await client.query<{ tenant_id: string; revision: string }>(
    'DELETE FROM run_overlay WHERE run_id = ANY ($1) RETURNING tenant_id, revision',
    [...ofRuns],
  );
  if (rows.length === 0) return;
  await client.query(
    `DELETE FROM overlaid_definition
     USING (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS led (tenant_id, revision)) led
     WHERE overlaid_definition.tenant_id = led.tenant_id AND ir_hash = led.revision
       AND kept_at < now() - interval '1 hour'
       AND NOT EXISTS (SELECT FROM run_overlay
         WHERE run_overlay.tenant_id = led.tenant_id AND run_overlay.revision = led.revision)`,
    [rows.map(({ tenant_id }) => tenant_id), rows.map(({ revision }) => revision)],
  );
}
