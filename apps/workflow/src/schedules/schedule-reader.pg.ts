import {
  scheduleChanged,
  type RunSummary,
  type Schedule,
  type ScheduleLeftOut,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { eventFacts } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool, type PoolClient } from '@parley/postgres';
import type { IrSchedule } from '@parley/ir';
import { runsOfRows, summaryColumns, type RunColumns } from '../runs/run-reader.pg.js';
import { letAllGo, lockCollector } from './collection-rows.pg.js';
import { timeKey } from './schedule-row.js';
import { nextFiring } from './schedule-times.js';

const lastRunsMax = 5;

/** A schedule and the tenant's person who does something about it. */
export interface ScheduleOf {
  readonly tenantId: string;
  readonly workflowId: string;
  readonly by: string;
}

interface Columns {
  workflow_id: string;
  name: string;
  title: string;
  version: number;
  trigger: string;
  timezone: string;
  spec: IrSchedule;
  next_at: Date | null;
  paused_at: Date | null;
  paused_by: string | null;
  left_out: ScheduleLeftOut | null;
  waiting: number;
  collected: number;
}

const scheduleSql = `SELECT schedule.workflow_id, schedule.version, schedule.spec, schedule.timezone,
    schedule.next_at, schedule.paused_at, schedule.paused_by, schedule.left_out, workflow.name,
    workflow.title, workflow_version.trigger,
    (SELECT count(*)::int FROM schedule_firing
     WHERE schedule_firing.workflow_id = schedule.workflow_id) AS waiting,
    (SELECT coalesce(sum(events), 0)::int FROM schedule_collection
     WHERE schedule_collection.workflow_id = schedule.workflow_id) AS collected
  FROM schedule JOIN workflow ON workflow.id = schedule.workflow_id
  JOIN workflow_version ON workflow_version.workflow_id = schedule.workflow_id
    AND workflow_version.version = schedule.version`;

/** What requests read and change about schedules; one tenant's rows only. */
export class ScheduleReader {
  private readonly pool: Pool;
  private readonly changed: () => void;

  /**
   * @param pool of the role `workflow_app`
   * @param changed told after each change
   */
  constructor(pool: Pool, changed: () => void) {
    this.pool = pool;
    this.changed = changed;
  }

  async list(tenantId: string, page: { after?: string; limit: number }): Promise<Schedule[]> {
    return withTenant(this.pool, tenantId, async (client) => {
      const { rows } = await client.query<Columns>(
        `${scheduleSql} WHERE $1::text IS NULL OR schedule.workflow_id > $1
         ORDER BY schedule.workflow_id LIMIT $2`,
        [page.after ?? null, page.limit],
      );
      return withRuns(client, rows);
    });
  }

  /** @throws AppError `not-found` */
  async get(tenantId: string, workflowId: string): Promise<Schedule> {
    return withTenant(this.pool, tenantId, (client) => readOne(client, workflowId));
  }

  /** When the schedule says; paused or not. @throws AppError `not-found` */
  async spec(
    tenantId: string,
    workflowId: string,
  ): Promise<{ readonly spec: IrSchedule; readonly timezone: string }> {
    return withTenant(this.pool, tenantId, (client) => readSpec(client, workflowId));
  }

  /**
   * What fires from now on, and what has not started yet, is left out until it is resumed; events that
   * have waited for others are let go.
   */
  async pause({ tenantId, workflowId, by }: ScheduleOf): Promise<Schedule> {
    return this.change({ tenantId, workflowId, by }, 'paused', async (client) => {
      await lockCollector(client, workflowId);
      const { rowCount } = await client.query(
        `UPDATE schedule SET paused_at = $2, paused_by = $3
         WHERE workflow_id = $1 AND paused_at IS NULL`,
        [workflowId, new Date(), by],
      );
      await client.query(
        `DELETE FROM schedule_firing WHERE workflow_id = $1 AND kind NOT IN ('backfill', 'after')`,
        [workflowId],
      );
      await letAllGo(client, workflowId);
      return rowCount === 1;
    });
  }

  /** Goes on with the next time; a run that follows another one is due if its delay has passed. */
  async resume({ tenantId, workflowId, by }: ScheduleOf): Promise<Schedule> {
    return this.change({ tenantId, workflowId, by }, 'resumed', async (client) => {
      const { spec, timezone } = await readSpec(client, workflowId);
      const now = new Date();
      const { rowCount } = await client.query(
        `UPDATE schedule SET paused_at = NULL, paused_by = NULL, next_at = $2, since = $3
         WHERE workflow_id = $1 AND paused_at IS NOT NULL`,
        [workflowId, nextFiring(spec, timezone, now) ?? null, now],
      );
      return rowCount === 1;
    });
  }

