import { runStalled } from '@parley/contracts';
import { eventFacts } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool } from '@parley/postgres';

/** A live run, and the place after which looking goes on. */
export interface LookedAt {
  readonly runId: string;
  readonly tenantId: string;
  readonly partition: number;
  /** No table says what could move it. */
  readonly isIdle: boolean;
}

export type Place = Pick<LookedAt, 'runId' | 'partition'>;

export const firstPlace: Place = { partition: -1, runId: '' };

/** A run that nothing moves, as whoever carries it out sees it. */
export interface IdleRun {
  readonly tenantId: string;
  readonly runId: string;
  readonly position: number;
  /** Runs that it waits for, also such as have not begun. */
  readonly children: readonly string[];
  /** What workers are to do for it. */
  readonly tasks: readonly string[];
}

const isLive = `status IN ('pending', 'running', 'waiting', 'suspended', 'compensating')`;

/**
 * That there is no such row, looked up by an index for each run: with NOT EXISTS all rows of the table may
 * be read instead, and a million runs may sleep.
 */
const none = (from: string, condition: string) =>
  `(SELECT true FROM ${from} WHERE ${condition} LIMIT 1) IS NULL`;

/** Whether no row anywhere says that something will be told to the run `one`. */
const isIdle = `one.status <> 'suspended'
  AND ${none('timer t', 't.run_id = one.id')}
  AND ${none('subscription s', 's.run_id = one.id')}
  AND ${none('approval a', `a.run_id = one.id AND a.status = 'pending'`)}
  AND NOT EXISTS (SELECT FROM inbox i WHERE i.partition = one.partition AND i.run_id = one.id)
  AND ${none('run child', `child.parent_run_id = one.id AND child.${isLive}`)}`;

/** Where it is written down which runs are stalled, and read which may be. */
export class StalledRuns {
  private readonly system: Pool;
  private readonly app: Pool;

  /**
   * @param system pool of the role `workflow_system`, which looks at every tenant
   * @param app pool of the role `workflow_app`
   */
  constructor(system: Pool, app: Pool) {
    this.system = system;
    this.app = app;
  }

  /** The next live runs of these partitions that may be stalled, and the last that was looked at. */
  async look(
    after: Place,
    of: {
      readonly partitions: readonly number[];
      readonly unmovedSince: Date;
      readonly limit: number;
    },
  ): Promise<LookedAt[]> {
    const { rows } = await this.system.query<{
      id: string;
      tenant_id: string;
      partition: number;
      idle: boolean;
    }>(
      // Whoever has a timer is left out before its row is read: almost all that sleep have one, and their
      // rows are all over the table.
      `WITH judged AS MATERIALIZED (
         SELECT id, partition, row_number() OVER (ORDER BY partition DESC, id DESC) AS n,
           CASE WHEN ${none('timer t', 't.run_id = place.id')}
             THEN (SELECT updated_at < $5 AND ${isIdle} FROM run one WHERE one.id = place.id)
             ELSE false END AS idle
         FROM live_runs($1, $2, $3, $4) AS place
       )
       SELECT id, (SELECT tenant_id FROM run WHERE run.id = judged.id) AS tenant_id, partition, idle
       FROM judged WHERE idle OR n = 1 ORDER BY partition, id`,
      [after.partition, after.runId, of.partitions, of.limit, of.unmovedSince],
    );
    return rows.map((row) => ({
      runId: row.id,
      tenantId: row.tenant_id,
      partition: row.partition,
      isIdle: row.idle,
    }));
  }

  /**
   * Writes down that a run is stalled, unless something has come up for it since.
   * @returns whether that was not known; then the event of it is written, too
   */
  async record(
    { tenantId, runId, position, children, tasks }: IdleRun,
    at: Date,
  ): Promise<boolean> {
    return withTenant(this.app, tenantId, async (client) => {
      const { rows } = await client.query<{ workflow_id: string }>(
        `WITH found AS (
           SELECT id, tenant_id, workflow_id, position FROM run one
           WHERE id = $1 AND position = $2 AND ${isLive} AND ${isIdle}
             AND NOT EXISTS (SELECT FROM inbox i WHERE i.run_id = ANY ($3))
             AND NOT EXISTS (SELECT FROM run child WHERE child.id = ANY ($3) AND child.${isLive})
             AND NOT EXISTS (SELECT FROM worker_task w WHERE w.id = ANY ($5))
         ), written AS (
           INSERT INTO stalled_run (run_id, tenant_id, position, found_at)
           SELECT id, tenant_id, position, $4 FROM found
           ON CONFLICT (run_id) DO UPDATE SET position = excluded.position, found_at = excluded.found_at
             WHERE stalled_run.position <> excluded.position
           RETURNING run_id
         )
         SELECT workflow_id FROM found JOIN written ON written.run_id = found.id`,
        [runId, position, children, at, tasks],
      );
      const [row] = rows;
      if (row === undefined) return false;
      const facts = eventFacts(tenantId, runId);
      const envelope = runStalled.create({ runId, workflowId: row.workflow_id }, facts);
      await appendOutbox(client, [{ envelope }]);
      return true;
    });
  }

  /** Forgets those that have moved. */
  async forgetMoved(): Promise<void> {
    await this.system.query(
      `DELETE FROM stalled_run s WHERE NOT EXISTS (
         SELECT FROM run WHERE run.id = s.run_id AND run.position = s.position AND run.${isLive})`,
    );
  }
}
