import { randomBytes } from 'node:crypto';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import {
  type AddMember,
  type Member,
  memberChanged,
  type PageQuery,
  routes,
  type UpdateMember,
} from '@parley/contracts';
import { AppError, isAppError, makeId } from '@parley/kernel';
import {
  Caller,
  type Context,
  Endpoint,
  eventFacts,
  Outbox,
  pageOf,
  pageTokenOf,
} from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import type { Prisma } from '../generated/prisma/client.js';
import { DB, type Db } from '../prisma.module.js';
import { memberOf } from './member-row.js';

@Controller()
export class MembersController {
  constructor(
    @Inject(DB) private readonly db: Db,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(routes.listMembers)
  list(@Query() query: PageQuery, @Caller() caller: Context) {
    const after = pageTokenOf(query.pageToken, /^mem_[0-9a-z_]+$/);
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const rows = await tx.member.findMany({
        where: after === undefined ? {} : { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: query.pageSize + 1,
      });
      return pageOf(rows, query.pageSize, { tokenOf: ({ id }) => id, item: memberOf });
    });
  }

  @Endpoint(routes.addMember)
  async add(@Body() body: AddMember, @Caller() caller: Context): Promise<Member> {
    const { tenantId } = caller;
    const id = makeId('member', Date.now(), randomBytes);
    const data = { tenantId, id, name: body.name, email: body.email, roles: distinct(body.roles) };
    const added = await this.db
      .withTenant(tenantId, async (tx) => {
        const row = await tx.member.create({ data });
        await publishChange(tx, row, caller);
        return row;
      })
      .catch((error: unknown) => {
        if (!isAppError(error) || error.code !== 'conflict') throw error;
        const detail = `There is a member with the e-mail address ${body.email} already.`;
        throw new AppError('conflict', detail, { cause: error });
      });
    this.outbox.hint();
    return memberOf(added);
  }

  @Endpoint(routes.updateMember)
  async update(
    @Param('member') id: string,
    @Body() body: UpdateMember,
    @Caller() caller: Context,
  ): Promise<Member> {
    const { tenantId } = caller;
    const changed = await this.db.withTenant(tenantId, async (tx) => {
      // One change of roles at a time per tenant, or two owners could remove each other.
      await tx.$queryRaw`SELECT 1 FROM tenant WHERE tenant_id = ${tenantId} FOR UPDATE`;
      const key = { tenantId_id: { tenantId, id } };
      const member = await tx.member.findUnique({ where: key });
      if (!member) throw new AppError('not-found', `There is no member ${id}.`);
      if (body.roles) await assertAnOwnerRemains(tx, member, body.roles);
      const row = await tx.member.update({
        where: key,
        data: {
          ...(body.name !== undefined && { name: body.name }),
          ...(body.roles && { roles: distinct(body.roles) }),
          version: { increment: 1 },
        },
      });
      await publishChange(tx, row, caller);
      return row;
    });
    this.outbox.hint();
    return memberOf(changed);
  }
}

async function assertAnOwnerRemains(
  tx: Prisma.TransactionClient,
  member: { readonly id: string; readonly roles: readonly string[] },
  roles: readonly string[],
): Promise<void> {
  if (!member.roles.includes('owner') || roles.includes('owner')) return;
  const others = { roles: { has: 'owner' }, id: { not: member.id } };
  if ((await tx.member.count({ where: others })) > 0) return;
  throw new AppError(
    'conflict',
    'This is the last owner of the tenant. Give somebody else the role owner first.',
  );
}

interface ChangedMember {
  readonly id: string;
  readonly roles: string[];
  readonly version: bigint;
}

async function publishChange(
  tx: Prisma.TransactionClient,
  member: ChangedMember,
  caller: Context,
): Promise<void> {
  const envelope = memberChanged.create(
    { memberId: member.id, roles: member.roles, by: caller.principal },
    eventFacts(caller.tenantId, member.id),
  );
  await appendOutbox(tx, [{ envelope, version: Number(member.version) }]);
}

function distinct(roles: readonly string[]): string[] {
  return [...new Set(roles)];
}
