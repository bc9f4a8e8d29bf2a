import { AppError, parseJson } from '@parley/kernel';
import pg from 'pg';
import { backoffMs, sleep } from './backoff.js';
import { databaseError, isConnectionLoss } from './database-error.js';

/** A `pg` pool whose `query` and `connect` reject with AppErrors. */
export type Pool = pg.Pool;
/** A connection taken from a pool; its own `query` rejects with raw `pg` errors. */
export type PoolClient = pg.PoolClient;
/** A statement that each connection prepares once, under its name, and then only runs. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Anything that runs one statement: a pool, a pool's client, a single connection. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    statement: string | PreparedStatement,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>>;
}

export interface PoolOptions {
  /** Most connections. @default 10 */
  readonly max?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** The server cancels a statement after this. @default 15000 */
  readonly statementTimeoutMs?: number;
  /** Told about connections that are lost while idle or between two statements. */
  readonly onConnectionError?: (error: Error) => void;
}

const connectTimeoutMs = 5_000;
/** A new connection costs a process, a proof of the password and all plans: whoever waits notices. */
const idleTimeoutMs = 300_000;
/** What lies between drops connections on which nothing is said for minutes. */
const keepAliveMs = 30_000;
/** A transaction that its process forgot must not hold locks for ever. */
const idleInTransactionMs = 60_000;

type ColumnOid = Parameters<typeof pg.types.getTypeParser>[0];

/**
 * How column types are read. `int8` is a number, and an error when a double cannot carry it, so
 * nothing is rounded silently. `numeric` stays text (it has no size limit). `date` stays text: a
 * `Date` would shift it by the time zone. All else as `pg` does it: `timestamptz` is a `Date`,
 * `json` and `jsonb` are parsed without loss (`jsonb` itself sorts the keys of objects).
 */
const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: ColumnOid, format?: 'text') => {
    if (format !== ('binary' as string)) {
      if (oid === pg.types.builtins.INT8) return safeInteger;
      if (oid === pg.types.builtins.DATE) return (text: string) => text;
      if (oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB) return parseJson;
    }
    return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
  }) as typeof pg.types.getTypeParser,
};

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`int8 ${text} does not fit a number; select it as text`);
  }
  return value;
}

class MappingPool extends pg.Pool {
  override connect(...args: unknown[]): never {
    const connect = super.connect.bind(this) as (...rest: unknown[]) => unknown;
    // With a callback it is the pool's own call, inside `query`.
    return (args.length > 0 ? connect(...args) : mapped(connect())) as never;
  }

  override query(...args: unknown[]): never {
    const query = super.query.bind(this) as (...rest: unknown[]) => unknown;
    const withCallback = typeof args.at(-1) === 'function';
    return (withCallback ? query(...args) : mapped(query(...args))) as never;
  }
}

function mapped(result: unknown): unknown {
  return (result as Promise<unknown>).catch((error: unknown) => {
    throw databaseError(error);
  });
}

/** What every connection of Parley is made with. */
export function connectionConfig(url: string, options: PoolOptions): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: columnTypes,
  };
}

/**
 * A pool that survives the database: a lost connection never crashes the process, statements fail
 * with AppError `unavailable` while the server is away and work again when it is back.
 */
export function createPool(url: string, options: PoolOptions): Pool {
  const pool = new MappingPool({
    ...connectionConfig(url, options),
    max: options.max ?? 10,
    idleTimeoutMillis: idleTimeoutMs,
  });
  const lost = options.onConnectionError ?? (() => undefined);
  pool.on('error', lost);
  // The pool listens only on idle clients: one that is checked out and loses its connection between
  // two statements would otherwise raise an unhandled 'error' event and end the process.
  pool.on('connect', (client) => {
    client.on('error', lost);
  });
  return pool;
}

/** Waits until the database answers. @throws AppError `unavailable` after `timeoutMs`. */
export async function waitForDatabase(
  pool: Queryable,
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  for (let attempt = 1; ; attempt++) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      const waitMs = backoffMs(attempt, { baseMs: 100, maxMs: 2_000 });
      if (!isConnectionLoss(error)) throw error;
      if (options.signal?.aborted === true || Date.now() + waitMs > deadline) {
        throw new AppError('unavailable', 'the database did not answer at start', {
          cause: error,
        });
      }
      await sleep(waitMs, options.signal);
    }
  }
}
