import type { IrSchedule } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { FiringKind } from './schedule-policy.js';

/** Columns that a firing needs to know of its schedule. */
export interface ScheduleColumns {
  workflow_id: string;
  name: string;
  tenant_id: string;
  version: number;
  ir_hash: string;
  spec: IrSchedule;
  timezone: string;
  next_at: Date | null;
  last_at: Date | null;
}

/** The schedule of the live version of a workflow. */
export interface LiveSchedule {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly tenantId: string;
  readonly version: number;
  readonly irHash: string;
  readonly spec: IrSchedule;
  readonly timezone: string;
  readonly nextAt?: Date;
  readonly lastAt?: Date;
}

export const liveScheduleSql = `SELECT schedule.workflow_id, schedule.tenant_id, schedule.version,
    schedule.spec, schedule.timezone, schedule.next_at, schedule.last_at, workflow.name,
    workflow_version.ir_hash
  FROM schedule JOIN workflow ON workflow.id = schedule.workflow_id
  JOIN workflow_version ON workflow_version.workflow_id = schedule.workflow_id
    AND workflow_version.version = schedule.version`;

export function liveScheduleOf(row: ScheduleColumns): LiveSchedule {
  return {
    workflowId: row.workflow_id,
    workflowName: row.name,
    tenantId: row.tenant_id,
    version: row.version,
    irHash: row.ir_hash,
    spec: row.spec,
    timezone: row.timezone,
    ...(row.next_at === null ? {} : { nextAt: row.next_at }),
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
  };
}

/** Something that wants a run of a schedule, once. */
export interface Firing {
  /** Unique within the schedule. */
  readonly key: string;
  readonly kind: FiringKind;
  readonly nominalAt: Date;
  /** The run's input; absent: the nominal time. */
  readonly input?: Json;
  readonly requestedBy?: string;
}

/** The key of a time: whether it comes by the clock, after a run or as a backfill, it is one time. */
export function timeKey(nominalAt: Date): string {
  return nominalAt.toISOString();
}

/** Why a firing started no run. */
export interface LeftOut {
  readonly reason: 'missed' | 'overlap' | 'refused' | 'incomplete';
  /** The first and the last nominal time. */
  readonly from: string;
  readonly to: string;
  /** What the engine said, of a refusal. */
  readonly detail?: string;
}
