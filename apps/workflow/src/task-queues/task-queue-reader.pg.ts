import {
  taskQueueChanged,
  WorkName,
  type QueuedTask,
  type QueueWorker,
  type SetTaskQueue,
  type TaskQueue,
  type TaskQueueDetails,
  type WorkerPool,
} from '@parley/contracts';
import { AppError, assert } from '@parley/kernel';
import { eventFacts, type Context } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool, type PoolClient } from '@parley/postgres';
import { decodePayload } from '../engine/codec.js';

/** Waiting tasks of a queue are counted up to this. */
const countedMax = 100_000;
const workersShown = 200;
/** A worker that was not heard of for so long, and has no lease, is not there any more. */
const activeMs = 90_000;
/** Queues of a tenant that may have limits. */
const limitedMax = 1_000;

export interface TaskQueueReaderOptions {
  /** Of the role `workflow_app`. */
  readonly pool: Pool;
  /** Told when a queue has other limits. */
  readonly changed: (tenantId: string, queue: string) => void;
}

/** Task queues as those see them who look on, and their limits. */
export class TaskQueueReader {
  private readonly options: TaskQueueReaderOptions;

  constructor(options: TaskQueueReaderOptions) {
    this.options = options;
  }

  async list(tenantId: string, page: { after?: string; limit: number }): Promise<TaskQueue[]> {
    return withTenant(this.options.pool, tenantId, async (client) => {
      const { rows } = await client.query<{ name: string }>(namesSql, [
        page.after ?? '',
        page.limit,
      ]);
      return readQueues(
        client,
        rows.map(({ name }) => name),
      );
    });
  }

  /** @throws AppError `not-found` */
  async get(tenantId: string, name: string): Promise<TaskQueueDetails> {
    return withTenant(this.options.pool, tenantId, (client) => readDetails(client, name));
  }

