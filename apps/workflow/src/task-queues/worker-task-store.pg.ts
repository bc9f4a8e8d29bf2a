import type { LeasedTask } from '@parley/contracts';
import { AppError, isJsonObject, type Json } from '@parley/kernel';
import type { ObjectStore } from '@parley/objects';
import { withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { decodePayload, encodePayload } from '../engine/codec.js';
import type { CallOutcome } from '../engine/run-calls.js';
import { partitionOfRun } from '../engine/run-id.js';
import type { Message } from '../engine/turn-record.js';
import { valueOfContent } from '../payloads/claims.js';
import { runOfTask } from './task-rows.js';

/** One worker that asks for work. */
export interface TaskPoll {
  readonly worker: string;
  readonly pool?: string;
  /** Kinds of work that it can do; absent: all. */
  readonly tasks?: readonly string[];
  readonly max: number;
  readonly leaseMs: number;
}

/** What a worker calls its own: the task, and the proof. */
export interface LeaseOf {
  readonly tenantId: string;
  readonly taskId: string;
  readonly leaseToken: string;
}

/** Tasks looked at beyond those that are wanted: turns that are being written may take the first away. */
const spareMax = 16;
/** Bytes of work that one poll gets; a single task may have more. */
const pollBytesMax = 4 * 1_048_576;
/** Work that has waited for so long counts as of the next higher priority: it does not wait for ever. */
const riseSeconds = 600;
/** Distinguishes these locks from all others of the database. */
const lockClass = 0x7a51;
/** A worker that polls all the time is written down this often. */
const seenEveryMs = 10_000;
const workersMax = 5_000;

interface TaskColumns {
  id: string;
  queue: string;
  task: string;
  key: string;
  attempt: number;
  run_id: string;
  occurrence: string;
  args: Buffer | null;
  args_hash: string | null;
  queued_at: Date;
  lease_token: string;
  lease_until: Date;
  rank: number;
  turn_at: Date;
  ordinal: number;
}

/**
 * What workers do with tasks.
 *
 * W1  A task is leased by one worker at a time, and that is durable before the worker hears of it.
 * W2  What becomes of a task is said once: with it the lease is over, in the transaction that tells
 *     the run.
 * W3  Leases of a queue are given one after another, so limits and order keys are kept exactly.
 * W4  Time is the database's: no process ends a lease by a clock of its own.
 */
export class WorkerTaskStore {
  private readonly pool: Pool;
  private readonly objects: ObjectStore;
  /** When this process has written a worker down, and as what. */
  private readonly noted = new Map<string, { readonly at: number; readonly kind: string }>();

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool, objects: ObjectStore) {
    this.pool = pool;
    this.objects = objects;
  }

  /** Gives work to workers of one queue, in their order; none gets more than it asked for. */
  async lease(
    { tenantId, queue }: { readonly tenantId: string; readonly queue: string },
    polls: readonly TaskPoll[],
  ): Promise<LeasedTask[][]> {
    const taken = await withTenant(this.pool, tenantId, async (client) => {
      const place = `${tenantId} ${queue}`;
      await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, place]); // W3
      const rows: TaskColumns[][] = [];
      // Where a worker finds nothing, the next of its kind does not either.
      const idle = new Set<string>();
      for (const poll of polls) {
        const kind = JSON.stringify([poll.pool, poll.tasks]);
        const found = idle.has(kind) ? [] : await leaseNext(client, queue, poll);
        if (found.length === 0) idle.add(kind);
        rows.push(found);
        await this.noteWorker(client, { tenantId, queue, poll });
      }
      return rows;
    });
    try {
      return await Promise.all(
        taken.map((rows) => Promise.all(rows.map((row) => this.taskOf(tenantId, row)))),
      );
    } catch (error) {
      await this.giveBack(tenantId, taken.flat().map(tokenOf));
      throw error;
    }
  }

  /** The worker never heard that these are its own. */
  async giveBack(tenantId: string, leaseTokens: readonly string[]): Promise<void> {
    if (leaseTokens.length === 0) return;
    await withTenant(this.pool, tenantId, (client) =>
      client.query(
        `UPDATE worker_task SET state = 'waiting', lease_token = NULL, lease_until = NULL,
           leased_at = NULL, worker = NULL, pool = NULL
         FROM (SELECT id FROM worker_task WHERE state = 'leased' AND lease_token = ANY ($1)
               FOR UPDATE SKIP LOCKED) unheard
         WHERE worker_task.id = unheard.id`,
        [leaseTokens],
      ),
    );
  }

  /** @throws AppError `not-found`, `conflict`, `gone` */
  async heartbeat(lease: LeaseOf, progress?: Json): Promise<Date> {
    return withTenant(this.pool, lease.tenantId, async (client) => {
      const { rows } = await client.query<{ lease_until: Date; queue: string; worker: string }>(
        `UPDATE worker_task SET heartbeat_at = clock_timestamp(),
           lease_until = clock_timestamp() + lease_ms * interval '1 ms',
           progress = coalesce($3, progress)
         WHERE id = $1 AND state = 'leased' AND lease_token = $2
         RETURNING lease_until, queue, worker`,
        [lease.taskId, lease.leaseToken, progress === undefined ? null : encodePayload(progress)],
      );
      const [row] = rows;
      if (row === undefined) throw await whyNot(client, lease);
      await client.query(
        `UPDATE queue_worker SET seen_at = clock_timestamp() WHERE queue = $1 AND name = $2
           AND seen_at < clock_timestamp() - $3 * interval '1 ms'`,
        [row.queue, row.worker, seenEveryMs],
      );
      return row.lease_until;
    });
  }

  /**
   * What became of a task; its run is told (W2).
   * @returns the message to the run, and the queue that has room again
   * @throws AppError `not-found`, `conflict`, `gone`
   */
  async end(
    lease: LeaseOf,
    outcome: CallOutcome,
  ): Promise<{ readonly message: Message; readonly queue: string }> {
    return withTenant(this.pool, lease.tenantId, async (client) => {
      const { rows } = await client.query<EndedTask & { queue: string }>(
        `UPDATE worker_task SET state = 'ended'
         WHERE id = $1 AND state = 'leased' AND lease_token = $2
         RETURNING id, tenant_id, run_id, occurrence, attempt, queue`,
        [lease.taskId, lease.leaseToken],
      );
      const [row] = rows;
      if (row === undefined) throw await whyNot(client, lease);
      const message = messageOf(row, outcome);
      await tellRuns(client, [message]);
      return { message, queue: row.queue };
    });
  }

  /** After the lock of the queue, so that two polls with one name do not wait for one another. */
  private async noteWorker(
    client: PoolClient,
    of: { readonly tenantId: string; readonly queue: string; readonly poll: TaskPoll },
  ): Promise<void> {
    const { worker, pool, tasks } = of.poll;
    const key = `${of.tenantId} ${of.queue} ${worker}`;
    const kind = JSON.stringify([pool, tasks]);
    const noted = this.noted.get(key);
    const now = performance.now();
    if (noted?.kind === kind && now - noted.at < seenEveryMs) return;
    if (this.noted.size > workersMax) this.noted.clear();
    this.noted.set(key, { at: now, kind });
    await client.query(
      `INSERT INTO queue_worker (tenant_id, queue, name, pool, tasks)
       SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM queue_worker) < $6
       ON CONFLICT (tenant_id, queue, name) DO UPDATE
         SET pool = excluded.pool, tasks = excluded.tasks, seen_at = clock_timestamp()`,
      [of.tenantId, of.queue, worker, pool ?? null, tasks ?? null, workersMax],
    );
  }

  private async taskOf(tenantId: string, row: TaskColumns): Promise<LeasedTask> {
    const args = row.args === null ? await this.argsOf(tenantId, row) : decodePayload(row.args);
    return {
      id: row.id,
      leaseToken: row.lease_token,
      leaseUntil: row.lease_until.toISOString(),
      queue: row.queue,
      task: row.task,
      input: (isJsonObject(args) ? args['input'] : undefined) ?? null,
      key: row.key,
      attempt: row.attempt,
      runId: row.run_id,
      step: row.occurrence,
      queuedAt: row.queued_at.toISOString(),
    };
  }

  private async argsOf(tenantId: string, { args_hash: hash }: TaskColumns): Promise<Json> {
    const content = hash === null ? undefined : await this.objects.get({ tenantId, hash });
    if (content === undefined) throw new AppError('internal', 'the input of a task is missing');
    return valueOfContent(content);
  }
}

