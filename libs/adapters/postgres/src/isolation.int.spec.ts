import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createPool,
  migrate,
  withTenant,
  withTenantSnapshot,
  withTransaction,
  type Pool,
} from './index.js';
import { testDatabase, type TestDatabase } from './testing/index.js';

let database: TestDatabase;
let directory: string;
let app: Pool;
let system: Pool;
let neighbour: Pool;
let neighbourSystem: Pool;

const schema = `
  CREATE TABLE note (tenant_id text NOT NULL, id text, body text, PRIMARY KEY (tenant_id, id));
  CREATE TABLE task (tenant_id text NOT NULL, id text, PRIMARY KEY (tenant_id, id));
  CREATE TABLE journal (seq bigint GENERATED ALWAYS AS IDENTITY, entry text);
  CREATE TABLE currency (code text PRIMARY KEY);
  SELECT tenant_table('note');
  SELECT tenant_table('task', system => true);
  SELECT system_table('journal');
  SELECT shared_table('currency');
`;

beforeAll(async () => {
  database = await testDatabase(['note-book', 'neighbour']);
  directory = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
  await writeFile(join(directory, '0001-notes.sql'), schema);
  await migrate({ ownerUrl: database.urls('note-book').owner, schema: 'note_book', directory });
  const pool = (url: string) => createPool(url, { applicationName: 'isolation', max: 3 });
  app = pool(database.urls('note-book').app);
  system = pool(database.urls('note-book').system);
  neighbour = pool(database.urls('neighbour').app);
  neighbourSystem = pool(database.urls('neighbour').system);
  for (const tenant of ['ten_a', 'ten_b']) {
    await withTenant(app, tenant, async (client) => {
      await client.query(`INSERT INTO note VALUES ($1, 'n1', 'of ' || $1)`, [tenant]);
      await client.query(`INSERT INTO task VALUES ($1, 't1')`, [tenant]);
    });
  }
}, 60_000);

afterAll(async () => {
  await Promise.all([app, system, neighbour, neighbourSystem].map((pool) => pool.end()));
  await rm(directory, { recursive: true });
  await database.stop();
});

const refused = { code: 'forbidden' };

describe('a snapshot', () => {
  it('shows one tenant at one moment, and writes nothing', async () => {
    const count = 'SELECT count(*)::int AS count FROM task';
    await withTenantSnapshot(app, 'ten_a', async (client) => {
      const before = await client.query(count);
      await withTenant(app, 'ten_a', (other) =>
        other.query(`INSERT INTO task VALUES ('ten_a', 'meanwhile')`),
      );
      expect((await client.query(count)).rows).toEqual(before.rows);
    });
    const writing = withTenantSnapshot(app, 'ten_a', (client) => client.query('DELETE FROM task'));
    await expect(writing).rejects.toMatchObject({ code: expect.any(String) });
    await withTenant(app, 'ten_a', (client) =>
      client.query(`DELETE FROM task WHERE id = 'meanwhile'`),
    );
  });
});

describe('a service', () => {
  it.each([
    ['app', () => neighbour],
    ['system', () => neighbourSystem],
  ])('cannot read another schema as %s', async (_role, pool) => {
    await expect(pool().query('SELECT * FROM note_book.note')).rejects.toMatchObject(refused);
    await expect(pool().query('SELECT * FROM note_book.outbox')).rejects.toMatchObject(refused);
    await expect(pool().query(`SELECT note_book.append_outbox('[]')`)).rejects.toMatchObject(
      refused,
    );
  });

  it('cannot touch the tables of the bus, nor create anything', async () => {
    await expect(system.query('SELECT * FROM bus.event')).rejects.toMatchObject(refused);
    await expect(app.query(`SELECT bus.heads('{}')`)).rejects.toMatchObject(refused);
    await expect(
      system.query(`SELECT bus.admit('note_book_system', 'neighbour', '{neighbour}', '{*}')`),
    ).rejects.toMatchObject(refused);
    for (const statement of [
      'CREATE TABLE note_book.mine ()',
      'CREATE TABLE public.mine ()',
      'CREATE TEMP TABLE mine ()',
      'SET ROLE note_book_owner',
      'ALTER TABLE note DISABLE ROW LEVEL SECURITY',
    ]) {
      await expect(app.query(statement)).rejects.toMatchObject(refused);
    }
  });
});

