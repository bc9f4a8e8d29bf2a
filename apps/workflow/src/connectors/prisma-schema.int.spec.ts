import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, migrate, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';

const root = new URL('../../', import.meta.url);
const databaseTypes: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'int4',
  BigInt: 'int8',
  Json: 'jsonb',
  Bytes: 'bytea',
  DateTime: 'timestamptz',
  Boolean: 'bool',
};

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
    const described = describedColumns(
      await readFile(new URL('prisma/schema.prisma', root), 'utf8'),
    );
    const tables = [...new Set(described.map((column) => column.split('.')[0]))];
    const { rows } = await owner.query<{ column: string }>(
      `SELECT table_name || '.' || column_name || ' ' || udt_name
         || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS column
       FROM information_schema.columns
       WHERE table_schema = 'workflow' AND table_name = ANY ($1)`,
      [tables],
    );
    expect(rows.map(({ column }) => column).sort()).toEqual(described);
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

/** `table.column type` of each field of a Prisma schema that is no relation. */
function describedColumns(schema: string): string[] {
  const columns: string[] = [];
  for (const [, body = ''] of schema.matchAll(/^model \w+ \{\n([^}]*)^\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? '';
    const fields = body.matchAll(/^ {2}(\w+) +([A-Z]\w+)(\??)( .*|)$/gm);
    for (const [, field = '', type = '', optional = '', rest = ''] of fields) {
      const column = /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field;
      if (type in databaseTypes)
        columns.push(`${table}.${column} ${databaseTypes[type]}${optional}`);
    }
  }
  return columns.sort();
}
