import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPool, provision, type Pool } from '@parley/postgres';
import { applyMigrations, readMigrations, testDatabase, type TestDatabase } from '@parley/testing';
import { PgBus } from './pg-bus.js';
import { eventually, versionOf, workflowEvents } from './testing/fixtures.js';

let database: TestDatabase;
let admin: Pool;
let workflow: Pool;
let platform: Pool;

beforeAll(async () => {
  database = await testDatabase(['workflow', 'platform']);
  const poolOf = (url: string) => createPool(url, { applicationName: 'upgrade', max: 3 });
  admin = poolOf(database.adminUrl);
  workflow = poolOf(database.urls('workflow').system);
  platform = poolOf(database.urls('platform').system);
  await startWith(3);
}, 60_000);

afterAll(async () => {
  await Promise.all([admin, workflow, platform].map((pool) => pool.end()));
  await database.stop();
});

const sql = fileURLToPath(new URL('../../postgres/src/sql/bus/', import.meta.url));

/** The schema as it was after its first migrations. */
async function startWith(migrations: number): Promise<void> {
  const client = await admin.connect();
  await client.query('DROP SCHEMA bus CASCADE');
  await client.query('CREATE SCHEMA bus AUTHORIZATION bus_owner');
  await client.query('SET ROLE bus_owner');
  await applyMigrations(client, 'bus', (await readMigrations(sql)).slice(0, migrations));
  for (const name of ['workflow', 'platform']) {
    await client.query(`SELECT bus.admit($1, $2, ARRAY[$2], '{*}')`, [`${name}_system`, name]);
  }
  client.release(true);
}

const keys = ['old1', 'old2', 'old3', 'old4'];

async function publish(first: number, last: number): Promise<void> {
  const events = keys.flatMap((key) => workflowEvents(key, first, last));
  await workflow.query('SELECT bus.publish($1, $2, $3)', [
    'workflow',
    events.map(({ key }) => key),
    events.map(({ envelope }) => JSON.stringify(envelope)),
  ]);
}

it('keeps what had a position and what waited for one, in order', async () => {
  await publish(1, 3);
  await workflow.query('SELECT bus.sequence(100)');
  await publish(4, 5);
  await publish(6, 6);
  const passwords = passwordsOf(database);
  const services = ['workflow', 'platform'].map((name) => ({ name, passwords }));
  await provision({ adminUrl: database.adminUrl, services });
  // A process that is older than this goes on as it did.
  await publish(7, 8);
  expect((await workflow.query('SELECT bus.sequence(100)')).rows).toEqual([]);

  const seen: { key: string; partition: number; position: number; version: number }[] = [];
  const bus = new PgBus({
    pool: platform,
    url: database.urls('platform').system,
    applicationName: 'upgrade',
  });
  const subscription = bus.subscribe({
    topics: ['workflow'],
    group: 'platform',
    handler: ({ key, partition, position, envelope }) => {
      seen.push({ key, partition, position, version: versionOf(envelope) });
      return Promise.resolve();
    },
  });
  await subscription.ready;
  await eventually('all events', () => seen.length === 32);
  for (const key of keys) {
    const own = seen.filter((event) => event.key === key);
    expect(own.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }
  const heads = await bus.positions(['workflow']);
  for (const [partition, own] of Map.groupBy(seen, (event) => event.partition)) {
    expect(own.map(({ position }) => position)).toEqual(own.map((_, index) => index + 1));
    expect(heads[`workflow/${partition}`]).toBe(own.length);
  }
  await eventually('nothing to be behind', async () => (await bus.lag('platform')) === 0);
  await bus.stop();
}, 30_000);

/** The test database has one set of passwords for all. */
function passwordsOf({ urls }: TestDatabase) {
  const { owner, app, system } = urls('workflow');
  const password = (url: string) => decodeURIComponent(new URL(url).password);
  return { owner: password(owner), app: password(app), system: password(system) };
}
