import type { Ir } from '@parley/ir';
import { jsonEquals, type Json } from '@parley/kernel';
import type { Pool, PoolClient } from '@parley/postgres';
import { lockCollector, setCollector, type SwitchOn } from './collection-rows.pg.js';
import { timeKey, type LeftOut, type LiveSchedule, type ScheduleColumns } from './schedule-row.js';
import { liveScheduleOf, liveScheduleSql } from './schedule-row.js';
import { nextFiring } from './schedule-times.js';

/**
 * Gives a workflow the schedule of the version that has become live, or takes it away. The times of a
 * schedule that stays the same go on: neither are missed ones forgotten nor is a pause ended. Events
 * that wait for others belong to a version, and another one begins to collect anew.
 */
export async function setSchedule(
  client: PoolClient,
  live: {
    tenantId: string;
    workflowId: string;
    version: number;
    ir: Ir;
    timezone: string;
    switchOn: SwitchOn;
  },
  now: Date,
): Promise<void> {
  const { schedule } = live.ir;
  const timezone = live.ir.timezone ?? live.timezone;
  const next = schedule && nextFiring(schedule, timezone, now);
  await lockCollector(client, live.workflowId);
  if (schedule === undefined || !canFire(schedule, next)) {
    await client.query('DELETE FROM schedule WHERE workflow_id = $1', [live.workflowId]);
    return;
  }
  const { rows } = await client.query<{ spec: Json; timezone: string }>(
    'SELECT spec, timezone FROM schedule WHERE workflow_id = $1 FOR NO KEY UPDATE',
    [live.workflowId],
  );
  const [before] = rows;
  const spec = JSON.parse(JSON.stringify(schedule)) as Json;
  if (before?.timezone === timezone && jsonEquals(before.spec, spec)) {
    await client.query('UPDATE schedule SET version = $2 WHERE workflow_id = $1', [
      live.workflowId,
      live.version,
    ]);
    return setCollector(client, live, schedule);
  }
  const { after } = schedule;
  const afterMs = after !== undefined && 'ms' in after ? after.ms : null;
  await client.query(
    `INSERT INTO schedule (workflow_id, tenant_id, version, spec, timezone, next_at, after_ms,
       after_done, since)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (workflow_id) DO UPDATE SET version = excluded.version, spec = excluded.spec,
       timezone = excluded.timezone, next_at = excluded.next_at, after_ms = excluded.after_ms,
       after_done = excluded.after_done, since = excluded.since, last_at = NULL, left_out = NULL`,
    [
      live.workflowId,
      live.tenantId,
      live.version,
      JSON.stringify(spec),
      timezone,
      next ?? null,
      afterMs,
      // Of runs that ended before, none follows.
      new Date(now.getTime() + (afterMs ?? 0)),
      now,
    ],
  );
  await setCollector(client, live, schedule);
}

function canFire({ after, on }: NonNullable<Ir['schedule']>, next: Date | undefined): boolean {
  return next !== undefined || after !== undefined || on !== undefined;
}

/** A schedule whose run before has ended, and when the next one follows. */
export interface AfterRun {
  readonly schedule: LiveSchedule;
  readonly at: Date;
}

/** What is left for the one who moves a schedule on. */
export interface Moved {
  readonly fire: readonly Date[];
  readonly leftOut?: LeftOut;
  readonly next?: Date;
}

/** The times of schedules across tenants, for the one who looks at the clock. */
export class ScheduleStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /**
   * The schedules whose time has come, by workflow; `after` is the last one of the page before. Also
   * those that say that they fired long after now: the clock has gone back.
   */
  async due(
    now: Date,
    { after, limit }: { readonly after?: LiveSchedule; readonly limit: number },
  ): Promise<LiveSchedule[]> {
    const { rows } = await this.pool.query<ScheduleColumns>(
      `${liveScheduleSql} WHERE (next_at <= $1 OR last_at > $1::timestamptz + interval '1 hour')
         AND paused_at IS NULL AND ($3::text IS NULL OR schedule.workflow_id > $3)
       ORDER BY schedule.workflow_id LIMIT $2`,
      [now, limit, after?.workflowId ?? null],
    );
    return rows.map(liveScheduleOf);
  }

  /** Schedules that follow runs, each with when it fires unless another run starts meanwhile. */
  async afterRuns(): Promise<AfterRun[]> {
    const { rows } = await this.pool.query<ScheduleColumns & { at: Date }>(
      `SELECT live.*, run.ended_at + schedule.after_ms * interval '1 millisecond' AS at
       FROM (${liveScheduleSql}) live JOIN schedule USING (workflow_id)
       CROSS JOIN LATERAL (
         SELECT status, ended_at FROM run
         WHERE run.tenant_id = live.tenant_id AND run.workflow_id = live.workflow_id
         ORDER BY id DESC LIMIT 1) run
       WHERE schedule.after_ms IS NOT NULL AND schedule.paused_at IS NULL
         AND run.status IN ('completed', 'failed', 'compensation-failed')
         AND run.ended_at + schedule.after_ms * interval '1 millisecond' > schedule.after_done`,
    );
    return rows.map((row) => ({ schedule: liveScheduleOf(row), at: row.at }));
  }

  /** Workflows whose schedule follows runs: their ends are to be looked at. */
  async followers(): Promise<string[]> {
    const { rows } = await this.pool.query<{ workflow_id: string }>(
      'SELECT workflow_id FROM schedule WHERE after_ms IS NOT NULL',
    );
    return rows.map((row) => row.workflow_id);
  }

  async earliest(): Promise<Date | undefined> {
    const { rows } = await this.pool.query<{ next_at: Date | null }>(
      'SELECT min(next_at) AS next_at FROM schedule WHERE paused_at IS NULL',
    );
    return rows[0]?.next_at ?? undefined;
  }

  /**
   * Moves on and writes down what fires, in one statement, unless the schedule has changed meanwhile:
   * of two processes that see one time one writes it.
   */
  async move(schedule: LiveSchedule, { fire, leftOut, next }: Moved): Promise<void> {
    await this.pool.query(
      `WITH moved AS (
         UPDATE schedule SET next_at = $3, last_at = $4, left_out = coalesce($5::jsonb, left_out)
         WHERE workflow_id = $1 AND next_at IS NOT DISTINCT FROM $2 AND paused_at IS NULL
         RETURNING tenant_id, workflow_id)
       INSERT INTO schedule_firing (tenant_id, workflow_id, key, kind, nominal_at)
       SELECT tenant_id, workflow_id, time.key, 'time', time.at
       FROM moved CROSS JOIN unnest($6::text[], $7::timestamptz[]) AS time(key, at)
       ON CONFLICT DO NOTHING`,
      [
        schedule.workflowId,
        schedule.nextAt ?? null,
        next ?? null,
        fire.at(-1) ?? null,
        leftOut === undefined ? null : JSON.stringify(leftOut),
        fire.map(timeKey),
        fire,
      ],
    );
  }

  /** The same for a time that follows a run. */
  async follow({ schedule, at }: AfterRun): Promise<void> {
    await this.pool.query(
      `WITH moved AS (
         UPDATE schedule SET after_done = $2
         WHERE workflow_id = $1 AND after_done < $2 AND paused_at IS NULL
         RETURNING tenant_id, workflow_id)
       INSERT INTO schedule_firing (tenant_id, workflow_id, key, kind, nominal_at)
       SELECT tenant_id, workflow_id, $3, 'after', $2 FROM moved
       ON CONFLICT DO NOTHING`,
      [schedule.workflowId, at, timeKey(at)],
    );
  }
}
