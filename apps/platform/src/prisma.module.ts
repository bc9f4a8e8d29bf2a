import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG } from '@parley/nest-kit';
import { tenantTransactions, type TenantTransactions } from '@parley/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import type { PlatformConfig } from './config.js';
import { type Prisma, PrismaClient } from './generated/prisma/client.js';

/** Injects `withTenant(tenantId, tx => …)`, the only entrance to the tables of this service. */
export const DB = Symbol('db');
export type Db = TenantTransactions<Prisma.TransactionClient>;

const PRISMA = Symbol('prisma');
const connectionsMax = 5;

@Global()
@Module({
  providers: [
    {
      provide: PRISMA,
      inject: [CONFIG],
      useFactory: ({ dbAppUrl }: PlatformConfig) => {
        const pool = { connectionString: dbAppUrl, max: connectionsMax };
        return new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'platform' }) });
      },
    },
    {
      provide: DB,
      inject: [PRISMA],
      useFactory: (prisma: PrismaClient): Db => tenantTransactions(prisma),
    },
  ],
  exports: [DB],
})
export class PrismaModule implements OnApplicationShutdown {
  constructor(@Inject(PRISMA) private readonly prisma: PrismaClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
  }
}
