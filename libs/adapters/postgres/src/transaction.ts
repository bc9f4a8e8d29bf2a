import { AppError } from '@parley/kernel';
import { databaseError } from './database-error.js';
import type { Pool, PoolClient } from './pool.js';

/**
 * Runs `fn` in a transaction: commits what it did when it returns, rolls back when it throws.
 * Database errors leave as AppErrors. A commit whose answer was lost is `unavailable`: it may have
 * happened, so the caller repeats only what is idempotent.
 */
export function withTransaction<T>(pool: Pool, fn: (client: PoolClient) => Promise<T>): Promise<T> {
  return transact(pool, () => 'BEGIN', fn);
}

/**
 * Runs `fn` in a transaction that sees the rows of `tenantId` and no others. The setting is local
 * to the transaction, so a connection that returns to the pool carries no tenant.
 */
export function withTenant<T>(
  pool: Pool,
  tenantId: string,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return transactAs(pool, { tenantId, begin: 'BEGIN' }, fn);
}

/** The same for reading several things as they were at one moment, whatever is written meanwhile. */
export function withTenantSnapshot<T>(
  pool: Pool,
  tenantId: string,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return transactAs(
    pool,
    { tenantId, begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' },
    fn,
  );
}

function transactAs<T>(
  pool: Pool,
  { tenantId, begin }: { tenantId: string; begin: string },
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  assertTenantId(tenantId);
  const statements = (client: PoolClient) =>
    // One round trip; the id is quoted by the driver.
    `${begin}; SELECT set_config('parley.tenant_id', ${client.escapeLiteral(tenantId)}, true)`;
  return transact(pool, statements, fn);
}

/** Refuses what cannot be a tenant id: an empty setting must never look like a tenant. */
export function assertTenantId(tenantId: string): void {
  if (!/^[0-9a-zA-Z_-]{1,80}$/.test(tenantId)) {
    throw new AppError('invalid', 'not a tenant id');
  }
}

async function transact<T>(
  pool: Pool,
  begin: (client: PoolClient) => string,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin(client));
    const result = await fn(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollback(client);
    throw databaseError(error);
  } finally {
    client.release(broken);
  }
}

/** A client that cannot roll back is thrown away; the server then rolls back by itself. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
