import type { QueryConfig } from 'pg';
import { storableJson } from '@parley/kernel';
import { encodePayload } from './codec.js';
import { labelsSql } from './flush-labels.js';
import { overlaysSql } from './flush-overlays.js';
import { snapshotsSql } from './flush-snapshots.js';
import { isOwned, Relations, type Columns } from './relation.js';
import { partitionOfRun } from './run-id.js';
import { workerTasksClosedSql, workerTasksOpenedSql } from '../task-queues/task-rows.js';
import { subscriptionsClosedSql, subscriptionsOpenedSql } from './subscriptions.js';
import type {
  ApprovalClosing,
  ApprovalRow,
  PlacedTurn,
  RunRow,
  TimerRow,
  TurnRecord,
} from './turn-record.js';

interface OfRun {
  readonly runId: string;
  readonly tenantId: string;
  readonly partition: number;
}

/**
 * One statement for a batch of turns: journal, projections, timers, keys and approvals. What several
 * turns of a batch say about one row is merged first, because a statement can touch a row only once.
 */
export function flushStatement(
  mine: readonly { readonly id: number; readonly epoch: number }[],
  turns: readonly PlacedTurn[],
): QueryConfig {
  const relations = new Relations(turns.length === 1);
  const owned = relations.rows('mine', mine, {
    id: ['int', (row) => row.id],
    epoch: ['bigint', (row) => row.epoch],
  });
  const { started, changed } = projectedRuns(turns);
  const writes = [
    journalSql(relations, turns),
    runStartedSql(relations, started),
    runChangedSql(
      relations,
      changed.filter((run) => !isOverlaid(run)),
      changingColumns,
    ),
    runChangedSql(relations, changed.filter(isOverlaid), {
      ...changingColumns,
      ...revisionColumns,
    }),
    startKeySql(relations, turns),
    timersArmedSql(relations, turns),
    timersGoneSql(relations, turns),
    approvalsOpenedSql(relations, turns),
    approvalsClosedSql(relations, turns),
    subscriptionsOpenedSql(relations, turns),
    subscriptionsClosedSql(relations, turns),
    workerTasksOpenedSql(relations, turns),
    workerTasksClosedSql(relations, turns),
    messagesSentSql(relations, turns),
    messagesHeardSql(relations, turns),
    objectUseSql(relations, turns),
    ...labelsSql(relations, turns),
    ...overlaysSql(relations, turns),
    ...snapshotsSql(relations, turns),
  ].filter((write) => write !== undefined);
  const text = `WITH owned AS MATERIALIZED (
  SELECT partition.id FROM partition JOIN ${owned}
    ON partition.id = mine.id AND partition.epoch = mine.epoch
  ORDER BY partition.id FOR NO KEY UPDATE OF partition
)${writes.map((write, at) => `, w${String(at)} AS (${write})`).join('')}
SELECT array_agg(id) AS owned FROM owned`;
  return { name: nameOf(text), text, values: relations.values };
}

const names = new Map<string, string>();

/**
 * The same for every statement of this shape, so that the database plans it once per connection. There
 * are as many shapes as there are combinations of what a batch can hold.
 */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `flush_${String(names.size)}`;
  names.set(text, name);
  return name;
}

function journalSql(relations: Relations, turns: readonly PlacedTurn[]): string {
  const rows = relations.rows('t', turns, {
    partition: ['int', (turn) => turn.partition],
    seq: ['bigint', (turn) => turn.seq],
    tenant_id: ['text', (turn) => turn.tenantId],
    run_id: ['text', (turn) => turn.runId],
    position: ['int', (turn) => turn.position],
    notable: ['bool', (turn) => turn.notable],
    entries: ['bytea', (turn) => turn.payload],
  });
  return `INSERT INTO journal (partition, seq, tenant_id, run_id, position, notable, entries)
    SELECT t.* FROM ${rows} WHERE ${isOwned('t.partition')}`;
}

/** A turn, for what it says about its run. */
type ProjectedRun = Pick<
  PlacedTurn,
  'runId' | 'partition' | 'position' | 'run' | 'startKey' | 'overlays'
>;

interface ProjectedRuns {
  readonly started: readonly ProjectedRun[];
  readonly changed: readonly ProjectedRun[];
}

