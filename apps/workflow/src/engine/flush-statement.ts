import type { QueryConfig } from 'pg';
import { encodePayload } from './codec.js';
import { labelsSql } from './flush-labels.js';
import { overlaysSql } from './flush-overlays.js';
import { runsSql } from './flush-runs.js';
import { snapshotsSql } from './flush-snapshots.js';
import { isOwned, jsonOf, Relations, textOf } from './relation.js';
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
  const writes = [
    journalSql(relations, turns),
    ...runsSql(relations, turns),
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

function ofRun(turn: TurnRecord): OfRun {
  return { runId: turn.runId, tenantId: turn.tenantId, partition: turn.partition };
}

function timerKey(turn: TurnRecord, timer: { occurrence: string; generation: number }): string {
  return `${turn.runId} ${timer.occurrence} ${String(timer.generation)}`;
}
