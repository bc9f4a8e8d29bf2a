import type { Approval, ApprovalStatus, Assignee } from '@parley/contracts';
import { AppError, type Json } from '@parley/kernel';
import { pageOf, pageTokenOf, type Context, type Page } from '@parley/nest-kit';
import { withTenant, type Pool } from '@parley/postgres';

interface Columns {
  id: string;
  run_id: string;
  workflow_id: string;
  workflow_name: string;
  occurrence: string;
  title: string;
  message: string | null;
  assignee: Assignee;
  data: Json | null;
  form: Json | null;
  status: ApprovalStatus;
  requested_at: Date;
  due_at: Date | null;
  decided_by: string | null;
  decided_at: Date | null;
  reason: string | null;
}

/** The caller, as far as deciding goes. */
type Person = Pick<Context, 'tenantId' | 'principal' | 'roles'>;

export interface ApprovalFilter {
  readonly status?: ApprovalStatus;
  readonly runId?: string;
  readonly pageToken?: string;
  readonly pageSize: number;
}

/** Approvals of one tenant; written by the engine, only read here. */
export class ApprovalStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** @throws AppError `not-found` */
  async get(person: Person, approvalId: string): Promise<Approval> {
    const { rows } = await withTenant(this.pool, person.tenantId, (client) =>
      client.query<Columns>('SELECT * FROM approval WHERE id = $1', [approvalId]),
    );
    const [row] = rows;
    if (row === undefined) throw new AppError('not-found', `there is no approval ${approvalId}`);
    return toApproval(row, person);
  }

  /** The run that asks, if there is such an approval. */
  async runOf({ tenantId }: Pick<Person, 'tenantId'>, id: string): Promise<string | undefined> {
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<Pick<Columns, 'run_id'>>('SELECT run_id FROM approval WHERE id = $1', [id]),
    );
    return rows[0]?.run_id;
  }

  async list(person: Person, filter: ApprovalFilter): Promise<Page<Approval>> {
    const { at, id } = readToken(filter.pageToken);
    const { rows } = await withTenant(this.pool, person.tenantId, (client) =>
      client.query<Columns>(
        `SELECT * FROM approval
         WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR run_id = $2)
           AND ($3::timestamptz IS NULL OR (requested_at, id) < ($3, $4))
         ORDER BY requested_at DESC, id DESC LIMIT $5`,
        [filter.status ?? null, filter.runId ?? null, at, id, filter.pageSize + 1],
      ),
    );
    return pageOf(rows, filter.pageSize, { tokenOf, item: (row) => toApproval(row, person) });
  }

  /** How many pending approvals the person may decide. */
  async countMine(person: Person): Promise<number> {
    const { rows } = await withTenant(this.pool, person.tenantId, (client) =>
      client.query<{ count: number }>(
        `SELECT count(*) AS count FROM approval WHERE status = 'pending'
           AND (assignee ->> 'role' = ANY ($1) OR assignee ->> 'member' = $2)`,
        [person.roles, person.principal],
      ),
    );
    return rows[0]?.count ?? 0;
  }
}

export function mayDecide(
  assignee: Assignee,
  person: Pick<Context, 'principal' | 'roles'>,
): boolean {
  return 'role' in assignee
    ? person.roles.includes(assignee.role)
    : person.principal === assignee.member;
}

function toApproval(row: Columns, person: Person): Approval {
  return {
    id: row.id,
    runId: row.run_id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    step: row.occurrence,
    title: row.title,
    ...(row.message === null ? {} : { message: row.message }),
    assignee: row.assignee,
    mine: row.status === 'pending' && mayDecide(row.assignee, person),
    ...(row.data === null ? {} : { data: row.data }),
    ...(row.form === null ? {} : { form: row.form }),
    status: row.status,
    requestedAt: row.requested_at.toISOString(),
    ...(row.due_at === null ? {} : { dueAt: row.due_at.toISOString() }),
    ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
    ...(row.decided_at === null ? {} : { decidedAt: row.decided_at.toISOString() }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}

function tokenOf(row: Columns): string {
  return `${row.requested_at.toISOString()}~${row.id}`;
}

function readToken(token: string | undefined): { at: string | null; id: string | null } {
  const known = pageTokenOf(token, /^\d{4}-[\dT:.-]{5,30}Z~apr_[0-9a-z]+$/);
  if (known === undefined) return { at: null, id: null };
  const [at = '', id = ''] = known.split('~');
  return { at, id };
}
