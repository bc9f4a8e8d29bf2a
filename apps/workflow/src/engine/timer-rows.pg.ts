import type { Pool } from '@parley/postgres';
import type { DueTimer, TimerPlace } from './journal-store.js';

/** Timers in their table. */
export class TimerRows {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** Who has timers that are due before a time: from one tenant of the index to the next. */
  async tenants(timeMs: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ tenant_id: string }>({
      name: 'tenants_with_timers',
      text: `WITH RECURSIVE tenant AS (
         (SELECT tenant_id, due_at FROM timer ORDER BY tenant_id, due_at LIMIT 1)
         UNION ALL
         SELECT next.tenant_id, next.due_at FROM tenant CROSS JOIN LATERAL (
           SELECT tenant_id, due_at FROM timer WHERE timer.tenant_id > tenant.tenant_id
           ORDER BY tenant_id, due_at LIMIT 1) AS next
       )
       SELECT tenant_id FROM tenant WHERE due_at <= $1`,
      values: [new Date(timeMs)],
    });
    return rows.map((row) => row.tenant_id);
  }

  async dueBefore(
    timeMs: number,
    limit: number,
    partitions: readonly number[],
    after: readonly TimerPlace[],
  ): Promise<DueTimer[]> {
    const { rows } = await this.pool.query<{
      tenant_id: string;
      run_id: string;
      occurrence: string;
      generation: number;
      due_at: Date;
    }>({
      name: 'timers_due',
      text: 'SELECT * FROM timers_due($1, $2, $3, $4, $5, $6, $7, $8)',
      values: [
        new Date(timeMs),
        limit,
        partitions,
        after.map(({ tenantId }) => tenantId),
        after.map(({ dueAt }) => new Date(dueAt)),
        after.map(({ runId }) => runId),
        after.map(({ occurrence }) => occurrence),
        after.map(({ generation }) => generation),
      ],
    });
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      runId: row.run_id,
      occurrence: row.occurrence,
      generation: row.generation,
      dueAt: row.due_at.getTime(),
    }));
  }
}
