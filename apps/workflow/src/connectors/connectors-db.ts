import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG } from '@parley/nest-kit';
import { tenantTransactions, type TenantTransactions } from '@parley/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import type { WorkflowConfig } from '../config.js';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';

export type Tx = Prisma.TransactionClient;

const connectionsMax = 4;
/** An import of several documents of 10 MiB takes its time. */
const transactionMsMax = 30_000;

/** The only entrance to the tables of connectors: one tenant per transaction. */
@Injectable()
export class ConnectorsDb implements OnApplicationShutdown {
  private readonly prisma: PrismaClient;
  private readonly transactions: TenantTransactions<Tx>;

  constructor(@Inject(CONFIG) config: WorkflowConfig) {
    const pool = { connectionString: config.dbAppUrl, max: connectionsMax };
    this.prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'workflow' }) });
    this.transactions = tenantTransactions(this.prisma, { timeoutMs: transactionMsMax });
  }

  withTenant<R>(tenantId: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    return this.transactions.withTenant(tenantId, fn);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
