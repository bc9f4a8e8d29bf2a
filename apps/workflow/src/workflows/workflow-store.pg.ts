import type { SideEffect, Workflow, WorkflowVersion } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import { assertTenantId, withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { SharedReads } from './shared-reads.js';

interface WorkflowColumns {
  id: string;
  name: string;
  title: string;
  summary: string | null;
  latest_version: number;
  conversation_id: string | null;
  created_at: Date;
  updated_at: Date;
  tags: Record<string, number> | null;
  trigger: string | null;
  next_at: Date | null;
}

interface VersionColumns {
  workflow_id: string;
  workflow_name: string;
  version: number;
  source: string;
  timezone: string;
  ir_hash: string;
  input_schema: Json | null;
  side_effects: SideEffect[];
  trigger: string;
  draft_id: string | null;
  revision_hash: string;
  approved_by: string;
  created_at: Date;
}

type StartableColumns = Pick<
  VersionColumns,
  'workflow_id' | 'workflow_name' | 'version' | 'ir_hash' | 'input_schema'
>;

/** A version together with its workflow's name, which runs carry. */
export interface NamedVersion extends WorkflowVersion {
  readonly workflowName: string;
}

/** What a run needs of the version that it is started from. */
export type StartableVersion = Pick<
  NamedVersion,
  'workflowId' | 'workflowName' | 'version' | 'irHash' | 'inputSchema'
>;

const workflowSql = `SELECT workflow.*, live.trigger,
    CASE WHEN schedule.paused_at IS NULL THEN schedule.next_at END AS next_at,
    (SELECT jsonb_object_agg(tag, version) FROM workflow_tag WHERE workflow_id = workflow.id) AS tags
  FROM workflow
  LEFT JOIN workflow_tag ON workflow_tag.workflow_id = workflow.id AND workflow_tag.tag = 'live'
  LEFT JOIN workflow_version live
    ON live.workflow_id = workflow.id AND live.version = workflow_tag.version
  LEFT JOIN schedule ON schedule.workflow_id = workflow.id`;

/** Largest number that the column holds. */
const versionMax = 2_147_483_647;

const versionSql = `SELECT workflow_version.*, workflow.name AS workflow_name
  FROM workflow_version JOIN workflow ON workflow.id = workflow_version.workflow_id`;

/** What requests read about workflows; one tenant's rows only. */
export class WorkflowStore {
  private readonly pool: Pool;
  private readonly startableReads = new SharedReads<StartableVersion>();

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  async list(tenantId: string, page: { before?: string; limit: number }): Promise<Workflow[]> {
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<WorkflowColumns>(
        `${workflowSql} WHERE $1::text IS NULL OR workflow.id < $1 ORDER BY workflow.id DESC LIMIT $2`,
        [page.before ?? null, page.limit],
      ),
    );
    return rows.map(toWorkflow);
  }

  /** @throws AppError `not-found` */
  async get(tenantId: string, workflowId: string): Promise<Workflow> {
    return withTenant(this.pool, tenantId, (client) => readWorkflow(client, workflowId));
  }

  async versions(
    tenantId: string,
    workflowId: string,
    page: { before?: number; limit: number },
  ): Promise<WorkflowVersion[]> {
    const { rows } = await withTenant(this.pool, tenantId, async (client) => {
      await readWorkflow(client, workflowId);
      return client.query<VersionColumns>(
        `${versionSql} WHERE workflow_id = $1 AND ($2::int IS NULL OR version < $2)
         ORDER BY version DESC LIMIT $3`,
        [workflowId, page.before ?? null, page.limit],
      );
    });
    return rows.map(toVersion);
  }

  /** A version by number or tag, as far as a start needs it. @throws AppError `not-found` */
  startable(
    tenantId: string,
    workflowId: string,
    version: number | string,
  ): Promise<StartableVersion> {
    const key = `${tenantId}\0${workflowId}\0${version}`;
    return this.startableReads.ask(key, () => this.readStartable(tenantId, workflowId, version));
  }

  private async readStartable(
    tenantId: string,
    workflowId: string,
    version: number | string,
  ): Promise<StartableVersion> {
    assertTenantId(tenantId);
    const number = numberOf(workflowId, version);
    const { rows } = await this.pool.query<StartableColumns>({
      name: 'runnable_version',
      text: 'SELECT * FROM runnable_version($1, $2, $3, $4)',
      values: [tenantId, workflowId, number === undefined ? version : null, number ?? null],
    });
    const [row] = rows;
    if (row === undefined) throw noVersion(workflowId, version);
    return {
      workflowId: row.workflow_id,
      workflowName: row.workflow_name,
      version: row.version,
      irHash: row.ir_hash,
      ...(row.input_schema === null ? {} : { inputSchema: row.input_schema }),
    };
  }

  /** A version by number or tag. @throws AppError `not-found` */
  async version(
    tenantId: string,
    workflowId: string,
    version: number | string,
  ): Promise<NamedVersion> {
    const number = numberOf(workflowId, version);
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<VersionColumns>(
        number === undefined
          ? `${versionSql} JOIN workflow_tag ON workflow_tag.workflow_id = workflow_version.workflow_id
               AND workflow_tag.version = workflow_version.version
             WHERE workflow_version.workflow_id = $1 AND workflow_tag.tag = $2`
          : `${versionSql} WHERE workflow_id = $1 AND version = $2`,
        [workflowId, number ?? version],
      ),
    );
    const [row] = rows;
    if (row !== undefined) return toVersion(row);
    throw noVersion(workflowId, version);
  }
}

/** The number of a version; undefined for a tag. @throws AppError `not-found` */
function numberOf(workflowId: string, version: number | string): number | undefined {
  if (!/^\d+$/.test(String(version))) return undefined;
  if (Number(version) > versionMax) throw noVersion(workflowId, version);
  return Number(version);
}

function noVersion(workflowId: string, version: number | string): AppError {
  const isTag = !/^\d+$/.test(String(version));
  const what = isTag ? `a version tagged ${version}` : `version ${version}`;
  const cure = workflowId.startsWith('wf_') ? '' : '; a workflow is named by its id here, wf_…';
  return new AppError('not-found', `there is no workflow ${workflowId} with ${what}${cure}`);
}

/** @throws AppError `not-found` */
export async function readWorkflow(client: PoolClient, workflowId: string): Promise<Workflow> {
  const { rows } = await client.query<WorkflowColumns>(`${workflowSql} WHERE workflow.id = $1`, [
    workflowId,
  ]);
  const [row] = rows;
  if (row === undefined) throw new AppError('not-found', `there is no workflow ${workflowId}`);
  return toWorkflow(row);
}

function toWorkflow(row: WorkflowColumns): Workflow {
  return {
    id: row.id,
    name: row.name,
    title: row.title,
    ...(row.summary === null ? {} : { summary: row.summary }),
    latestVersion: row.latest_version,
    tags: row.tags ?? {},
    ...(row.conversation_id === null ? {} : { conversationId: row.conversation_id }),
    trigger: row.trigger ?? '',
    ...(row.next_at === null ? {} : { nextRunAt: row.next_at.toISOString() }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

function toVersion(row: VersionColumns): NamedVersion {
  return {
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    version: row.version,
    source: row.source,
    timezone: row.timezone,
    irHash: row.ir_hash,
    ...(row.input_schema === null ? {} : { inputSchema: row.input_schema }),
    sideEffects: row.side_effects,
    trigger: row.trigger,
    ...(row.draft_id === null ? {} : { draftId: row.draft_id }),
    revisionHash: row.revision_hash,
    approvedBy: row.approved_by,
    createdAt: row.created_at.toISOString(),
  };
}
