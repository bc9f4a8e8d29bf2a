import type { Pool } from 'pg';
import type { Ir } from '@parley/ir';
import type { ObjectStore } from '@parley/objects';
import { StoredRuns, type RunColumns } from '../journal/stored-runs.pg.js';
import { askAsSystem, RunTurns } from '../journal/run-turns.pg.js';
import { EntryReader } from '../payloads/entry-reader.js';
import { KnownClaims } from '../payloads/known-claims.js';
import { ObjectRows } from '../payloads/object-rows.pg.js';
import { decodePayload, encodePayload } from './codec.js';
import { PgReplicaStore } from '../replicas/replica-store.pg.js';
import { flushStatement } from './flush-statement.js';
import { GatheredReads } from './gathered-reads.js';
import type {
  DueTimer,
  JournalStore,
  KnownStart,
  NotableTurn,
  StoredRun,
  TimerPlace,
} from './journal-store.js';
import type { Passage } from './relay.js';
import { passageColumns } from './relay-bus.pg.js';
import { partitionOfRun } from './run-id.js';
import { TimerRows } from './timer-rows.pg.js';
import type { Message, MessageBody, PlacedTurn, RunFacts } from './turn-record.js';

interface MessageColumns {
  id: string;
  tenant_id: string;
  run_id: string;
  body: Buffer;
}

type NotableColumns = Pick<
  RunColumns,
  'id' | 'tenant_id' | 'workflow_id' | 'version' | 'started_by'
> & {
  partition: number;
  seq: string | number;
  entries: Buffer;
};

interface StartKey {
  readonly tenantId: string;
  readonly key: string;
}

/**
 * The journal in PostgreSQL: a flush writes only through the partition rows that it has locked.
 *
 * J5  Large values of entries are durable objects before the flush that refers to them begins.
 */
export class PgJournalStore implements JournalStore {
  readonly replicas: PgReplicaStore;
  private readonly pool: Pool;
  /** Every start with a key asks whether it has been used. */
  private readonly startKeys: GatheredReads<StartKey, KnownStart | undefined>;
  private readonly entries: EntryReader;
  private readonly turns: RunTurns;
  private readonly stored: StoredRuns;
  private readonly objects: ObjectRows;
  private readonly timers: TimerRows;

  /**
   * @param pool of the role `workflow_system`
   * @param reads the level of the journal up to which this process reads it
   */
  constructor(pool: Pool, objects: ObjectStore, reads?: number) {
    this.pool = pool;
    this.replicas = new PgReplicaStore(pool, reads);
    this.startKeys = new GatheredReads((asked) => this.readStartKeys(asked));
    this.entries = new EntryReader(objects);
    this.turns = new RunTurns(askAsSystem(pool), this.entries);
    this.objects = new ObjectRows(pool, objects);
    this.stored = new StoredRuns(pool);
    this.timers = new TimerRows(pool);
  }

  async flush(
    epochs: ReadonlyMap<number, number>,
    turns: readonly PlacedTurn[],
  ): Promise<readonly number[]> {
    const claims = turns.flatMap(({ tenantId, claims = [] }) =>
      claims.map((claim) => ({ ...claim, tenantId })),
    );
    if (claims.length > 0) await this.objects.keep(claims); // J5
    const partitions = [...new Set(turns.map((turn) => turn.partition))];
    const statement = flushStatement(
      partitions.map((id) => ({ id, epoch: epochs.get(id) ?? -1 })),
      turns,
    );
    const { rows } = await this.pool.query<{ owned: number[] | null }>(statement);
    const owned = new Set(rows[0]?.owned);
    return partitions.filter((id) => !owned.has(id));
  }

  async loadRun(runId: string): Promise<StoredRun | undefined> {
    const head = await this.stored.head(runId);
    if (head === undefined) return undefined;
    const run = { tenantId: head.tenant_id, runId };
    const claimed = new KnownClaims();
    const { snapshot_position: position, snapshot_state: state } = head;
    const from = (position ?? 0) + 1;
    const first = () => this.stored.turns({ runId, from });
    const turns = this.turns.read(run, { from, known: claimed, first });
    const since =
      position === null || state === null
        ? {}
        : { snapshot: await this.turns.restored(run, { position, state }, claimed) };
    const ended = head.ended_at === null ? {} : { endedAt: head.ended_at.getTime() };
    return { facts: factsOf(head), ...ended, ...since, turns, claimed };
  }

  async loadIr(tenantId: string, irHash: string): Promise<Ir | undefined> {
    const { rows } = await this.pool.query<{ ir: Buffer }>(
      'SELECT ir FROM compiled_definition WHERE tenant_id = $1 AND ir_hash = $2',
      [tenantId, irHash],
    );
    return rows[0] === undefined ? undefined : decodePayload<Ir>(rows[0].ir);
  }

  findStartKey(tenantId: string, key: string): Promise<KnownStart | undefined> {
    return this.startKeys.ask({ tenantId, key });
  }

  private async readStartKeys(asked: readonly StartKey[]): Promise<(KnownStart | undefined)[]> {
    const [only] = asked;
    // Planned once: for a single key there is but the index, whatever is in the table then.
    if (only !== undefined && asked.length === 1) return [await this.readStartKey(only)];
    const { rows } = await this.pool.query<{ n: number; fingerprint: string; run_id: string }>({
      text: `SELECT asked.n, fingerprint, run_id
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked(tenant_id, key, n)
        JOIN start_key USING (tenant_id, key)`,
      values: [asked.map(({ tenantId }) => tenantId), asked.map(({ key }) => key)],
    });
    const known = new Map(rows.map((row) => [row.n, row]));
    return asked.map((_, at) => {
      const row = known.get(at + 1);
      return row && { fingerprint: row.fingerprint, runId: row.run_id };
    });
  }

