import { randomBytes } from 'node:crypto';
import { memberChanged, tenantCreated } from '@parley/contracts';
import { makeId } from '@parley/kernel';
import { eventFacts, type Log } from '@parley/nest-kit';
import {
  appendOutbox,
  createPool,
  type OutboxEvent,
  type PoolClient,
  withTransaction,
} from '@parley/postgres';
import type { PlatformConfig } from './config.js';

interface Founder {
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** The people of the development issuer. */
const developmentPeople: readonly Founder[] = [
  { name: 'Olivia Owner', email: 'owner@parley.local', roles: ['owner', 'manager'] },
  { name: 'Marco Manager', email: 'manager@parley.local', roles: ['operator', 'manager'] },
  { name: 'Vera Viewer', email: 'viewer@parley.local', roles: ['viewer'] },
];
const secondCompany: readonly Founder[] = [
  { name: 'Sam Second', email: 'owner@second.local', roles: ['owner'] },
];

/** Makes the first tenant when there is none; several starts at once make one. */
export async function bootstrap(config: PlatformConfig, log: Log): Promise<void> {
  const pool = createPool(config.dbSystemUrl, { applicationName: 'platform bootstrap', max: 1 });
  try {
    await withTransaction(pool, async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('platform/bootstrap', 0))`);
      const { rows } = await client.query<{ tenants: number; members: number }>(
        'SELECT (SELECT count(*) FROM tenant) AS tenants, (SELECT count(*) FROM member) AS members',
      );
      const { tenants = 0, members = 0 } = rows[0] ?? {};
      if (members === 0) await found(client, config, tenants > 0);
      if (members === 0 && founders(config).length === 0) {
        log.warn('nobody can sign in: set PARLEY_OWNER_EMAIL and start again');
      }
    });
  } finally {
    await pool.end();
  }
}

function founders({ devSeed, ownerEmail }: PlatformConfig): readonly Founder[] {
  if (devSeed) return developmentPeople;
  if (ownerEmail === undefined) return [];
  return [{ name: ownerEmail.split('@')[0] ?? 'Owner', email: ownerEmail, roles: ['owner'] }];
}

async function found(
  client: PoolClient,
  config: PlatformConfig,
  hasTenant: boolean,
): Promise<void> {
  const tenantId = hasTenant
    ? await oldestTenant(client)
    : await createTenant(client, 'My company');
  for (const person of founders(config)) await createMember(client, tenantId, person);
  if (!config.devSeed) return;
  const secondId = await createTenant(client, 'Second company');
  for (const person of secondCompany) await createMember(client, secondId, person);
}

async function oldestTenant(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT tenant_id AS id FROM tenant ORDER BY created_at, tenant_id LIMIT 1',
  );
  return rows[0]?.id ?? createTenant(client, 'My company');
}

async function createTenant(client: PoolClient, name: string): Promise<string> {
  const tenantId = makeId('tenant', Date.now(), randomBytes);
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  await client.query('INSERT INTO tenant (tenant_id, name, timezone) VALUES ($1, $2, $3)', [
    tenantId,
    name,
    timezone,
  ]);
  const envelope = tenantCreated.create({ tenantId, name }, eventFacts(tenantId, tenantId));
  await append(client, envelope);
  return tenantId;
}

async function createMember(client: PoolClient, tenantId: string, person: Founder): Promise<void> {
  const memberId = makeId('member', Date.now(), randomBytes);
  const roles = [...person.roles];
  await client.query(
    'INSERT INTO member (tenant_id, id, name, email, roles) VALUES ($1, $2, $3, $4, $5)',
    [tenantId, memberId, person.name, person.email, roles],
  );
  await append(
    client,
    memberChanged.create({ memberId, roles, by: 'platform' }, eventFacts(tenantId, memberId)),
  );
}

async function append(client: PoolClient, envelope: OutboxEvent['envelope']): Promise<void> {
  await appendOutbox(client, [{ envelope, version: 1 }]);
}
