import pg from 'pg';
import { backoffMs, sleep } from './backoff.js';
import { databaseError } from './database-error.js';
import { connectionConfig } from './pool.js';

export interface ListenerOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly channels: readonly string[];
  readonly onNotification: (payload: string, channel: string) => void;
  /**
   * The session is there, at first and after each loss; notifications may have been missed in
   * between. A rejection makes the listener connect anew.
   */
  readonly onSession?: (client: pg.ClientBase) => Promise<void>;
  /** The session, with every lock it held, is gone. */
  readonly onLost?: () => void;
  readonly onError?: (error: unknown) => void;
}

const pingMs = 30_000;
const pingTimeoutMs = 10_000;
const reconnect = { baseMs: 100, maxMs: 5_000 };
/** Makes the server notice a vanished host within half a minute instead of two hours. */
const keepalive = `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5;
  SET tcp_keepalives_count = 3`;

/** One connection of its own that listens, and comes back by itself when it is lost. */
export class Listener {
  private readonly options: ListenerOptions;
  private readonly stopping = new AbortController();
  private current: pg.Client | undefined;
  private running: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.options = options;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the session; the listener connects anew. */
  reset(): void {
    void this.current?.end();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.current?.end();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.session(() => {
          failures = 0;
        });
      } catch (error) {
        if (!signal.aborted) this.options.onError?.(databaseError(error));
      }
      if (!signal.aborted) await sleep(backoffMs(++failures, reconnect), signal);
    }
  }

  /** Connects, listens, and returns or throws when the connection ends. */
  private async session(established: () => void): Promise<void> {
    const { options } = this;
    const client = new pg.Client(connectionConfig(options.url, options));
    let failed: Error | undefined;
    client.on('error', (error) => {
      failed = error;
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('notification', (note) => options.onNotification(note.payload ?? '', note.channel));
    await client.connect();
    this.current = client;
    const pings = setInterval(() => void this.ping(client), pingMs);
    try {
      if (this.stopping.signal.aborted) return;
      await client.query(keepalive);
      for (const channel of options.channels) {
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      }
      await options.onSession?.(client);
      established();
      await ended;
      if (failed !== undefined) throw failed;
    } finally {
      clearInterval(pings);
      this.current = undefined;
      await client.end().catch(() => undefined); // it may have ended by itself
      options.onLost?.();
    }
  }

  /** A peer that vanished without a word is noticed by its silence. */
  private async ping(client: pg.Client): Promise<void> {
    const silence = setTimeout(() => client.connection.stream.destroy(), pingTimeoutMs);
    try {
      await client.query('SELECT 1');
    } catch {
      // The connection is ending: `session` reports why.
    } finally {
      clearTimeout(silence);
    }
  }
}
