import type { Workflow } from '@parley/contracts';
import type { Ir } from '@parley/ir';
import { AppError } from '@parley/kernel';
import { withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { decodePayload } from '../engine/codec.js';
import type { SwitchOn } from '../schedules/collection-rows.pg.js';
import { setSchedule } from '../schedules/schedule-store.pg.js';
import { readWorkflow } from './workflow-store.pg.js';

/** The tag that new runs and schedules follow. */
export const liveTag = 'live';

const tagPattern = /^[a-z][a-z0-9.-]{0,62}$/;

export interface TagTarget {
  readonly workflowId: string;
  readonly tag: string;
  readonly version: number;
}

/** Points tags to versions; `live` takes the schedule along. */
export class VersionTags {
  private readonly pool: Pool;
  private readonly moved: () => void;
  private readonly switchOn: SwitchOn;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool, moved: () => void, switchOn: SwitchOn) {
    this.pool = pool;
    this.moved = moved;
    this.switchOn = switchOn;
  }

  /** @throws AppError `not-found`, `invalid` */
  async set(tenantId: string, target: TagTarget): Promise<Workflow> {
    if (!tagPattern.test(target.tag)) {
      throw new AppError('invalid', 'a tag is a lower-case name such as live or 2026-11');
    }
    const workflow = await withTenant(this.pool, tenantId, async (client) => {
      await readWorkflow(client, target.workflowId);
      await pointTag(client, tenantId, target, this.switchOn);
      return readWorkflow(client, target.workflowId);
    });
    this.moved();
    return workflow;
  }
}

/**
 * Inside a transaction of the tenant.
 * @throws AppError `not-found`; `unavailable` while a replica runs that would misread the schedule
 */
export async function pointTag(
  client: PoolClient,
  tenantId: string,
  { workflowId, tag, version }: TagTarget,
  switchOn: SwitchOn,
): Promise<void> {
  const { rows } = await client.query<{ ir: Buffer; timezone: string }>(
    `SELECT compiled_definition.ir, workflow_version.timezone
     FROM workflow_version JOIN compiled_definition USING (tenant_id, ir_hash)
     WHERE workflow_id = $1 AND version = $2`,
    [workflowId, version],
  );
  const [found] = rows;
  if (found === undefined) {
    throw new AppError(
      'not-found',
      `workflow ${workflowId} does not have version ${String(version)}`,
    );
  }
  await client.query(
    `INSERT INTO workflow_tag (tenant_id, workflow_id, tag, version) VALUES ($1, $2, $3, $4)
     ON CONFLICT (workflow_id, tag) DO UPDATE SET version = excluded.version`,
    [tenantId, workflowId, tag, version],
  );
  if (tag !== liveTag) return;
  const live = {
    tenantId,
    workflowId,
    version,
    ir: decodePayload<Ir>(found.ir),
    timezone: found.timezone,
    switchOn,
  };
  await setSchedule(client, live, new Date());
}
