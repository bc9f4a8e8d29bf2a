import { runError } from '@parley/engine';
import { withTransaction, type Pool } from '@parley/postgres';
import type { CallOutcome } from '../engine/run-calls.js';
import type { Message } from '../engine/turn-record.js';
import { messageOf, tellRuns, type EndedTask } from './worker-task-store.pg.js';

/** Leases that one look ends; the rest is for the next. */
const expiredMax = 500;

interface ExpiredTask extends EndedTask {
  worker: string;
  lease_ms: number;
}

export interface LookAtLeases {
  readonly now: Date;
  readonly areOver: boolean;
}

/** Leases of all tenants. */
export class LeaseStore {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** What time it is, and whether leases of tasks of runs of these partitions are over. */
  async look(partitions: readonly number[]): Promise<LookAtLeases> {
    const { rows } = await this.pool.query<LookAtLeases>({
      name: 'look_at_leases',
      text: `SELECT clock_timestamp() AS now, EXISTS (SELECT FROM worker_task
        WHERE partition = ANY ($1) AND state = 'leased' AND lease_until < statement_timestamp()) AS "areOver"`,
      values: [partitions],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('the database does not know what time it is');
    return row;
  }

  /** Ends leases that were over at `now`, of tasks of runs of these partitions, and tells the runs. */
  async expire(partitions: readonly number[], now: Date): Promise<Message[]> {
    return withTransaction(this.pool, async (client) => {
      const { rows } = await client.query<ExpiredTask>(
        `UPDATE worker_task SET state = 'ended' FROM (
           SELECT id FROM worker_task
           WHERE partition = ANY ($1) AND state = 'leased' AND lease_until < $3
           ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED) expired
         WHERE worker_task.id = expired.id
         RETURNING worker_task.id, tenant_id, run_id, occurrence, attempt, worker, lease_ms`,
        [partitions, expiredMax, now],
      );
      const messages = rows.map((row) => messageOf(row, leaseExpired(row)));
      if (messages.length > 0) await tellRuns(client, messages);
      return messages;
    });
  }

  /** Every lease of these partitions lasts for its whole time from now. */
  async grace(partitions: readonly number[]): Promise<void> {
    await this.pool.query(
      `UPDATE worker_task SET lease_until = clock_timestamp() + lease_ms * interval '1 ms'
       FROM (SELECT id FROM worker_task WHERE partition = ANY ($1) AND state = 'leased'
             FOR UPDATE SKIP LOCKED) leased
       WHERE worker_task.id = leased.id`,
      [partitions],
    );
  }

  async forgetWorkers(): Promise<void> {
    await this.pool.query(
      `DELETE FROM queue_worker WHERE seen_at < clock_timestamp() - interval '1 day'`,
    );
  }
}

/** Some of the work may have been done. */
function leaseExpired({ worker, lease_ms: leaseMs }: ExpiredTask): CallOutcome {
  const seconds = String(Math.round(leaseMs / 1_000));
  const detail = `Worker "${worker}" had taken the task and was not heard of for ${seconds} seconds.`;
  const error = runError('leaseExpired', 'The worker was lost', { detail });
  return { kind: 'failed', outcome: 'ambiguous', error };
}
