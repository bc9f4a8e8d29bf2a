import type { IrSchedule } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { Pool, Queryable } from '@parley/postgres';
import { encodePayload } from '../engine/codec.js';

/** A schedule that events start runs of. */
export interface EventSchedule {
  readonly tenantId: string;
  readonly workflowId: string;
  /** The live one. */
  readonly version: number;
  readonly spec: IrSchedule;
  readonly since: Date;
}

export interface EventFiring {
  readonly tenantId: string;
  readonly workflowId: string;
  readonly key: string;
  readonly nominalAt: Date;
  readonly input: Json;
}

/** Schedules across tenants, for the one who reads the bus. */
export class EventScheduleStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  async any(): Promise<boolean> {
    const { rows } = await this.pool.query<{ any: boolean }>(
      `SELECT EXISTS (SELECT FROM schedule WHERE spec ? 'on') AS any`,
    );
    return rows[0]?.any === true;
  }

  async all(): Promise<EventSchedule[]> {
    const { rows } = await this.pool.query<{
      tenant_id: string;
      workflow_id: string;
      version: number;
      spec: IrSchedule;
      since: Date;
    }>(
      `SELECT tenant_id, workflow_id, version, spec, since FROM schedule
       WHERE spec ? 'on' AND paused_at IS NULL`,
    );
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      workflowId: row.workflow_id,
      version: row.version,
      spec: row.spec,
      since: row.since,
    }));
  }

  /** Writes firings down, of schedules that are still there; the same again is one. */
  add(firings: readonly EventFiring[]): Promise<void> {
    return EventScheduleStore.add(this.pool, firings);
  }

  static async add(db: Queryable, firings: readonly EventFiring[]): Promise<void> {
    await db.query(
      `INSERT INTO schedule_firing (tenant_id, workflow_id, key, kind, nominal_at, input)
       SELECT schedule.tenant_id, workflow_id, event.key, 'event', event.nominal_at, event.input
       FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bytea[])
         AS event(workflow_id, key, nominal_at, input)
       JOIN schedule USING (workflow_id)
       WHERE NOT EXISTS (SELECT FROM start_key WHERE start_key.tenant_id = schedule.tenant_id
         AND start_key.key = 'schedule ' || workflow_id || ' ' || event.key)
       ON CONFLICT DO NOTHING`,
      [
        firings.map(({ workflowId }) => workflowId),
        firings.map(({ key }) => key),
        firings.map(({ nominalAt }) => nominalAt),
        firings.map(({ input }) => encodePayload(input)),
      ],
    );
  }
}
