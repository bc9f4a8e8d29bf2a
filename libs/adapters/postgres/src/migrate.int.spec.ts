import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPool, migrate, provision, serviceUrls, type Pool } from './index.js';
import { testDatabase, type TestDatabase } from './testing/index.js';

let database: TestDatabase;
let admin: Pool;
let directory: string;

beforeAll(async () => {
  database = await testDatabase([]);
  admin = createPool(database.adminUrl, { applicationName: 'migrations', max: 2 });
}, 60_000);

afterAll(async () => {
  await admin.end();
  await database.stop();
});

const passwords = { owner: 'owner-password', app: 'app-password', system: 'system-password' };
let name: string;
let run: () => ReturnType<typeof migrate>;

beforeEach(async () => {
  name = `migrated-${randomBytes(4).toString('hex')}`; // roles outlive the database
  await provision({ adminUrl: database.adminUrl, services: [{ name, passwords }] });
  directory = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
  const { owner } = serviceUrls(database.adminUrl, { name, passwords });
  run = () => migrate({ ownerUrl: owner, schema: name.replace('-', '_'), directory });
});

afterEach(() => rm(directory, { recursive: true }));

const file = (fileName: string, sql: string) => writeFile(join(directory, fileName), sql);
const things = `CREATE TABLE thing (id text PRIMARY KEY); SELECT shared_table('thing');`;

describe('migrate', () => {
  it('applies each file once, in order, also when several start at once', async () => {
    await file('0001-things.sql', things);
    await file('0002-more.sql', `ALTER TABLE thing ADD COLUMN size int;`);
    const results = await Promise.all([run(), run(), run()]);
    const applied = results.map((each) => each.applied).filter((each) => each.length > 0);
    expect(applied).toHaveLength(1);
    expect(applied[0]?.slice(-2)).toEqual(['0001-things.sql', '0002-more.sql']);
    await file('0003-again.sql', `ALTER TABLE thing ADD COLUMN weight int;`);
    expect((await run()).applied).toEqual(['0003-again.sql']);
    expect((await run()).applied).toEqual([]);
  });

  it('names a changed file and the cure', async () => {
    await file('0001-things.sql', things);
    await run();
    await file('0001-things.sql', `${things} -- changed`);
    await expect(run()).rejects.toThrow(/0001-things\.sql was changed .* new migration/);
  });

  it('names an applied file that is gone, and lets an older build start', async () => {
    await file('0001-things.sql', things);
    await file('0002-more.sql', `ALTER TABLE thing ADD COLUMN size int;`);
    await run();
    await rm(join(directory, '0002-more.sql'));
    expect((await run()).applied).toEqual([]);
    await rm(join(directory, '0001-things.sql'));
    await file('0001-other.sql', things);
    await expect(run()).rejects.toThrow(/0001-things\.sql was applied .* gone or renamed/);
  });

  it('rolls a broken file back and says where it broke', async () => {
    await file('0001-broken.sql', `${things}\nSELECT 1;\nCREATE TABEL x ();`);
    await expect(run()).rejects.toThrow(/0001-broken\.sql:3 .* syntax error .*42601/);
    await file('0001-broken.sql', things);
    expect((await run()).applied).toContain('0001-broken.sql');
  });

  it('refuses a table that nobody is declared to read, and a gap in the numbers', async () => {
    await file('0001-things.sql', `CREATE TABLE forgotten (id text);`);
    await expect(run()).rejects.toThrow(/forgotten: declare each new table with/);
    await file('0001-things.sql', things);
    await file('0003-later.sql', `SELECT 1`);
    await expect(run()).rejects.toThrow(/the next migration is 0002-<name>\.sql/);
  });
});

describe('provision', () => {
  it('can be repeated, at once and with new passwords', async () => {
    const again = { ...passwords, app: 'another-password' };
    const services = [{ name, passwords: again }];
    const once = () => provision({ adminUrl: database.adminUrl, services });
    await Promise.all([once(), once(), once()]);
    const login = async (app: string) => {
      const { app: url } = serviceUrls(database.adminUrl, {
        name,
        passwords: { ...passwords, app },
      });
      const pool = createPool(url, { applicationName: 'login', max: 1 });
      await pool.query('SELECT 1').finally(() => pool.end());
    };
    await login('another-password');
    // The server of a developer may trust every local connection.
    const method = await admin.query<{ auth_method: string }>(
      `SELECT auth_method FROM pg_hba_file_rules WHERE type = 'host' LIMIT 1`,
    );
    if (method.rows[0]?.auth_method !== 'trust') {
      await expect(login('app-password')).rejects.toBeDefined();
    }
  });

  it('refuses a role with powers that would break isolation', async () => {
    await admin.query(`CREATE ROLE strong_app LOGIN BYPASSRLS`);
    const services = [{ name: 'strong', passwords }];
    await expect(provision({ adminUrl: database.adminUrl, services })).rejects.toThrow(
      /role strong_app exists and has more rights/,
    );
    await admin.query(`DROP ROLE strong_app`);
  });

  it('works for a role that is no superuser but owns the database and creates roles', async () => {
    const admins = `creator_${name.replace('-', '_')}`;
    const owned = `owned_by_${admins}`;
    await admin.query(
      `CREATE ROLE ${admins} LOGIN CREATEROLE CREATEDB PASSWORD 'creator-password'`,
    );
    // It exists already on this server, made by somebody else.
    await admin.query(`GRANT bus_owner TO ${admins} WITH ADMIN OPTION`);
    await admin.query(`CREATE DATABASE ${owned} OWNER ${admins}`);
    const url = new URL(database.adminUrl);
    url.username = admins;
    url.password = 'creator-password';
    url.pathname = `/${owned}`;
    const adminUrl = url.toString();
    const services = [{ name: `${name}-owned`, passwords }];
    await provision({ adminUrl, services });
    await provision({ adminUrl, services });
    await file('0001-things.sql', things);
    const { owner } = serviceUrls(adminUrl, { name: `${name}-owned`, passwords });
    const schema = `${name}-owned`.replaceAll('-', '_');
    expect((await migrate({ ownerUrl: owner, schema, directory })).applied).toHaveLength(3);
    await admin.query(`DROP DATABASE ${owned} WITH (FORCE)`);
  });
});
