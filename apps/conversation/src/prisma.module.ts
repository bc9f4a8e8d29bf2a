import { Global, Module } from '@nestjs/common';
import { APP_POOL } from '@parley/nest-kit';
import { tenantTransactions, type Pool, type TenantTransactions } from '@parley/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient, type Prisma } from './generated/prisma/client.js';

/** Injects `withTenant(tenantId, tx => …)`, the only entrance to the tables of this service. */
export const DB = Symbol('db');
export type Tx = Prisma.TransactionClient;
export type Db = TenantTransactions<Tx>;

/** Prisma on the pool of the app role: one set of connections, which survives the database. */
@Global()
@Module({
  providers: [
    {
      provide: DB,
      inject: [APP_POOL],
      useFactory: (pool: Pool): Db =>
        tenantTransactions(
          new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'conversation' }) }),
        ),
    },
  ],
  exports: [DB],
})
export class PrismaModule {}
