import { snapshotFormat } from '@parley/engine';
import type { RunPriority } from '@parley/ir';
import type { Pool } from '@parley/postgres';
import { GatheredReads } from '../engine/gathered-reads.js';
import type { ParentRun } from '../engine/turn-record.js';
import { turnsAtOnce, type TurnRow } from './run-turns.pg.js';

/** Runs whose beginnings are read together; of their turns, whose sizes are not known, fewer. */
const headsMax = 200;
const tailsMax = 32;

/** What does not change about a run. */
export interface RunColumns {
  id: string;
  tenant_id: string;
  workflow_id: string;
  workflow_name: string;
  version: number;
  ir_hash: string;
  started_by: string;
  priority: RunPriority | null;
  rerun_of: string | null;
  parent: ParentRun | null;
  scheduled_by: string | null;
  nominal_time: Date | null;
  created_at: Date;
}

/** With its latest snapshot that this release reads. */
export interface StoredHead extends RunColumns {
  ended_at: Date | null;
  snapshot_position: number | null;
  snapshot_state: Buffer | null;
}

interface RunTail {
  readonly runId: string;
  /** First position that is wanted. */
  readonly from: number;
}

/**
 * What it takes to bring runs into memory, of all that are wanted at the same time in few statements:
 * after a takeover these are thousands, and so they are when many timers are due at once.
 */
export class StoredRuns {
  private readonly pool: Pool;
  private readonly heads: GatheredReads<string, StoredHead | undefined>;
  private readonly tails: GatheredReads<RunTail, readonly TurnRow[]>;

  /** @param pool of the role `workflow_system` */
  constructor(pool: Pool) {
    this.pool = pool;
    this.heads = new GatheredReads((runIds) => this.readHeads(runIds), headsMax);
    this.tails = new GatheredReads((asked) => this.readTails(asked), tailsMax);
  }

  head(runId: string): Promise<StoredHead | undefined> {
    return this.heads.ask(runId);
  }

  /** The first turns from a position on, as many as are read at a time. */
  turns(tail: RunTail): Promise<readonly TurnRow[]> {
    return this.tails.ask(tail);
  }

  private async readHeads(runIds: readonly string[]): Promise<(StoredHead | undefined)[]> {
    const { rows } = await this.pool.query<StoredHead>({
      name: 'run_heads',
      text: `SELECT id, tenant_id, workflow_id, workflow_name, version, ir_hash, started_by, priority, rerun_of,
         parent, scheduled_by, nominal_time, created_at, ended_at,
         snapshot.position AS snapshot_position, snapshot.state AS snapshot_state
       FROM run LEFT JOIN LATERAL (
         SELECT position, state FROM run_snapshot WHERE run_id = run.id AND format = $2
         ORDER BY position DESC LIMIT 1) AS snapshot ON true
       WHERE id = ANY ($1)`,
      values: [runIds, snapshotFormat],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return runIds.map((id) => found.get(id));
  }

  private async readTails(asked: readonly RunTail[]): Promise<(readonly TurnRow[])[]> {
    const { rows } = await this.pool.query<TurnRow & { at: number }>({
      name: 'run_tails',
      text: `SELECT asked.at::int4 AS at, turn.position, turn.entries
       FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS asked(run_id, first, at)
       CROSS JOIN LATERAL (
         SELECT position, entries FROM journal
         WHERE run_id = asked.run_id AND position >= asked.first
         ORDER BY position LIMIT $3) AS turn
       ORDER BY asked.at, turn.position`,
      values: [asked.map(({ runId }) => runId), asked.map(({ from }) => from), turnsAtOnce],
    });
    const found = Map.groupBy(rows, ({ at }) => at);
    return asked.map((_, index) => found.get(index + 1) ?? []);
  }
}
