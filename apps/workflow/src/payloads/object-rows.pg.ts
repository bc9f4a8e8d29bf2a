import type { ObjectStore } from '@parley/objects';
import { withTransaction, type Pool } from '@parley/postgres';
import type { Claim } from './claims.js';

/** For so long an object is kept that nothing refers to: what will may be on its way. */
const untouchedMs = 24 * 3_600_000;
const lookedAtOnce = 1_000;

export interface ClaimOfTenant extends Claim {
  readonly tenantId: string;
}

/**
 * What is known about objects.
 *
 * C1  An object is durable before the flush that refers to it begins: `keep` comes first.
 * C2  `keep` touches the row before it looks for the content, and collection removes the content while
 *     it holds the row: so a content that was found is not removed by somebody who decided before.
 * C3  What refers to an object is written in the same flush as the journal (`object_use`), or with the
 *     move into an archive (`run_archive`), and the database refuses a use of an object that is not
 *     there.
 */
export class ObjectRows {
  private readonly pool: Pool;
  private readonly objects: ObjectStore;
  private readonly lookedAtOnce: number;

  /**
   * @param pool of the role `workflow_system`
   * @param limits `lookedAtOnce`: objects that one statement of the collection looks at
   */
  constructor(pool: Pool, objects: ObjectStore, limits: { readonly lookedAtOnce?: number } = {}) {
    this.pool = pool;
    this.objects = objects;
    this.lookedAtOnce = limits.lookedAtOnce ?? lookedAtOnce;
  }

  /** Makes values durable (C1). Values that are there already are touched. */
  async keep(claims: readonly ClaimOfTenant[]): Promise<void> {
    const distinct = new Map(claims.map((claim) => [`${claim.tenantId} ${claim.hash}`, claim]));
    if (distinct.size === 0) return;
    // Always in the same order: two that keep the same objects do not wait for one another.
    const rows = [...distinct.keys()].sort().map((key) => distinct.get(key) as ClaimOfTenant);
    await this.pool.query(
      `INSERT INTO stored_object (tenant_id, hash, bytes, touched_at)
       SELECT tenant_id, hash, bytes, now()
       FROM unnest($1::text[], $2::text[], $3::int[]) AS claim(tenant_id, hash, bytes)
       ON CONFLICT (tenant_id, hash) DO UPDATE SET touched_at = excluded.touched_at`,
      [
        rows.map(({ tenantId }) => tenantId),
        rows.map(({ hash }) => hash),
        rows.map(({ content }) => content.length),
      ],
    ); // C2
    await Promise.all(
      rows.map(({ tenantId, hash, content }) => this.objects.put({ tenantId, hash }, content)),
    );
  }

  /**
   * Removes what nothing refers to and nobody has touched for a day. It looks at a few objects at a
   * time, so that no statement takes long, however many there are.
   * @param stop asked before each one
   * @returns how many were removed
   */
  async collect(now: Date, stop: () => boolean = () => false): Promise<number> {
    const before = new Date(now.getTime() - untouchedMs);
    let removed = 0;
    let after = firstObject;
    while (!stop()) {
      // As text: a Date would not have every digit of it.
      const { rows } = await this.pool.query<ObjectPlace & { unneeded: boolean }>(
        `SELECT touched_at::text, tenant_id, hash, ${unneeded} AS unneeded
         FROM (
           SELECT touched_at, tenant_id, hash FROM stored_object
           WHERE touched_at < $1 AND (touched_at, tenant_id, hash) > ($2::timestamptz, $3, $4)
           ORDER BY touched_at, tenant_id, hash LIMIT $5) AS stored_object
         ORDER BY stored_object.touched_at, tenant_id, hash`,
        [before, after.touched_at, after.tenant_id, after.hash, this.lookedAtOnce],
      );
      for (const { tenant_id: tenantId, hash, ...row } of rows) {
        if (!row.unneeded) continue;
        if (stop()) return removed;
        if (await this.remove({ tenantId, hash }, before)) removed += 1;
      }
      if (rows.length < this.lookedAtOnce) return removed;
      after = rows.at(-1) ?? after;
    }
    return removed;
  }

  private remove(key: { tenantId: string; hash: string }, before: Date): Promise<boolean> {
    return withTransaction(this.pool, async (client) => {
      const { tenantId, hash } = key;
      const locked = await client.query(
        'SELECT FROM stored_object WHERE tenant_id = $1 AND hash = $2 FOR UPDATE',
        [tenantId, hash],
      );
      if (locked.rowCount === 0) return false;
      // Looked at again now that nobody can touch it: what was seen before may be over.
      const deleted = await client.query(
        `DELETE FROM stored_object
         WHERE touched_at < $1 AND ${unneeded} AND tenant_id = $2 AND hash = $3`,
        [before, tenantId, hash],
      );
      if (deleted.rowCount === 0) return false;
      await this.objects.delete(key); // C2
      return true;
    });
  }
}

/** Where the collection goes on. */
interface ObjectPlace {
  touched_at: string;
  tenant_id: string;
  hash: string;
}

const firstObject: ObjectPlace = { touched_at: '-infinity', tenant_id: '', hash: '' };

/** Not `NOT EXISTS`, for which all uses might be read to look for a few. */
const unneeded = `(SELECT hash FROM object_use
  WHERE object_use.tenant_id = stored_object.tenant_id AND object_use.hash = stored_object.hash
  LIMIT 1) IS NULL
AND (SELECT hash FROM run_archive
  WHERE run_archive.tenant_id = stored_object.tenant_id AND run_archive.hash = stored_object.hash
  LIMIT 1) IS NULL`;
