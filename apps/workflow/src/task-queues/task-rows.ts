import type { Effect, RunState } from '@parley/engine';
import { hashText, runPriorities } from '@parley/ir';
import { isJsonObject, type Json } from '@parley/kernel';
import { encodeText } from '../engine/codec.js';
import { isOwned, type Relations } from '../engine/relation.js';
import type { PlacedTurn, RunFacts } from '../engine/turn-record.js';
import { claimOfText } from '../payloads/claims.js';

/** Work that a turn puts into a queue. */
export interface WorkerTaskRow {
  readonly id: string;
  readonly occurrence: string;
  readonly attempt: number;
  readonly queue: string;
  /** The kind of work. */
  readonly task: string;
  readonly priority: number;
  readonly orderKey?: string;
  /** Idempotency key. */
  readonly key: string;
  /** `{ queue, task, input?, priority?, orderKey? }` as JSON text. */
  readonly args: string;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
  /** When it counts as queued: see `shareMs`. */
  readonly turnAt: number;
}

/**
 * The n-th task that a run has in a queue counts as if it had come n times this much later: so a run
 * that asks for ten thousand at once does not hold up one that asks for one.
 */
const shareMs = 60_000;
/** Longer ones would not fit into an index: their hash stands for them. */
const orderKeyLengthMax = 200;

/** A task's id says of which run it is, so that one that is gone is told from one that never was. */
export function workerTaskId(runId: string, occurrence: string, attempt: number): string {
  const rest = hashText(`${runId}\0${occurrence}\0${String(attempt)}`).slice(0, 12);
  return `tsk_${runId.slice('run_'.length)}_${rest}`;
}

/** The run of a task, or undefined when this is not the id of one. */
export function runOfTask(taskId: string): string | undefined {
  const run = /^tsk_([0-9a-z]{27})_[0-9a-f]{12}$/.exec(taskId)?.[1];
  return run === undefined ? undefined : `run_${run}`;
}

/** @param state as the turn left it */
export function workerTasksOpened(
  { runId, priority }: Pick<RunFacts, 'runId' | 'priority'>,
  state: RunState,
  effects: readonly Effect[],
): WorkerTaskRow[] {
  const opened = effects.filter((effect) => effect.kind === 'openWorkerTask');
  if (opened.length === 0) return [];
  const waiting = openByQueue(state);
  for (const { args } of opened) count(waiting, queueOf(args), -1);
  return opened.map(({ occurrence, attempt, key, args }) => {
    const given = isJsonObject(args) ? args : {};
    const orderKey = orderKeyOf(given['orderKey']);
    const queue = queueOf(args);
    const before = count(waiting, queue, 1) - 1;
    const queuedAt = state.frames.get(occurrence)?.startedAt ?? state.at;
    return {
      id: workerTaskId(runId, occurrence, attempt),
      ...{ occurrence, attempt, queue, key, queuedAt },
      task: textOf(given['task']),
      priority: rankOf(given['priority']) ?? rankOf(priority) ?? rankOf('medium') ?? 1,
      ...(orderKey === undefined ? {} : { orderKey }),
      args: JSON.stringify(args),
      turnAt: queuedAt + before * shareMs,
    };
  });
}

/** As the table has it: 0 high, 1 medium, 2 low. */
function rankOf(given: Json | undefined): number | undefined {
  const rank = runPriorities.findIndex((priority) => priority === given);
  return rank < 0 ? undefined : rank;
}

export function workerTasksClosed(runId: string, effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'closeWorkerTask' ? workerTaskId(runId, effect.occurrence, effect.attempt) : [],
  );
}

/** How many tasks a run has in each queue. */
function openByQueue(state: RunState): Map<string, number> {
  const open = new Map<string, number>();
  for (const frame of state.frames.values()) {
    if (frame.kind !== 'call' || frame.call?.function !== 'worker') continue;
    count(open, queueOf(frame.call.args), 1);
  }
  return open;
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): number {
  const sum = (counts.get(key) ?? 0) + change;
  counts.set(key, sum);
  return sum;
}

export function queueOf(args: Json): string {
  return textOf(isJsonObject(args) ? args['queue'] : undefined);
}

function orderKeyOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = textOf(value);
  return text.length <= orderKeyLengthMax ? text : `sha256:${hashText(text)}`;
}

function textOf(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

interface OpenedRow extends WorkerTaskRow {
  readonly turn: PlacedTurn;
}

/** What a batch opens and does not close again. */
export function workerTasksOpenedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const opened = new Map<string, OpenedRow>();
  for (const turn of turns) {
    for (const row of turn.workerTasksOpened) opened.set(row.id, { ...row, turn });
    for (const id of turn.workerTasksClosed) opened.delete(id);
  }
  if (opened.size === 0) return undefined;
  const held = new Map([...opened.values()].map((row) => [row, argsOf(row)]));
  const rows = relations.rows('wt', [...opened.values()], {
    id: ['text', (row) => row.id],
    tenant_id: ['text', (row) => row.turn.tenantId],
    run_id: ['text', (row) => row.turn.runId],
    occurrence: ['text', (row) => row.occurrence],
    attempt: ['int', (row) => row.attempt],
    partition: ['int', (row) => row.turn.partition],
    workflow_id: ['text', (row) => row.turn.run.workflowId],
    workflow_name: ['text', (row) => row.turn.run.workflowName],
    queue: ['text', (row) => row.queue],
    task: ['text', (row) => row.task],
    priority: ['int', (row) => row.priority],
    order_key: ['text', (row) => row.orderKey],
    key: ['text', (row) => row.key],
    args: ['bytea', (row) => held.get(row)?.stored],
    args_hash: ['text', (row) => held.get(row)?.hash],
    bytes: ['int', (row) => row.args.length],
    queued_at: ['timestamptz', (row) => row.queuedAt],
    turn_at: ['timestamptz', (row) => row.turnAt],
  });
  const columns = `id, tenant_id, run_id, occurrence, attempt, partition, workflow_id, workflow_name,
      queue, task, priority, order_key, key, args, args_hash, bytes, queued_at, turn_at`;
  return `INSERT INTO worker_task (${columns})
    SELECT wt.* FROM ${rows} WHERE ${isOwned('wt.partition')} ON CONFLICT DO NOTHING`;
}

export function workerTasksClosedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const closed = turns.flatMap(({ partition, workerTasksClosed: ids }) =>
    ids.map((id) => ({ id, partition })),
  );
  if (closed.length === 0) return undefined;
  const rows = relations.rows('wc', closed, {
    id: ['text', (row) => row.id],
    partition: ['int', (row) => row.partition],
  });
  return `DELETE FROM worker_task USING ${rows}
    WHERE ${isOwned('wc.partition')} AND worker_task.id = wc.id`;
}

/** What is large is an object already: the entry that asks for the work refers to it. */
function argsOf({ args }: WorkerTaskRow): { readonly stored?: Buffer; readonly hash?: string } {
  const claim = claimOfText(args);
  return claim === undefined ? { stored: encodeText(args) } : { hash: claim.hash };
}