  /** @returns how many of the times have had their run before */
  async backfill(of: ScheduleOf, times: readonly Date[]): Promise<number> {
    const { tenantId, workflowId, by } = of;
    const keys = times.map(timeKey);
    let started = 0;
    const detail = `${keys[0] ?? ''} to ${keys.at(-1) ?? ''}`;
    await this.change(
      of,
      'backfilled',
      async (client) => {
        const { rows } = await client.query<{ key: string }>(
          `SELECT key FROM start_key WHERE tenant_id = $1 AND key = ANY ($2)`,
          [tenantId, keys.map((key) => `schedule ${workflowId} ${key}`)],
        );
        const known = new Set(rows.map(({ key }) => key.slice(`schedule ${workflowId} `.length)));
        started = known.size;
        const missing = times.filter((time) => !known.has(timeKey(time)));
        await client.query(
          `INSERT INTO schedule_firing (tenant_id, workflow_id, key, kind, nominal_at, requested_by)
           SELECT $1, $2, time.key, 'backfill', time.at, $3
           FROM unnest($4::text[], $5::timestamptz[]) AS time(key, at)
           ON CONFLICT DO NOTHING`,
          [tenantId, workflowId, by, missing.map(timeKey), missing],
        );
        return missing.length > 0;
      },
      detail,
    );
    return started;
  }

  private async change(
    { tenantId, workflowId, by }: ScheduleOf,
    change: 'paused' | 'resumed' | 'backfilled',
    apply: (client: PoolClient) => Promise<boolean>,
    detail?: string,
  ): Promise<Schedule> {
    const schedule = await withTenant(this.pool, tenantId, async (client) => {
      await readOne(client, workflowId);
      if (await apply(client)) {
        const data = { workflowId, by, change, ...(detail === undefined ? {} : { detail }) };
        const envelope = scheduleChanged.create(data, eventFacts(tenantId, workflowId));
        await appendOutbox(client, [{ envelope }]);
      }
      return readOne(client, workflowId);
    });
    this.changed();
    return schedule;
  }
}

async function readSpec(
  client: PoolClient,
  workflowId: string,
): Promise<{ spec: IrSchedule; timezone: string }> {
  const { rows } = await client.query<{ spec: IrSchedule; timezone: string }>(
    'SELECT spec, timezone FROM schedule WHERE workflow_id = $1',
    [workflowId],
  );
  return rows[0] ?? noSchedule(workflowId);
}

async function readOne(client: PoolClient, workflowId: string): Promise<Schedule> {
  const { rows } = await client.query<Columns>(`${scheduleSql} WHERE schedule.workflow_id = $1`, [
    workflowId,
  ]);
  const [schedule] = await withRuns(client, rows);
  return schedule ?? noSchedule(workflowId);
}

function noSchedule(workflowId: string): never {
  throw new AppError('not-found', `the live version of ${workflowId} has no schedule`);
}

async function withRuns(client: PoolClient, rows: readonly Columns[]): Promise<Schedule[]> {
  const ids = rows.map((row) => row.workflow_id);
  const { rows: runs } = await client.query<RunColumns>(
    `SELECT ${summaryColumns} FROM unnest($1::text[]) AS schedule(of) CROSS JOIN LATERAL (
       SELECT * FROM run WHERE run.scheduled_by = schedule.of ORDER BY run.id DESC LIMIT $2) run`,
    [ids, lastRunsMax],
  );
  const byId = Map.groupBy(runsOfRows(runs), ({ scheduledBy }) => scheduledBy ?? '');
  return rows.map((row) => scheduleOf(row, byId.get(row.workflow_id) ?? []));
}

function scheduleOf(row: Columns, lastRuns: RunSummary[]): Schedule {
  const { spec } = row;
  return {
    workflowId: row.workflow_id,
    workflowName: row.name,
    workflowTitle: row.title,
    version: row.version,
    trigger: row.trigger,
    timezone: row.timezone,
    ...(spec.cron === undefined ? {} : { cron: spec.cron }),
    ...(spec.every !== undefined && 'ms' in spec.every ? { everyMs: spec.every.ms } : {}),
    ...(spec.after !== undefined && 'ms' in spec.after ? { afterMs: spec.after.ms } : {}),
    onEvents: spec.on !== undefined,
    overlap: spec.overlap ?? 'allow',
    missed: spec.missed ?? 'latest',
    ...(row.next_at === null || row.paused_at !== null
      ? {}
      : { nextAt: row.next_at.toISOString() }),
    ...(row.paused_at === null ? {} : { pausedAt: row.paused_at.toISOString() }),
    ...(row.paused_by === null ? {} : { pausedBy: row.paused_by }),
    waiting: row.waiting,
    collected: row.collected,
    ...(row.left_out === null ? {} : { leftOut: row.left_out }),
    lastRuns,
  };
}