  /** @throws AppError `invalid`, `overloaded` */
  async set(caller: Context, name: string, limits: SetTaskQueue): Promise<TaskQueueDetails> {
    if (!WorkName.safeParse(name).success) {
      throw new AppError('invalid', 'the name of a queue has letters, digits, ".", "_" and "-"');
    }
    const { tenantId, principal } = caller;
    const { capacity, pools } = limits;
    const byPool = Object.fromEntries(pools.map((pool) => [pool.name, pool.capacity]));
    const details = await withTenant(this.options.pool, tenantId, async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO task_queue (tenant_id, name, capacity, pools)
         SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM task_queue WHERE name <> $2) < $5
         ON CONFLICT (tenant_id, name) DO UPDATE
           SET capacity = excluded.capacity, pools = excluded.pools`,
        [tenantId, name, capacity ?? null, JSON.stringify(byPool), limitedMax],
      );
      if (rowCount === 0) throw new AppError('overloaded', 'too many queues have limits');
      const told = { queue: name, pools, by: principal };
      const envelope = taskQueueChanged.create(
        capacity === undefined ? told : { ...told, capacity },
        eventFacts(tenantId, name),
      );
      await appendOutbox(client, [{ envelope }]);
      return readDetails(client, name);
    });
    this.options.changed(tenantId, name);
    return details;
  }

  /** Oldest first; `after` is the number of the last one that was seen. @throws AppError `not-found` */
  async tasks(
    tenantId: string,
    { queue, after = '0', limit }: { queue: string; after?: string; limit: number },
  ): Promise<{ readonly task: QueuedTask; readonly ordinal: string }[]> {
    return withTenant(this.options.pool, tenantId, async (client) => {
      await demandKnown(client, queue);
      const { rows } = await client.query<TaskColumns>(
        `SELECT id, task, state, priority, order_key, run_id, workflow_id, workflow_name, occurrence,
           attempt, queued_at, worker, lease_until, heartbeat_at, progress, ordinal::text
         FROM worker_task WHERE queue = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3`,
        [queue, after, limit],
      );
      return rows.map((row) => ({ task: taskOf(row), ordinal: row.ordinal }));
    });
  }
}

/** The next names, one look into each index for each of them. */
const namesSql = `WITH RECURSIVE named AS (
    SELECT $1::text AS name
    UNION ALL
    SELECT (SELECT min(next.name) FROM (
      (SELECT queue AS name FROM worker_task WHERE queue > named.name ORDER BY queue LIMIT 1)
      UNION ALL (SELECT name FROM task_queue WHERE name > named.name ORDER BY name LIMIT 1)
      UNION ALL (SELECT queue FROM queue_worker WHERE queue > named.name ORDER BY queue LIMIT 1)) next)
    FROM named WHERE named.name IS NOT NULL)
  SELECT name FROM named WHERE name > $1 LIMIT $2`;

interface QueueColumns {
  name: string;
  waiting: number;
  leased: number;
  oldest_at: Date | null;
  capacity: number | null;
  pools: Record<string, number> | null;
  out_by_pool: Record<string, number> | null;
  workers: number;
}

async function readQueues(client: PoolClient, names: readonly string[]): Promise<TaskQueue[]> {
  const { rows } = await client.query<QueueColumns>(
    `SELECT asked.name, task_queue.capacity, task_queue.pools,
       (SELECT count(*)::int FROM (
          SELECT FROM worker_task WHERE queue = asked.name AND state = 'waiting' LIMIT $2) counted) AS waiting,
       (SELECT count(*)::int FROM worker_task WHERE queue = asked.name AND state = 'leased') AS leased,
       (SELECT queued_at FROM worker_task WHERE queue = asked.name AND state = 'waiting'
        ORDER BY ordinal LIMIT 1) AS oldest_at,
       (SELECT json_object_agg(pool, n) FROM (
          SELECT pool, count(*) AS n FROM worker_task
          WHERE queue = asked.name AND state = 'leased' AND pool IS NOT NULL GROUP BY pool) out) AS out_by_pool,
       (SELECT count(*)::int FROM queue_worker WHERE queue = asked.name
          AND (seen_at > clock_timestamp() - $3 * interval '1 ms' OR name IN (
            SELECT worker FROM worker_task WHERE queue = asked.name AND state = 'leased'))) AS workers
     FROM unnest($1::text[]) WITH ORDINALITY AS asked(name, n)
     LEFT JOIN task_queue ON task_queue.name = asked.name ORDER BY asked.n`,
    [names, countedMax, activeMs],
  );
  return rows.map(queueOf);
}

function queueOf(row: QueueColumns): TaskQueue {
  const limits = row.pools ?? {};
  const out = row.out_by_pool ?? {};
  const names = [...new Set([...Object.keys(limits), ...Object.keys(out)])].sort();
  return {
    name: row.name,
    waiting: row.waiting,
    leased: row.leased,
    ...(row.oldest_at === null ? {} : { oldestAt: row.oldest_at.toISOString() }),
    ...(row.capacity === null ? {} : { capacity: row.capacity }),
    pools: names.map((name): WorkerPool => {
      const capacity = limits[name];
      return { name, ...(capacity === undefined ? {} : { capacity }), leased: out[name] ?? 0 };
    }),
    workers: row.workers,
  };
}

interface WorkerColumns {
  name: string;
  pool: string | null;
  tasks: string[] | null;
  seen_at: Date;
  active: boolean;
  leased: number;
}

async function readDetails(client: PoolClient, name: string): Promise<TaskQueueDetails> {
  await demandKnown(client, name);
  const [queue] = await readQueues(client, [name]);
  assert(queue !== undefined, 'one name is one queue');
  const { rows } = await client.query<WorkerColumns>(
    `SELECT name, pool, tasks, seen_at,
       seen_at > clock_timestamp() - $2 * interval '1 ms' OR name IN (
         SELECT worker FROM worker_task WHERE queue = $1 AND state = 'leased') AS active,
       (SELECT count(*)::int FROM worker_task
        WHERE worker_task.queue = $1 AND state = 'leased' AND worker = queue_worker.name) AS leased
     FROM queue_worker WHERE queue = $1 ORDER BY seen_at DESC, name LIMIT $3`,
    [name, activeMs, workersShown],
  );
  return { ...queue, seen: rows.map(workerOf) };
}

/** @throws AppError `not-found` */
async function demandKnown(client: PoolClient, name: string): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM task_queue WHERE name = $1
     UNION ALL (SELECT FROM worker_task WHERE queue = $1 LIMIT 1)
     UNION ALL (SELECT FROM queue_worker WHERE queue = $1 LIMIT 1)`,
    [name],
  );
  if (rowCount !== 0) return;
  throw new AppError('not-found', `there is no work, no worker and no limit for queue ${name}`);
}

function workerOf(row: WorkerColumns): QueueWorker {
  return {
    name: row.name,
    ...(row.pool === null ? {} : { pool: row.pool }),
    ...(row.tasks === null ? {} : { tasks: row.tasks }),
    active: row.active,
    lastSeenAt: row.seen_at.toISOString(),
    leased: row.leased,
  };
}

interface TaskColumns {
  id: string;
  task: string;
  state: QueuedTask['status'];
  priority: number;
  order_key: string | null;
  run_id: string;
  workflow_id: string;
  workflow_name: string;
  occurrence: string;
  attempt: number;
  queued_at: Date;
  worker: string | null;
  lease_until: Date | null;
  heartbeat_at: Date | null;
  progress: Buffer | null;
  ordinal: string;
}

const priorities = ['high', 'medium', 'low'] as const;

function taskOf(row: TaskColumns): QueuedTask {
  return {
    id: row.id,
    task: row.task,
    status: row.state,
    priority: priorities[row.priority] ?? 'medium',
    ...(row.order_key === null ? {} : { orderKey: row.order_key }),
    runId: row.run_id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    step: row.occurrence,
    attempt: row.attempt,
    queuedAt: row.queued_at.toISOString(),
    ...(row.worker === null ? {} : { worker: row.worker }),
    ...(row.lease_until === null ? {} : { leaseUntil: row.lease_until.toISOString() }),
    ...(row.heartbeat_at === null ? {} : { heartbeatAt: row.heartbeat_at.toISOString() }),
    ...(row.progress === null ? {} : { progress: decodePayload(row.progress) }),
  };
}
