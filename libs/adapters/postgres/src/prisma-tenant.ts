import { databaseError } from './database-error.js';
import { assertTenantId } from './transaction.js';

/** What is needed of the transaction client that Prisma generates. */
export interface PrismaStatements {
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/** What is needed of the client that Prisma generates. */
export interface PrismaTransactions<Tx extends PrismaStatements> {
  $transaction<R>(
    fn: (tx: Tx) => Promise<R>,
    options?: { maxWait?: number; timeout?: number; isolationLevel?: 'RepeatableRead' },
  ): Promise<R>;
}

/** The only entrance to a Prisma client: there is no statement without a tenant. */
export interface TenantTransactions<Tx> {
  /**
   * Runs `fn` in one transaction that sees the rows of `tenantId` and no others. Database errors
   * leave as AppErrors.
   */
  withTenant<R>(tenantId: string, fn: (tx: Tx) => Promise<R>): Promise<R>;
  /** The same for reading several things as they were at one moment. */
  withSnapshot<R>(tenantId: string, fn: (tx: Tx) => Promise<R>): Promise<R>;
}

export interface TenantTransactionOptions {
  /** Longest wait for a connection. @default 5000 */
  readonly maxWaitMs?: number;
  /** Longest transaction; then it is rolled back. @default 10000 */
  readonly timeoutMs?: number;
}

/**
 * Wraps a generated Prisma client: `tenantTransactions(new PrismaClient({ adapter }))`. The type of
 * `tx` is the one that the client was generated with.
 */
export function tenantTransactions<Tx extends PrismaStatements>(
  prisma: PrismaTransactions<Tx>,
  options: TenantTransactionOptions = {},
): TenantTransactions<Tx> {
  const limits = { maxWait: options.maxWaitMs ?? 5_000, timeout: options.timeoutMs ?? 10_000 };
  const run = async <R>(
    tenantId: string,
    fn: (tx: Tx) => Promise<R>,
    isolation: { isolationLevel?: 'RepeatableRead' } = {},
  ): Promise<R> => {
    assertTenantId(tenantId);
    try {
      return await prisma.$transaction(
        async (tx) => {
          await tx.$executeRaw`SELECT set_config('parley.tenant_id', ${tenantId}, true)`;
          return fn(tx);
        },
        { ...limits, ...isolation },
      );
    } catch (error) {
      throw databaseError(error);
    }
  };
  return {
    withTenant: (tenantId, fn) => run(tenantId, fn),
    withSnapshot: (tenantId, fn) => run(tenantId, fn, { isolationLevel: 'RepeatableRead' }),
  };
}
