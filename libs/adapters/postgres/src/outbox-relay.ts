import type { EventEnvelope } from '@parley/contracts';
import { backoffMs } from './backoff.js';
import { Listener } from './listener.js';
import type { Pool, PoolClient, Queryable } from './pool.js';
import { withTransaction } from './transaction.js';
import { WakeUp } from './wake-up.js';

/** Where the relay puts events; the bus adapter is one. */
export interface RelayTarget {
  /**
   * Publishes events of one topic in the given order. A target in the same database writes through
   * `client` and so moves them exactly once; another answers when it has them for good.
   */
  publishWithin(
    client: PoolClient,
    topic: string,
    events: readonly { key: string; envelope: EventEnvelope; text: string }[],
  ): Promise<void>;
  /** The transaction of `publishWithin` is committed. */
  committed(): void;
}

export interface OutboxRelayOptions {
  /** Pool of the service's system role. */
  readonly pool: Pool;
  /** URL of the system role, for the connection that listens. */
  readonly url: string;
  readonly schema: string;
  readonly target: RelayTarget;
  readonly onError?: (error: unknown) => void;
  /** Only what no hint announced waits this long. @default 5_000 */
  readonly backstopMs?: number;
}

const batchRows = 500;
const backstopMsDefault = 5_000;
const retry = { baseMs: 100, maxMs: 10_000 };

interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly event: string;
}

/**
 * Moves a service's outbox to the bus, in order per key.
 *
 * R1  A row leaves the outbox in the transaction that publishes it; nothing is found by "id greater
 *     than the last", so a row whose transaction commits late is moved when it appears.
 * R2  One relay of a schema moves at a time, by an advisory lock held to the end of the transaction:
 *     two would overtake each other within a key.
 * R3  A batch never holds a version of a key without the lower ones that are visible.
 * R4  Topics are published to in the order of their names: a target that locks what it publishes to
 *     sees the same order from everybody.
 */
export class OutboxRelay {
  private readonly options: OutboxRelayOptions;
  private readonly wake = new WakeUp();
  private readonly listener: Listener;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(options: OutboxRelayOptions) {
    this.options = options;
    this.listener = new Listener({
      url: options.url,
      applicationName: `${options.schema} relay`,
      channels: [outboxChannel(options.schema)],
      onNotification: () => this.hint(),
      onSession: () => {
        this.hint();
        return Promise.resolve();
      },
      onError: options.onError,
    });
  }

  start(): void {
    this.listener.start();
    this.running ??= this.run();
    this.hint();
  }

  /** Says that a transaction with outbox rows has committed. Cheap; many hints count as one. */
  hint(): void {
    this.wake.poke();
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.poke();
    await this.running;
    await this.listener.stop();
  }

  private async run(): Promise<void> {
    const { backstopMs = backstopMsDefault } = this.options;
    for (let failures = 0; !this.stopped;) {
      await this.wake.wait(failures === 0 ? backstopMs : backoffMs(failures, retry));
      try {
        while (!this.stopped && (await this.moveBatch()) > 0);
        failures = 0;
      } catch (error) {
        failures++;
        this.options.onError?.(error);
      }
    }
  }

  private async moveBatch(): Promise<number> {
    const moved = await withTransaction(this.options.pool, async (client) => {
      await client.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('parley/relay/' || $1, 0))`, // R2
        [this.options.schema],
      );
      const { rows } = await client.query<OutboxRow>(
        // The oldest rows choose the keys; each key is taken from its lowest version on (R1, R3).
        `SELECT id, topic, key, event FROM outbox
         WHERE key IN (SELECT key FROM outbox ORDER BY id LIMIT $1)
         ORDER BY key, version, id LIMIT $1`,
        [batchRows],
      );
      const byTopic = [...Map.groupBy(rows, (row) => row.topic)];
      for (const [topic, ofTopic] of byTopic.sort(([a], [b]) => (a < b ? -1 : 1))) {
        // R4
        await this.options.target.publishWithin(client, topic, ofTopic.map(toEvent));
      }
      if (rows.length > 0) {
        await client.query('DELETE FROM outbox WHERE id = ANY ($1)', [rows.map((row) => row.id)]);
      }
      return rows.length;
    });
    if (moved > 0) this.options.target.committed();
    return moved;
  }
}

function toEvent({ key, event }: OutboxRow) {
  return { key, envelope: JSON.parse(event) as EventEnvelope, text: event };
}

/** Wakes the relays of a schema from another process, after the commit and outside of it. */
export async function hintRelays(pool: Queryable, schema: string): Promise<void> {
  await pool.query(`SELECT pg_notify($1, '')`, [outboxChannel(schema)]);
}

function outboxChannel(schema: string): string {
  return `outbox_${schema}`;
}
