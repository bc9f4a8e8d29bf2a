import { randomUUID } from 'node:crypto';
import type { Pool } from '@parley/postgres';
import { decodePayload } from '../engine/codec.js';
import type { FiringKind, GoingRun } from './schedule-policy.js';
import {
  liveScheduleOf,
  liveScheduleSql,
  type Firing,
  type LeftOut,
  type LiveSchedule,
  type ScheduleColumns,
} from './schedule-row.js';

/** A process that died while it started runs is waited for this long. */
const leaseMs = 30_000;

/** Who starts a run by schedule; a backfill is started by the person who asked for it. */
export const scheduleActor = 'schedule';

interface FiringColumns {
  key: string;
  kind: FiringKind;
  nominal_at: Date;
  input: Buffer | null;
  requested_by: string | null;
}

/** Firings across tenants, for the one who starts their runs. */
export class FiringStore {
  private readonly pool: Pool;
  /** This process, as long as it lives. */
  private readonly owner = randomUUID();

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** Takes schedules that have firings and that no other process is at, but for those in `not`. */
  async claim(
    now: Date,
    { not, limit }: { readonly not: readonly string[]; readonly limit: number },
  ): Promise<LiveSchedule[]> {
    const { rows } = await this.pool.query<ScheduleColumns>(
      `WITH free AS (
         SELECT workflow_id FROM schedule
         WHERE (claimed_until IS NULL OR claimed_until <= $1 OR claimed_until > $4)
           AND workflow_id <> ALL ($5) AND EXISTS (SELECT FROM schedule_firing
             WHERE schedule_firing.workflow_id = schedule.workflow_id
               AND (schedule.paused_at IS NULL OR schedule_firing.kind = 'backfill'))
         ORDER BY workflow_id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED),
       claimed AS (
         UPDATE schedule SET claimed_by = $3, claimed_until = $4 FROM free
         WHERE schedule.workflow_id = free.workflow_id RETURNING schedule.workflow_id)
       SELECT live.* FROM (${liveScheduleSql}) live JOIN claimed USING (workflow_id)`,
      [now, limit, this.owner, new Date(now.getTime() + leaseMs), not],
    );
    return rows.map(liveScheduleOf);
  }

  /** Gives a schedule back. */
  async release(workflowId: string): Promise<void> {
    await this.pool.query(
      'UPDATE schedule SET claimed_until = NULL WHERE workflow_id = $1 AND claimed_by = $2',
      [workflowId, this.owner],
    );
  }

  /** The next firings of a schedule: backfills after all others, each by time. */
  async firings(workflowId: string, limit: number): Promise<Firing[]> {
    const { rows } = await this.pool.query<FiringColumns>(
      `SELECT key, kind, nominal_at, input, requested_by
       FROM schedule_firing JOIN schedule USING (workflow_id)
       WHERE workflow_id = $1 AND (paused_at IS NULL OR kind = 'backfill')
       ORDER BY kind = 'backfill', nominal_at, key LIMIT $2`,
      [workflowId, limit],
    );
    return rows.map((row) => ({
      key: row.key,
      kind: row.kind,
      nominalAt: row.nominal_at,
      ...(row.input === null ? {} : { input: decodePayload(row.input) }),
      ...(row.requested_by === null ? {} : { requestedBy: row.requested_by }),
    }));
  }

  /** Runs of a schedule that have not ended, but for the one of this firing. */
  async goingRuns(schedule: LiveSchedule, startKey: string, limit: number): Promise<GoingRun[]> {
    const { rows } = await this.pool.query<{ id: string; started_by: string }>(
      `SELECT id, started_by FROM run
       WHERE scheduled_by = $1 AND ended_at IS NULL AND NOT EXISTS (
         SELECT FROM start_key WHERE start_key.tenant_id = $2 AND start_key.key = $3
           AND start_key.run_id = run.id)
       ORDER BY id LIMIT $4`,
      [schedule.workflowId, schedule.tenantId, startKey, limit],
    );
    return rows.map(({ id, started_by: by }) => ({ runId: id, backfill: by !== scheduleActor }));
  }

  /** A firing is over: its run is durable, or it starts none. */
  async done(workflowId: string, key: string, leftOut?: LeftOut): Promise<void> {
    await this.pool.query(
      `WITH done AS (DELETE FROM schedule_firing WHERE workflow_id = $1 AND key = $2)
       UPDATE schedule SET left_out = $3::jsonb WHERE workflow_id = $1 AND $3::jsonb IS NOT NULL`,
      [workflowId, key, leftOut === undefined ? null : JSON.stringify(leftOut)],
    );
  }
}