describe('the app role', () => {
  it('sees its tenant and no other', async () => {
    const seen = await withTenant(app, 'ten_a', (client) => client.query('SELECT * FROM note'));
    expect(seen.rows).toEqual([{ tenant_id: 'ten_a', id: 'n1', body: 'of ten_a' }]);
  });

  it('cannot write into another tenant, nor move a row there', async () => {
    await expect(
      withTenant(app, 'ten_a', (client) => client.query(`INSERT INTO note VALUES ('ten_b', 'x')`)),
    ).rejects.toMatchObject(refused);
    await expect(
      withTenant(app, 'ten_a', (client) => client.query(`UPDATE note SET tenant_id = 'ten_b'`)),
    ).rejects.toMatchObject(refused);
  });

  it('sees nothing without a tenant, before and after a transaction that had one', async () => {
    for (let round = 0; round < 2; round++) {
      expect((await app.query('SELECT * FROM note')).rows).toEqual([]);
      await withTenant(app, 'ten_a', (client) => client.query('SELECT 1'));
    }
    await expect(app.query(`INSERT INTO note VALUES ('', 'x')`)).rejects.toMatchObject(refused);
    expect(() => withTenant(app, '', () => Promise.resolve())).toThrow('not a tenant id');
  });

  it('cannot read what belongs to the system or to the owner', async () => {
    for (const table of ['journal', 'outbox', 'schema_migration', 'declared_table']) {
      await expect(app.query(`SELECT * FROM ${table}`)).rejects.toMatchObject(refused);
    }
    await app.query(`INSERT INTO currency VALUES ('EUR')`);
  });
});

describe('the system role', () => {
  it('sees every tenant of the listed tables and nothing of the others', async () => {
    expect((await system.query('SELECT * FROM task')).rows).toHaveLength(2);
    await expect(system.query('SELECT * FROM note')).rejects.toMatchObject(refused);
    await system.query(`INSERT INTO journal (entry) VALUES ('e')`);
    expect((await system.query('SELECT seq FROM journal')).rows).toEqual([{ seq: 1 }]);
  });
});

describe('a transaction', () => {
  it('is rolled back when its work throws, and the connection is good again', async () => {
    const one = createPool(database.urls('note-book').app, { applicationName: 'one', max: 1 });
    await expect(
      withTransaction(one, async (client) => {
        await client.query(`INSERT INTO currency VALUES ('USD')`);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect((await one.query(`SELECT * FROM currency WHERE code = 'USD'`)).rows).toEqual([]);
    await expect(one.query(`INSERT INTO currency VALUES ('EUR')`)).rejects.toMatchObject({
      code: 'conflict',
    });
    await one.end();
  });

  it('outlives connections that are cut, checked out or idle', async () => {
    const lost: string[] = [];
    const pool = createPool(database.urls('note-book').app, {
      applicationName: 'cut',
      onConnectionError: (error) => lost.push(error.message),
    });
    const admin = createPool(database.adminUrl, { applicationName: 'cutter', max: 1 });
    const cut = () =>
      admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'cut'`,
      );
    await expect(
      withTransaction(pool, async (client) => {
        await client.query('SELECT 1');
        await cut();
        await new Promise((resolve) => setTimeout(resolve, 50));
        await client.query('SELECT 1');
      }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await cut();
    while (pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    expect(lost.length).toBeGreaterThan(0);
    await pool.end();
    await admin.end();
  });
});
