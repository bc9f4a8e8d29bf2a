import { Body, Controller, Inject } from '@nestjs/common';
import {
  type Directory,
  internalRoutes,
  type Me,
  permissionsOf,
  routes,
  type Tenant,
  type UpdateTenant,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { Caller, type Context, Endpoint } from '@parley/nest-kit';
import type { Prisma } from '../generated/prisma/client.js';
import { memberOf } from '../members/member-row.js';
import { DB, type Db } from '../prisma.module.js';

@Controller()
export class TenantsController {
  constructor(@Inject(DB) private readonly db: Db) {}

  @Endpoint(routes.tenant)
  tenant(@Caller() caller: Context): Promise<Tenant> {
    return this.db.withTenant(caller.tenantId, (tx) => findTenant(tx, caller));
  }

  @Endpoint(routes.updateTenant)
  update(@Body() body: UpdateTenant, @Caller() caller: Context): Promise<Tenant> {
    return this.db.withTenant(caller.tenantId, async (tx) => {
      await findTenant(tx, caller);
      const where = { tenantId: caller.tenantId };
      return tenantOf(await tx.tenant.update({ where, data: body }));
    });
  }

  @Endpoint(routes.me)
  me(@Caller() caller: Context): Promise<Me> {
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const key = { tenantId: caller.tenantId, id: caller.principal };
      const member = await tx.member.findUnique({ where: { tenantId_id: key } });
      if (!member) throw new AppError('not-found', 'The caller is not a member.');
      return {
        member: memberOf(member),
        tenant: await findTenant(tx, caller),
        permissions: [...permissionsOf(member.roles)],
      };
    });
  }

  @Endpoint(internalRoutes.directory)
  directory(@Caller() caller: Context): Promise<Directory> {
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const members = await tx.member.findMany({ orderBy: { id: 'asc' } });
      return {
        tenant: await findTenant(tx, caller),
        roles: [...new Set(members.flatMap(({ roles }) => roles))].sort(),
        members: members.map(({ id, name, roles }) => ({ id, name, roles })),
      };
    });
  }
}

async function findTenant(tx: Prisma.TransactionClient, { tenantId }: Context): Promise<Tenant> {
  const row = await tx.tenant.findUnique({ where: { tenantId } });
  if (!row) throw new AppError('not-found', 'There is no such tenant.');
  return tenantOf(row);
}

function tenantOf(row: {
  tenantId: string;
  name: string;
  timezone: string;
  createdAt: Date;
}): Tenant {
  const { tenantId, name, timezone, createdAt } = row;
  return { id: tenantId, name, timezone, createdAt: createdAt.toISOString() };
}