export interface EndedTask {
  id: string;
  tenant_id: string;
  run_id: string;
  occurrence: string;
  attempt: number;
}

/** What a run is told about one of its tasks; there is one such message for each. */
export function messageOf(task: EndedTask, outcome: CallOutcome): Message {
  const { id, tenant_id: tenantId, run_id: runId, occurrence, attempt } = task;
  const stimulus = { ...outcome, occurrence, attempt };
  return { id: `wrk:${id}`, tenantId, runId, body: { kind: 'tell', stimulus } };
}

export async function tellRuns(client: PoolClient, messages: readonly Message[]): Promise<void> {
  await client.query(
    `INSERT INTO inbox (partition, id, tenant_id, run_id, body)
     SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bytea[])`,
    [
      messages.map(({ runId }) => partitionOfRun(runId) ?? 0),
      messages.map(({ id }) => id),
      messages.map(({ tenantId }) => tenantId),
      messages.map(({ runId }) => runId),
      messages.map(({ body }) => encodePayload(body)),
    ],
  );
}

/**
 * The next tasks for one worker, as many as there is room for. Of the tasks with one order key only
 * the first can be next, and none while another of them is out. Of each priority come the first, then
 * what has waited long goes up.
 */
async function leaseNext(client: PoolClient, queue: string, poll: TaskPoll) {
  const { rows } = await client.query<TaskColumns>(
    `WITH room AS (
       SELECT greatest(0, least($4::int, capacity - out.total, of_pool - out.in_pool)) AS n
       FROM (SELECT count(*)::int AS total, (count(*) FILTER (WHERE pool = $3::text))::int AS in_pool
             FROM worker_task WHERE queue = $1 AND state = 'leased') out
       LEFT JOIN (SELECT capacity, (pools ->> $3::text)::int AS of_pool
                  FROM task_queue WHERE name = $1) limits ON true
     ), looked AS (
       SELECT CASE WHEN n > 0 THEN n + $9::int ELSE 0 END AS n FROM room
     ), ranked AS (
       SELECT id, greatest(0, rank - greatest(0, floor(extract(epoch FROM now() - turn_at) / $8)))::int AS rank,
         turn_at, ordinal
       FROM (VALUES (0), (1), (2)) ranks (rank) CROSS JOIN LATERAL (
         SELECT id, turn_at, own.ordinal
         FROM worker_task own LEFT JOIN LATERAL (
           SELECT ordinal FROM worker_task first
           WHERE first.queue = $1 AND first.order_key = own.order_key AND first.state <> 'ended'
           ORDER BY ordinal LIMIT 1) first ON true
         WHERE queue = $1 AND state = 'waiting' AND priority = rank
           AND ($2::text[] IS NULL OR task = ANY ($2))
           AND (order_key IS NULL OR own.ordinal = first.ordinal AND NOT EXISTS (
             SELECT FROM worker_task out
             WHERE out.queue = $1 AND out.order_key = own.order_key AND out.state = 'leased'))
         ORDER BY turn_at, own.ordinal
         LIMIT (SELECT n FROM looked)) waiting
     ), next AS MATERIALIZED (
       SELECT own.id, bytes, rank, own.turn_at, own.ordinal
       FROM (SELECT * FROM ranked ORDER BY rank, turn_at, ordinal
             LIMIT (SELECT n FROM looked)) first
       JOIN worker_task own ON own.id = first.id AND own.state = 'waiting'
       ORDER BY rank, own.turn_at, own.ordinal
       LIMIT (SELECT n FROM room) FOR UPDATE OF own SKIP LOCKED
     ), fitting AS (
       SELECT id, rank FROM (
         SELECT id, rank, sum(bytes) OVER (ORDER BY rank, turn_at, ordinal) - bytes AS before FROM next) sized
       WHERE before < $7
     )
     UPDATE worker_task SET state = 'leased', worker = $5, pool = $3::text, lease_ms = $6::int,
       lease_token = gen_random_uuid(), leased_at = clock_timestamp(), heartbeat_at = NULL, progress = NULL,
       lease_until = clock_timestamp() + $6::int * interval '1 ms'
     FROM fitting WHERE worker_task.id = fitting.id
     RETURNING worker_task.id, queue, task, key, attempt, run_id, occurrence, args, args_hash, queued_at,
       lease_token, lease_until, fitting.rank, turn_at, ordinal`,
    [
      queue,
      poll.tasks ?? null,
      poll.pool ?? null,
      poll.max,
      poll.worker,
      poll.leaseMs,
      pollBytesMax,
      riseSeconds,
      spareMax,
    ],
  );
  return rows.sort(
    (a, b) => a.rank - b.rank || a.turn_at.getTime() - b.turn_at.getTime() || a.ordinal - b.ordinal,
  );
}

/** A worker says something about a task that is not its own. */
async function whyNot(client: PoolClient, { taskId, leaseToken }: LeaseOf): Promise<AppError> {
  const { rows } = await client.query<{ state: string; lease_token: string | null }>(
    'SELECT state, lease_token FROM worker_task WHERE id = $1',
    [taskId],
  );
  const [row] = rows;
  if (row === undefined) {
    const run = await client.query('SELECT FROM run WHERE id = $1', [runOfTask(taskId) ?? '']);
    return run.rowCount === 1
      ? new AppError(
          'gone',
          'this task or its lease is over, and nobody waits for what becomes of it: stop working on it',
        )
      : new AppError('not-found', 'there is no such task');
  }
  if (row.state === 'ended' && row.lease_token === leaseToken) {
    return new AppError(
      'gone',
      'this task is over: it was completed or failed, or its lease ran out; stop working on it',
    );
  }
  return new AppError('conflict', 'this is not your task: the lease token is not the current one');
}

function tokenOf({ lease_token: token }: TaskColumns): string {
  return token;
}
