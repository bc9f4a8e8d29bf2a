import { Inject, Injectable } from '@nestjs/common';
import { APP_POOL, Outbox } from '@parley/nest-kit';
import { type Pool, tenantTransactions, type TenantTransactions } from '@parley/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';

export type Tx = Prisma.TransactionClient;

/** An import of several documents of 10 MiB takes its time. */
const transactionMsMax = 30_000;

/** The only entrance to the tables of connectors: one tenant per transaction. */
@Injectable()
export class ConnectorsDb {
  private readonly transactions: TenantTransactions<Tx>;
  private changeCount = 0;

  constructor(
    @Inject(APP_POOL) pool: Pool,
    @Inject(Outbox) private readonly outbox: Outbox,
  ) {
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'workflow' }) });
    this.transactions = tenantTransactions(prisma, { timeoutMs: transactionMsMax });
  }

  withTenant<R>(tenantId: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    return this.transactions.withTenant(tenantId, fn);
  }

  /** Changes made by this process so far: what was read at another count may be out of date. */
  get changes(): number {
    return this.changeCount;
  }

  /** A transaction that changes connectors and writes events. */
  async change<R>(tenantId: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    try {
      return await this.transactions.withTenant(tenantId, fn);
    } finally {
      // Also after a failure: a commit whose answer was lost has happened.
      this.changeCount += 1;
      this.outbox.hint();
    }
  }
}