/** Each run of the batch as its last turn left it; `started` when its first one is in the batch. */
function projectedRuns(turns: readonly PlacedTurn[]): ProjectedRuns {
  const started = new Map<string, ProjectedRun>();
  const changed = new Map<string, ProjectedRun>();
  for (const turn of turns) {
    const first = started.get(turn.runId);
    if (first !== undefined) started.set(turn.runId, { ...turn, startKey: first.startKey });
    else if (turn.position === 1) started.set(turn.runId, turn);
    else {
      const overlays = turn.overlays ?? changed.get(turn.runId)?.overlays;
      changed.set(turn.runId, overlays === undefined ? turn : { ...turn, overlays });
    }
  }
  return { started: [...started.values()], changed: [...changed.values()] };
}

const keyColumns: Columns<ProjectedRun> = {
  id: ['text', ({ runId }) => runId],
  partition: ['int', ({ partition }) => partition],
};

const factColumns: Columns<ProjectedRun> = {
  tenant_id: ['text', ({ run }) => run.tenantId],
  workflow_id: ['text', ({ run }) => run.workflowId],
  workflow_name: ['text', ({ run }) => run.workflowName],
  version: ['int', ({ run }) => run.version],
  started_by: ['text', ({ run }) => run.startedBy],
  priority: ['text', ({ run }) => run.priority],
  input: ['bytea', ({ run }) => encodePayload(run.input)],
  created_at: ['timestamptz', ({ run }) => run.createdAt],
  start_key: ['text', ({ startKey }) => startKey?.key],
};

/** What a run comes from, where that is another run or a schedule. */
const originColumns: Columns<ProjectedRun> = {
  rerun_of: ['text', ({ run }) => run.rerunOf],
  parent: ['json', ({ run }) => jsonOf(run.parent)],
  parent_run_id: ['text', ({ run }) => run.parent?.runId],
  scheduled_by: ['text', ({ run }) => run.scheduledBy],
  nominal_time: ['timestamptz', ({ run }) => msOf(run.nominalTime)],
};

/** What hardly ever changes, and stands in no update of other runs. */
const revisionColumns: Columns<ProjectedRun> = {
  ir_hash: ['text', ({ run }) => run.irHash],
};

function isOverlaid({ overlays }: ProjectedRun): boolean {
  return overlays !== undefined;
}

const changingColumns: Columns<ProjectedRun> = {
  status: ['text', ({ run }) => run.status],
  output: ['bytea', ({ run }) => (run.output === undefined ? null : encodePayload(run.output))],
  waiting_for: ['jsonb', ({ run }) => jsonOf(run.waitingFor)],
  position: ['int', ({ position }) => position],
  updated_at: ['timestamptz', ({ run }) => run.updatedAt],
  ended_at: ['timestamptz', ({ run }) => run.endedAt],
};

const failureColumns: Columns<ProjectedRun> = {
  error: ['jsonb', ({ run }) => jsonOf(run.error)],
  failed_step: ['text', ({ run }) => run.failedStep],
};

const startColumns = { ...keyColumns, ...factColumns, ...revisionColumns, ...changingColumns };

// A column costs the database the same for each row, whatever is in it: those that are empty in most
// batches are left out of them.

function isFailed({ run }: ProjectedRun): boolean {
  return run.error !== undefined || run.failedStep !== undefined;
}

function hasOrigin({ run }: ProjectedRun): boolean {
  const { rerunOf, parent, scheduledBy, nominalTime } = run;
  return [rerunOf, parent, scheduledBy, nominalTime].some((origin) => origin !== undefined);
}

function runStartedSql(relations: Relations, runs: readonly ProjectedRun[]): string | undefined {
  if (runs.length === 0) return undefined;
  const columns = {
    ...startColumns,
    ...(runs.some(hasOrigin) ? originColumns : {}),
    ...(runs.some(isFailed) ? failureColumns : {}),
  };
  return `INSERT INTO run (${Object.keys(columns).join(', ')})
    SELECT r.* FROM ${relations.rows('r', runs, columns)} WHERE ${isOwned('r.partition')}`;
}

function runChangedSql(
  relations: Relations,
  runs: readonly ProjectedRun[],
  columns: Columns<ProjectedRun>,
): string | undefined {
  if (runs.length === 0) return undefined;
  const failure = runs.some(isFailed) ? failureColumns : {};
  const rows = relations.rows('u', runs, { ...keyColumns, ...columns, ...failure });
  const changes = [
    ...Object.keys({ ...columns, ...failure }).map((name) => `${name} = u.${name}`),
    ...Object.keys(failureColumns).flatMap((name) => (name in failure ? [] : `${name} = NULL`)),
  ];
  return `UPDATE run SET ${changes.join(', ')}
    FROM ${rows} WHERE ${isOwned('u.partition')} AND run.id = u.id`;
}

