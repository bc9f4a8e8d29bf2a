import { setImmediate as nextRound } from 'node:timers/promises';
import { noLabels, type RunState } from '@parley/engine';
import {
  RunPriority,
  RunStatus,
  type Run,
  type RunCountQuery,
  type RunError,
  type RunSummary,
  type RunWait,
} from '@parley/contracts';
import { withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { AppError } from '@parley/kernel';
import { decodePayload } from '../engine/codec.js';
import { askAsTenant, RunTurns } from '../journal/run-turns.pg.js';
import type { EntryReader } from '../payloads/entry-reader.js';
import { labelsOfRows, type LabelRow } from '../engine/label-rows.js';
import type { ParentRun, RunRow } from '../engine/turn-record.js';
import { listedEntriesMax, ListedTurns, type ListedTurn } from './listed-turns.js';
import { whereOf } from './run-search.js';

/** Turns that are read before others get their turn. */
const turnsPerRound = 50;

/** What a list shows of a run. */
export interface RunColumns {
  id: string;
  workflow_id: string;
  workflow_name: string;
  version: number;
  status: string;
  started_by: string;
  priority: string | null;
  rerun_of: string | null;
  parent: ParentRun | null;
  scheduled_by: string | null;
  nominal_time: Date | null;
  input?: Buffer;
  output?: Buffer | null;
  error: RunError | null;
  failed_step: string | null;
  waiting_for: RunWait[];
  position: number;
  created_at: Date;
  updated_at: Date;
  ended_at: Date | null;
  stalled_at: Date | null;
  labels: Pick<LabelRow, 'name' | 'kind' | 'value'>[] | null;
}

export const summaryColumns = `id, workflow_id, workflow_name, version, status, started_by, priority, rerun_of, parent, error,
  scheduled_by, nominal_time, failed_step, waiting_for, position, created_at, updated_at, ended_at,
  (SELECT json_agg(json_build_object('name', l.name, 'kind', l.kind, 'value', l.value)
     ORDER BY l.name) FROM run_label l WHERE l.run_id = run.id) AS labels,
  (SELECT found_at FROM stalled_run s WHERE s.run_id = run.id AND s.position = run.position) AS stalled_at`;

/** What there is to tell of a run. */
export interface RunJournal {
  readonly run: Run;
  /** What the run was before the turns: not begun, unless it is a very long or a very large one. */
  readonly before: RunState;
  readonly turns: readonly ListedTurn[];
}

export interface RunPageFilter {
  readonly query: RunCountQuery;
  /** Only runs before this one. */
  readonly before?: string;
  readonly limit: number;
}

/** What requests read about runs; one tenant's rows only. */
export class RunReader {
  private readonly pool: Pool;
  private readonly turns: RunTurns;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool, stored: EntryReader) {
    this.pool = pool;
    this.turns = new RunTurns(askAsTenant(pool), stored);
  }

  /** @throws AppError `not-found` */
  async run(tenantId: string, runId: string): Promise<Run> {
    return withTenant(this.pool, tenantId, (client) => readRun(client, runId));
  }

  async list(tenantId: string, filter: RunPageFilter): Promise<RunSummary[]> {
    const { text, values } = whereOf(filter.query, filter.before);
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<RunColumns>(
        `SELECT ${summaryColumns} FROM run WHERE ${text}
         ORDER BY id DESC LIMIT $${String(values.length + 1)}`,
        [...values, filter.limit],
      ),
    );
    return rows.map(summaryOf);
  }

  /** Statuses without runs are left out. */
  async counts(tenantId: string, query: RunCountQuery): Promise<Map<RunStatus, number>> {
    const { text, values } = whereOf(query);
    const { rows } = await withTenant(this.pool, tenantId, (client) =>
      client.query<{ status: string; count: string | number }>(
        `SELECT status, count(*) AS count FROM run WHERE ${text} GROUP BY status`,
        [...values],
      ),
    );
    return new Map(rows.map(({ status, count }) => [RunStatus.parse(status), Number(count)]));
  }

  /**
   * The run and its journal, as it was when this was asked.
   * @param at number of the last entry that is wanted
   * @throws AppError `not-found`
   */
  async journal(tenantId: string, runId: string, at?: number): Promise<RunJournal> {
    const run = await this.run(tenantId, runId);
    const of = { tenantId, runId };
    const { state, position } = await this.turns.recent(of, listedEntriesMax, at);
    const listed = new ListedTurns(state);
    let entries = state.entries;
    for await (const turn of this.turns.read(of, { from: position + 1, to: run.position })) {
      listed.add(turn);
      entries += turn.entries.length;
      if (at !== undefined && entries >= at) break;
      if (turn.position % turnsPerRound === 0) await nextRound();
    }
    return { run, before: listed.before, turns: listed.turns };
  }
}

async function readRun(client: PoolClient, runId: string): Promise<Run> {
  const { rows } = await client.query<RunColumns>(
    `SELECT ${summaryColumns}, input, output FROM run WHERE id = $1`,
    [runId],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('not-found', `there is no run ${runId}`);
  return {
    ...summaryOf(row),
    ...(row.input === undefined ? {} : { input: decodePayload(row.input) }),
    ...(row.output === undefined || row.output === null
      ? {}
      : { output: decodePayload(row.output) }),
  };
}

/** The run that a durable change tells of, as the API shows it. */
export function runOfRow(row: RunRow, position: number): Run {
  const { runId, tenantId: _tenant, irHash: _hash, labels, parent, ...shown } = row;
  const { createdAt, updatedAt, endedAt, ...rest } = shown;
  const { tags, attributes } = labels ?? noLabels;
  return {
    ...rest,
    tags: tags.toSorted(),
    attributes: { ...attributes },
    id: runId,
    waitingFor: [...row.waitingFor],
    ...(parent === undefined ? {} : { parent: parentView(parent) }),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    position,
  };
}

function parentView({ runId, occurrence }: ParentRun): Run['parent'] & {} {
  return { runId, step: occurrence };
}

export function runsOfRows(rows: readonly RunColumns[]): RunSummary[] {
  return rows.map(summaryOf);
}

function summaryOf(row: RunColumns): RunSummary {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    version: row.version,
    status: RunStatus.parse(row.status),
    startedBy: row.started_by,
    ...(row.priority === null ? {} : { priority: RunPriority.parse(row.priority) }),
    ...(row.rerun_of === null ? {} : { rerunOf: row.rerun_of }),
    ...(row.parent === null ? {} : { parent: parentView(row.parent) }),
    ...(row.scheduled_by === null ? {} : { scheduledBy: row.scheduled_by }),
    ...(row.nominal_time === null ? {} : { nominalTime: row.nominal_time.toISOString() }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.failed_step === null ? {} : { failedStep: row.failed_step }),
    waitingFor: row.waiting_for,
    ...labelsOfRows(row.labels ?? []),
    ...(row.stalled_at === null ? {} : { stalledSince: row.stalled_at.toISOString() }),
    position: row.position,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
  };
}
