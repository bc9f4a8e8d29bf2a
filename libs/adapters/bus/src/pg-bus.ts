import { binaryArray, databaseError, Listener, type Pool, type Queryable } from '@parley/postgres';
import type pg from 'pg';
import { Announcer, busChannel } from './announcer.js';
import {
  deadLetterTopic,
  type Bus,
  type BusEvent,
  type BusPositions,
  type BusSubscription,
  type FailurePlace,
  type SubscribeOptions,
} from './bus.js';
import { outgoing, type OutgoingEvent } from './envelope-check.js';
import { GroupStore, positionsText, type Start } from './group-store.js';
import { Subscription } from './subscription.js';

export interface PgBusOptions {
  /** Pool of the service's system role. */
  readonly pool: Pool;
  /**
   * URL of the system role for the bus's own session, straight to the server: it listens and holds
   * locks, which a pooler in transaction mode would lose.
   */
  readonly url: string;
  readonly applicationName: string;
  /**
   * Told of every failure, those that the bus gets over by itself included; `at` is the event where
   * a handler failed.
   */
  readonly onError?: (error: unknown, at?: FailurePlace) => void;
}

/** How long an event waits at most when no notification came through. */
const backstopMs = 5_000;
const backstopJitterMs = 1_000;
/** Polls between two looks for events past their retention, about ten minutes. */
const pollsPerPrune = 120;
const prunedPerPartition = 5_000;

/**
 * The bus on the log in schema `bus` (see `sql/bus` of @parley/postgres for its invariants). One
 * per process: the pool publishes and reads, one more connection listens and keeps the process's
 * memberships alive.
 */
export class PgBus implements Bus {
  private readonly options: PgBusOptions;
  private readonly announcer: Announcer;
  /** What this process has published to: few, as a topic has one publisher. */
  private readonly published = new Set<string>();
  private readonly listener: Listener;
  private readonly subscriptions = new Set<Subscription>();
  private readonly onError: (error: unknown, at?: FailurePlace) => void;
  private session: pg.ClientBase | undefined;
  private backstop: NodeJS.Timeout | undefined;
  private polls = 0;
  private isStopped = false;

  constructor(options: PgBusOptions) {
    this.options = options;
    this.onError = options.onError ?? (() => undefined);
    this.announcer = new Announcer(options.pool, (error) => this.onError(error));
    this.listener = new Listener({
      url: options.url,
      applicationName: `${options.applicationName} bus`,
      channels: [busChannel],
      onNotification: (payload) => this.notified(payload),
      onSession: (client) => this.sessionStarted(client),
      onLost: () => this.sessionLost(),
      onError: (error) => this.onError(error),
    });
  }

  async publish(topic: string, events: readonly BusEvent[]): Promise<void> {
    await this.publishWithin(this.options.pool, topic, events);
    this.committed();
  }

  /**
   * Publishes when the transaction of `client` commits; call `committed` after it. Until then it
   * holds back who else publishes to the topic: keep it short, and publish to several topics in the
   * order of their names.
   */
  async publishWithin(
    client: Queryable,
    topic: string,
    events: readonly BusEvent[],
  ): Promise<void> {
    if (events.length === 0) return;
    const checked = events.map((event) => outgoing(topic, event));
    const values = this.publication(topic, checked);
    try {
      await client.query({ name: 'bus.publish', text: 'SELECT bus.publish($1, $2, $3)', values });
    } catch (error) {
      throw databaseError(error);
    }
  }

  /**
   * The arguments of the database's `bus.publish`, for a statement that publishes and does something
   * else; call `committed` after it, and mind what is said of `publishWithin`.
   */
  publication(
    topic: string,
    events: readonly OutgoingEvent[],
  ): [topic: string, keys: Buffer, envelopes: Buffer] {
    const keys = events.map(({ key }) => key);
    const texts = events.map(({ text }) => text);
    this.published.add(topic);
    return [topic, binaryArray('text', keys), binaryArray('text', texts)];
  }

  committed(): void {
    this.announcer.announce(this.published);
  }