function startKeySql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const starts = turns.flatMap((turn) =>
    turn.startKey === undefined ? [] : [{ ...turn, ...turn.startKey }],
  );
  if (starts.length === 0) return undefined;
  const rows = relations.rows('k', starts, {
    tenant_id: ['text', (start) => start.tenantId],
    key: ['text', (start) => start.key],
    fingerprint: ['text', (start) => start.fingerprint],
    run_id: ['text', (start) => start.runId],
    partition: ['int', (start) => start.partition],
  });
  return `INSERT INTO start_key (tenant_id, key, fingerprint, run_id)
    SELECT k.tenant_id, k.key, k.fingerprint, k.run_id FROM ${rows} WHERE ${isOwned('k.partition')}`;
}

function timersArmedSql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const armed = new Map<string, TimerRow & OfRun>();
  for (const turn of turns) {
    for (const timer of turn.timersArmed)
      armed.set(timerKey(turn, timer), { ...ofRun(turn), ...timer });
    for (const timer of turn.timersGone) armed.delete(timerKey(turn, timer));
  }
  if (armed.size === 0) return undefined;
  const rows = relations.rows('a', [...armed.values()], {
    run_id: ['text', (timer) => timer.runId],
    occurrence: ['text', (timer) => timer.occurrence],
    generation: ['int', (timer) => timer.generation],
    tenant_id: ['text', (timer) => timer.tenantId],
    partition: ['int', (timer) => timer.partition],
    due_at: ['timestamptz', (timer) => timer.dueAt],
  });
  return `INSERT INTO timer (run_id, occurrence, generation, tenant_id, partition, due_at)
    SELECT a.* FROM ${rows} WHERE ${isOwned('a.partition')}
    ON CONFLICT (run_id, occurrence, generation) DO UPDATE SET due_at = excluded.due_at`;
}

function timersGoneSql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const gone = turns.flatMap((turn) =>
    turn.timersGone.map((timer) => ({ ...ofRun(turn), ...timer })),
  );
  if (gone.length === 0) return undefined;
  const rows = relations.rows('g', gone, {
    run_id: ['text', (timer) => timer.runId],
    occurrence: ['text', (timer) => timer.occurrence],
    generation: ['int', (timer) => timer.generation],
    partition: ['int', (timer) => timer.partition],
  });
  return `DELETE FROM timer USING ${rows}
    WHERE ${isOwned('g.partition')} AND timer.run_id = g.run_id AND timer.occurrence = g.occurrence
      AND timer.generation = g.generation`;
}

type OpenedApproval = ApprovalRow & OfRun & { run: RunRow; closing?: ApprovalClosing };

function approvalsOpenedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const opened = openedApprovals(turns);
  if (opened.size === 0) return undefined;
  const rows = relations.rows('p', [...opened.values()], {
    id: ['text', (row) => row.id],
    tenant_id: ['text', (row) => row.tenantId],
    run_id: ['text', (row) => row.runId],
    workflow_id: ['text', (row) => row.run.workflowId],
    workflow_name: ['text', (row) => row.run.workflowName],
    occurrence: ['text', (row) => row.occurrence],
    title: ['text', (row) => textOf(row.title)],
    message: ['text', (row) => textOf(row.message)],
    assignee: ['jsonb', (row) => jsonOf(row.assignee)],
    data: ['json', (row) => jsonOf(row.data)],
    form: ['json', (row) => jsonOf(row.form)],
    status: ['text', (row) => row.closing?.status ?? 'pending'],
    requested_at: ['timestamptz', (row) => row.requestedAt],
    due_at: ['timestamptz', (row) => row.dueAt],
    decided_by: ['text', (row) => row.closing?.by],
    decided_at: ['timestamptz', (row) => row.closing?.closedAt],
    reason: ['text', (row) => textOf(row.closing?.reason)],
    partition: ['int', (row) => row.partition],
  });
  return `INSERT INTO approval (id, tenant_id, run_id, workflow_id, workflow_name, occurrence, title, message,
      assignee, data, form, status, requested_at, due_at, decided_by, decided_at, reason)
    SELECT p.id, p.tenant_id, p.run_id, p.workflow_id, p.workflow_name, p.occurrence, p.title, p.message,
      p.assignee, p.data, p.form, p.status, p.requested_at, p.due_at, p.decided_by, p.decided_at, p.reason
    FROM ${rows} WHERE ${isOwned('p.partition')}`;
}

