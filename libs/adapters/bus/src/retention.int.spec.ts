import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPool, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { retentionDays } from './bus.js';
import { PgBus } from './pg-bus.js';
import { eventually, versionOf, workflowEvents } from './testing/fixtures.js';

let database: TestDatabase;
let admin: Pool;
let system: Pool;
let bus: PgBus;

beforeAll(async () => {
  database = await testDatabase([{ name: 'workflow', publishes: ['workflow'], subscribes: [] }]);
  const url = database.urls('workflow').system;
  admin = createPool(database.adminUrl, { applicationName: 'retention', max: 1 });
  system = createPool(url, { applicationName: 'retention', max: 3 });
  bus = new PgBus({ pool: system, url, applicationName: 'retention' });
}, 60_000);

afterAll(async () => {
  await bus.stop();
  await Promise.all([system.end(), admin.end()]);
  await database.stop();
});

it('drops what is older than the retention, and a new reader begins behind it', async () => {
  const topic = await admin.query(
    `SELECT extract(days FROM retention)::int AS days FROM bus.topic WHERE name = 'workflow'`,
  );
  expect(topic.rows).toEqual([{ days: retentionDays }]);
  await admin.query(`INSERT INTO bus.topic_grant VALUES ('workflow_system', 'subscribe', '*')`);
  for (const [from, to] of [
    [1, 2],
    [3, 4],
    [5, 6],
  ] as const) {
    await bus.publish('workflow', workflowEvents('aged', from, to));
  }
  await eventually('positions', async () => {
    return Object.values(await bus.positions(['workflow'])).includes(6);
  });
  const age = `now() - interval '${retentionDays} days 1 hour'`;
  await admin.query(`UPDATE bus.event SET sequenced_at = ${age} WHERE position <= 4`);
  expect((await system.query('SELECT bus.prune(100) AS dropped')).rows).toEqual([{ dropped: 2 }]);
  expect((await system.query('SELECT bus.prune(100) AS dropped')).rows).toEqual([{ dropped: 0 }]);
  const seen: number[] = [];
  const reader = bus.subscribe({
    topics: ['workflow'],
    group: 'workflow.aged',
    handler: async ({ envelope }) => {
      seen.push(versionOf(envelope));
    },
  });
  await eventually('what is left', () => seen.length === 2);
  expect(seen).toEqual([5, 6]);
  await reader.stop();
});

it('reads only topics that the role was given', async () => {
  await admin.query(`DELETE FROM bus.topic_grant WHERE action = 'subscribe'`);
  const reader = bus.subscribe({
    topics: ['workflow'],
    group: 'workflow.refused',
    handler: () => Promise.resolve(),
  });
  await expect(reader.ready).rejects.toMatchObject({ code: 'forbidden' });
  await reader.stop();
});
