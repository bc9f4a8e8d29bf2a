import type { Ir, IrSchedule } from '@parley/ir';
import type { Pool, PoolClient } from '@parley/postgres';
import { nextFiring } from './schedule-times.js';

/** A schedule whose time has come. */
export interface DueSchedule {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly tenantId: string;
  readonly version: number;
  readonly irHash: string;
  readonly spec: IrSchedule;
  readonly timezone: string;
  readonly nextAt: Date;
}

/** Gives a workflow the schedule of the version that has become live, or takes it away. */
export async function setSchedule(
  client: PoolClient,
  live: { tenantId: string; workflowId: string; version: number; ir: Ir; timezone: string },
  now: Date,
): Promise<void> {
  const timezone = live.ir.timezone ?? live.timezone;
  const next = live.ir.schedule && nextFiring(live.ir.schedule, timezone, now);
  if (next === undefined) {
    await client.query('DELETE FROM schedule WHERE workflow_id = $1', [live.workflowId]);
    return;
  }
  await client.query(
    `INSERT INTO schedule (workflow_id, tenant_id, version, spec, timezone, next_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (workflow_id) DO UPDATE SET version = excluded.version, spec = excluded.spec,
       timezone = excluded.timezone, next_at = excluded.next_at`,
    [
      live.workflowId,
      live.tenantId,
      live.version,
      JSON.stringify(live.ir.schedule),
      timezone,
      next,
    ],
  );
}

/** Schedules across tenants, for the one who fires them. */
export class ScheduleStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** The schedules whose time has come, by time; `after` is the last one of the page before. */
  async due(
    now: Date,
    { after, limit }: { readonly after?: DueSchedule; readonly limit: number },
  ): Promise<DueSchedule[]> {
    const { rows } = await this.pool.query<{
      workflow_id: string;
      name: string;
      tenant_id: string;
      version: number;
      ir_hash: string;
      spec: IrSchedule;
      timezone: string;
      next_at: Date;
    }>(
      `SELECT schedule.*, workflow.name, workflow_version.ir_hash
       FROM schedule JOIN workflow ON workflow.id = schedule.workflow_id
       JOIN workflow_version ON workflow_version.workflow_id = schedule.workflow_id
         AND workflow_version.version = schedule.version
       WHERE next_at <= $1
         AND ($3::timestamptz IS NULL OR (next_at, schedule.workflow_id) > ($3, $4))
       ORDER BY next_at, schedule.workflow_id LIMIT $2`,
      [now, limit, after?.nextAt ?? null, after?.workflowId ?? null],
    );
    return rows.map((row) => ({
      workflowId: row.workflow_id,
      workflowName: row.name,
      tenantId: row.tenant_id,
      version: row.version,
      irHash: row.ir_hash,
      spec: row.spec,
      timezone: row.timezone,
      nextAt: row.next_at,
    }));
  }

  async earliest(): Promise<Date | undefined> {
    const { rows } = await this.pool.query<{ next_at: Date | null }>(
      'SELECT min(next_at) AS next_at FROM schedule',
    );
    return rows[0]?.next_at ?? undefined;
  }

  /** Moves on, unless the schedule has changed meanwhile. */
  async advance(schedule: DueSchedule, next: Date | undefined): Promise<void> {
    const where = 'workflow_id = $1 AND next_at = $2';
    const values = [schedule.workflowId, schedule.nextAt];
    if (next === undefined) await this.pool.query(`DELETE FROM schedule WHERE ${where}`, values);
    else
      await this.pool.query(`UPDATE schedule SET next_at = $3 WHERE ${where}`, [...values, next]);
  }
}