/** Approvals that this batch opens, with their end when it is in the batch too. */
function openedApprovals(turns: readonly PlacedTurn[]): Map<string, OpenedApproval> {
  const opened = new Map<string, OpenedApproval>();
  for (const turn of turns) {
    for (const approval of turn.approvalsOpened) {
      opened.set(approval.id, { ...ofRun(turn), ...approval, run: turn.run });
    }
    for (const closing of turn.approvalsClosed) {
      const before = opened.get(closing.id);
      if (before !== undefined) opened.set(closing.id, { ...before, closing });
    }
  }
  return opened;
}

function approvalsClosedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const opened = openedApprovals(turns);
  const closed = turns.flatMap((turn) =>
    turn.approvalsClosed
      .filter((closing) => !opened.has(closing.id))
      .map((closing) => ({ ...closing, partition: turn.partition })),
  );
  if (closed.length === 0) return undefined;
  const rows = relations.rows('c', closed, {
    id: ['text', (row) => row.id],
    status: ['text', (row) => row.status],
    decided_by: ['text', (row) => row.by],
    decided_at: ['timestamptz', (row) => row.closedAt],
    reason: ['text', (row) => textOf(row.reason)],
    partition: ['int', (row) => row.partition],
  });
  return `UPDATE approval SET status = c.status, decided_by = c.decided_by, decided_at = c.decided_at,
      reason = c.reason
    FROM ${rows} WHERE ${isOwned('c.partition')} AND approval.id = c.id`;
}

function messagesSentSql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const sent = turns.flatMap(({ partition: source, messagesSent }) =>
    messagesSent.map((message) => ({ source, message })),
  );
  if (sent.length === 0) return undefined;
  const rows = relations.rows('m', sent, {
    partition: ['int', ({ message }) => partitionOfRun(message.runId) ?? 0],
    id: ['text', ({ message }) => message.id],
    tenant_id: ['text', ({ message }) => message.tenantId],
    run_id: ['text', ({ message }) => message.runId],
    body: ['bytea', ({ message }) => encodePayload(message.body)],
    source: ['int', ({ source }) => source],
  });
  return `INSERT INTO inbox (partition, id, tenant_id, run_id, body)
    SELECT m.partition, m.id, m.tenant_id, m.run_id, m.body FROM ${rows} WHERE ${isOwned('m.source')}`;
}

function messagesHeardSql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const heard = turns.filter(({ messageHeard }) => messageHeard !== undefined);
  if (heard.length === 0) return undefined;
  const rows = relations.rows('h', heard, {
    partition: ['int', (turn) => turn.partition],
    id: ['text', (turn) => turn.messageHeard],
  });
  return `DELETE FROM inbox USING ${rows}
    WHERE ${isOwned('h.partition')} AND inbox.partition = h.partition AND inbox.id = h.id`;
}

/** Which large values the turns refer to: their objects are kept as long as that. */
function objectUseSql(relations: Relations, turns: readonly PlacedTurn[]): string | undefined {
  const uses = new Map<string, OfRun & { hash: string }>();
  for (const turn of turns) {
    for (const { hash } of turn.claims ?? []) {
      uses.set(`${turn.runId} ${hash}`, { ...ofRun(turn), hash });
    }
  }
  if (uses.size === 0) return undefined;
  const rows = relations.rows('o', [...uses.values()], {
    tenant_id: ['text', (use) => use.tenantId],
    hash: ['text', (use) => use.hash],
    run_id: ['text', (use) => use.runId],
    partition: ['int', (use) => use.partition],
  });
  return `INSERT INTO object_use (tenant_id, hash, run_id)
    SELECT o.tenant_id, o.hash, o.run_id FROM ${rows} WHERE ${isOwned('o.partition')}
    ON CONFLICT DO NOTHING`;
}

/** PostgreSQL's text and jsonb cannot hold U+0000; the journal, which is bytes, keeps it. */
function jsonOf(value: unknown): string | null {
  return value === undefined ? null : storableJson(JSON.stringify(value));
}

function textOf(value: string | undefined): string | null {
  return value === undefined ? null : value.replaceAll('\0', '\ufffd').toWellFormed();
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

function ofRun(turn: TurnRecord): OfRun {
  return { runId: turn.runId, tenantId: turn.tenantId, partition: turn.partition };
}

function timerKey(turn: TurnRecord, timer: { occurrence: string; generation: number }): string {
  return `${turn.runId} ${timer.occurrence} ${String(timer.generation)}`;
}
