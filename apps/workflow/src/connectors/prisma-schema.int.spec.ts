import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, migrate, type Pool } from '@parley/postgres';
import { databaseColumns, prismaColumns, testDatabase, type TestDatabase } from '@parley/testing';

const root = new URL('../../', import.meta.url);

let database: TestDatabase;
let owner: Pool;

beforeAll(async () => {
  database = await testDatabase(['workflow']);
  const { owner: ownerUrl } = database.urls('workflow');
  const directory = fileURLToPath(new URL('migrations', root));
  await migrate({ ownerUrl, schema: 'workflow', directory });
  owner = createPool(ownerUrl, { applicationName: 'test', max: 1 });
}, 60_000);

afterAll(async () => {
  await owner.end();
  await database.stop();
});

describe('the database', () => {
  it('has exactly the columns that the Prisma schema describes', async () => {
    const described = prismaColumns(await readFile(new URL('prisma/schema.prisma', root), 'utf8'));
    const only = [...new Set(described.map((column) => column.split('.')[0] ?? ''))];
    expect(await databaseColumns(owner, 'workflow', { only })).toEqual(described);
  });

  it('shows nothing of connectors without a tenant, even to the owner', async () => {
    const { rows } = await owner.query<{ forced: boolean }>(
      `SELECT relrowsecurity AND relforcerowsecurity AS forced FROM pg_class
       WHERE relnamespace = 'workflow'::regnamespace AND relname LIKE 'connector%' AND relkind = 'r'`,
    );
    expect(rows).toHaveLength(5);
    expect(rows.every(({ forced }) => forced)).toBe(true);
  });
});