  subscribe(options: SubscribeOptions): BusSubscription {
    const store = new GroupStore(this.options.pool, options.group);
    const subscription = new Subscription(options, store, {
      onError: this.onError,
      notifyGroup: (group) => this.notifyGroup(group),
      resetSession: () => this.listener.reset(),
      buried: () => this.announcer.announce([deadLetterTopic(options.group)]),
      stopped: (stopped) => this.subscriptions.delete(stopped),
    });
    this.subscriptions.add(subscription);
    this.start();
    if (this.session !== undefined) {
      this.attach(subscription, this.session).catch(() => this.listener.reset());
    }
    return subscription;
  }

  async positions(topics: readonly string[]): Promise<BusPositions> {
    const { rows } = await this.options.pool.query<{ id: string; position: number }>(
      `SELECT topic || '/' || partition AS id, position FROM bus.heads($1)`,
      [topics],
    );
    return Object.fromEntries(rows.map((row) => [row.id, row.position]));
  }

  async seek(group: string, topics: readonly string[], to: Start): Promise<void> {
    await this.options.pool.query('SELECT bus.seek($1, $2, $3, $4)', [
      group,
      topics,
      to === 'now',
      positionsText(to),
    ]);
    this.notifyGroup(group);
  }

  /** Events that a group has still to handle. */
  async lag(group: string): Promise<number> {
    const { rows } = await this.options.pool.query<{ lag: number }>('SELECT bus.lag($1) AS lag', [
      group,
    ]);
    return rows[0]?.lag ?? 0;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.announcer.idle();
    clearTimeout(this.backstop);
    await this.listener.stop();
  }

  private start(): void {
    this.listener.start();
    if (this.backstop === undefined) this.schedulePoll();
  }

  private schedulePoll(): void {
    const waitMs = backstopMs + Math.random() * backstopJitterMs;
    this.backstop = setTimeout(() => this.poll(), waitMs).unref();
  }

  private poll(): void {
    for (const subscription of this.subscriptions) subscription.wake({ claim: true });
    if (++this.polls % pollsPerPrune === 1) {
      this.prune().catch((error: unknown) => this.onError(error));
    }
    this.schedulePoll();
  }

  /** In pieces, until nothing is left that is too old: as much goes as has come. */
  private async prune(): Promise<void> {
    for (let dropped = prunedPerPartition; dropped >= prunedPerPartition && !this.isStopped;) {
      const { rows } = await this.options.pool.query<{ dropped: string | number }>(
        'SELECT bus.prune($1) AS dropped',
        [prunedPerPartition],
      );
      dropped = Number(rows[0]?.dropped);
    }
  }

  private notified(payload: string): void {
    const [kind, ...names] = payload.split(' ');
    for (const subscription of this.subscriptions) {
      if (kind === 'group') {
        if (names.includes(subscription.options.group)) subscription.wake({ claim: true });
      } else if (readsOneOf(subscription.options.topics, names)) {
        subscription.wake({ topics: names });
      }
    }
  }

  private async sessionStarted(client: pg.ClientBase): Promise<void> {
    this.session = client;
    const all = [...this.subscriptions];
    await Promise.all(all.map((subscription) => this.attach(subscription, client)));
  }

  private sessionLost(): void {
    this.session = undefined;
    for (const subscription of this.subscriptions) subscription.detach();
  }

  private attach(subscription: Subscription, client: pg.ClientBase): Promise<void> {
    return subscription.attach(async (group) => {
      const { rows } = await client.query<{ id: number }>('SELECT bus.join_group($1) AS id', [
        group,
      ]);
      return rows[0]?.id ?? Number.NaN;
    });
  }

  private notifyGroup(group: string): void {
    this.options.pool
      .query('SELECT pg_notify($1, $2)', [busChannel, `group ${group}`])
      .catch((error: unknown) => this.onError(error)); // the others find out at their next poll
  }
}

function readsOneOf(wanted: readonly string[], names: readonly string[]): boolean {
  return wanted.includes('*') || names.some((name) => wanted.includes(name));
}
