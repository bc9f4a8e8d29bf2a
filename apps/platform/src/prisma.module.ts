import { Global, Module } from '@nestjs/common';
import { APP_POOL } from '@parley/nest-kit';
import { type Pool, tenantTransactions, type TenantTransactions } from '@parley/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/prisma/client.js';

/** Injects `withTenant(tenantId, tx => …)`; the client itself cannot be injected. */
export const DB = Symbol('db');
export type Db = TenantTransactions<Prisma.TransactionClient>;

/** Prisma on the pool of the app role: one set of connections, which survives the database. */
@Global()
@Module({
  providers: [
    {
      provide: DB,
      inject: [APP_POOL],
      useFactory: (pool: Pool): Db =>
        tenantTransactions(
          new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'platform' }) }),
        ),
    },
  ],
  exports: [DB],
})
export class PrismaModule {}