  private async readStartKey({ tenantId, key }: StartKey): Promise<KnownStart | undefined> {
    const { rows } = await this.pool.query<{ fingerprint: string; run_id: string }>({
      name: 'start_key',
      text: 'SELECT fingerprint, run_id FROM start_key WHERE tenant_id = $1 AND key = $2',
      values: [tenantId, key],
    });
    const [row] = rows;
    return row && { fingerprint: row.fingerprint, runId: row.run_id };
  }

  async findStartKeys(
    tenantId: string,
    keys: readonly string[],
  ): Promise<Map<string, { fingerprint: string; runId: string }>> {
    const { rows } = await this.pool.query<{ key: string; fingerprint: string; run_id: string }>(
      'SELECT key, fingerprint, run_id FROM start_key WHERE tenant_id = $1 AND key = ANY ($2)',
      [tenantId, keys],
    );
    return new Map(
      rows.map(({ key, fingerprint, run_id }) => [key, { fingerprint, runId: run_id }]),
    );
  }

  async busyRuns(partitions: readonly number[]): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT id FROM run WHERE partition = ANY ($1)
         AND status IN ('pending', 'running', 'suspended', 'compensating') ORDER BY id`,
      [partitions],
    );
    return rows.map(({ id }) => id);
  }

  tenantsWithTimers(timeMs: number): Promise<string[]> {
    return this.timers.tenants(timeMs);
  }

  timersDueBefore(
    timeMs: number,
    limit: number,
    partitions: readonly number[],
    after: readonly TimerPlace[],
  ): Promise<DueTimer[]> {
    return this.timers.dueBefore(timeMs, limit, partitions, after);
  }

  async notableTurns(limit: number, partitions: readonly number[]): Promise<NotableTurn[]> {
    const { rows } = await this.pool.query<NotableColumns>(
      `SELECT turn.partition, turn.seq, turn.entries, run.id, run.tenant_id, run.workflow_id,
         run.version, run.started_by
       FROM relay_cursor CROSS JOIN LATERAL (
         SELECT journal.partition, journal.seq, journal.run_id, journal.entries FROM journal
         WHERE journal.partition = relay_cursor.partition AND journal.seq > relay_cursor.seq
           AND journal.notable
         ORDER BY journal.seq LIMIT $1) turn
       JOIN run ON run.id = turn.run_id
       WHERE relay_cursor.partition = ANY ($2) ORDER BY turn.partition, turn.seq`,
      [limit, partitions],
    );
    return Promise.all(
      rows.map(async (row) => ({
        partition: row.partition,
        seq: Number(row.seq),
        run: {
          runId: row.id,
          tenantId: row.tenant_id,
          workflowId: row.workflow_id,
          version: row.version,
          startedBy: row.started_by,
        },
        entries: await this.entries.readOne(row.tenant_id, row.entries),
      })),
    );
  }

  async passTurns(passages: readonly Passage[]): Promise<boolean> {
    const { rows } = await this.pool.query<{ passed: boolean }>({
      name: 'pass_turns',
      text: 'SELECT pass_turns($1, $2, $3) AS passed',
      values: passageColumns(passages),
    });
    return rows[0]?.passed === true;
  }

  async messagesFor(partitions: readonly number[], limit: number): Promise<Message[]> {
    const { rows } = await this.pool.query<MessageColumns>(
      `SELECT id, tenant_id, run_id, body FROM inbox WHERE partition = ANY ($1)
       ORDER BY ordinal LIMIT $2`,
      [partitions, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      tenantId: row.tenant_id,
      runId: row.run_id,
      body: decodePayload<MessageBody>(row.body),
    }));
  }

  async settleMessage(
    heard: Message,
    owned: { readonly id: number; readonly epoch: number },
    answer?: Message,
  ): Promise<boolean> {
    const { rows } = await this.pool.query<{ owned: string | number }>(
      `WITH owned AS MATERIALIZED (
         SELECT id FROM partition WHERE id = $1 AND epoch = $2 FOR NO KEY UPDATE
       ), gone AS (
         DELETE FROM inbox USING owned WHERE inbox.partition = owned.id AND inbox.id = $3
         RETURNING inbox.id
       ), said AS (
         INSERT INTO inbox (partition, id, tenant_id, run_id, body)
         SELECT $4::int, $5::text, $6::text, $7::text, $8::bytea FROM gone WHERE $5::text IS NOT NULL
       )
       SELECT count(*) AS owned FROM owned`,
      [
        owned.id,
        owned.epoch,
        heard.id,
        answer === undefined ? null : (partitionOfRun(answer.runId) ?? 0),
        answer?.id ?? null,
        answer?.tenantId ?? null,
        answer?.runId ?? null,
        answer === undefined ? null : encodePayload(answer.body),
      ],
    );
    return Number(rows[0]?.owned) === 1;
  }
}

function factsOf(row: RunColumns): RunFacts {
  return {
    runId: row.id,
    tenantId: row.tenant_id,
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    version: row.version,
    irHash: row.ir_hash,
    startedBy: row.started_by,
    ...(row.priority === null ? {} : { priority: row.priority }),
    ...(row.rerun_of === null ? {} : { rerunOf: row.rerun_of }),
    ...(row.parent === null ? {} : { parent: row.parent }),
    ...(row.scheduled_by === null ? {} : { scheduledBy: row.scheduled_by }),
    ...(row.nominal_time === null ? {} : { nominalTime: row.nominal_time.toISOString() }),
    createdAt: row.created_at.getTime(),
  };
}
