import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runStarted } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  appendOutbox,
  createPool,
  migrate,
  OutboxRelay,
  provision,
  serviceUrls,
  waitForDatabase,
  withTenant,
  type Pool,
} from '@parley/postgres';
import { startPostgres, Watchdog, type RunningPostgres } from '@parley/postgres-server';
import { PgBus } from './pg-bus.js';
import { eventually, versionOf } from './testing/fixtures.js';

const passwords = { owner: 'owner-password', app: 'app-password', system: 'system-password' };
const services = ['workflow', 'platform'].map((name) => ({ name, passwords }));

let dir: string;
let watchdog: Watchdog;
let server: RunningPostgres;
let start: () => Promise<RunningPostgres>;
const pools: Pool[] = [];
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'parley-restart-'));
  watchdog = new Watchdog({ dataDir: join(dir, 'data'), removeDir: dir });
  const port = await freePort();
  start = () =>
    startPostgres({ dir, port, password: 'restart-test', logFile: join(dir, 'log'), watchdog });
  server = await start();
  await provision({ adminUrl: server.adminUrl, services });
  await migrate({
    ownerUrl: urls('workflow').owner,
    schema: 'workflow',
    directory: noMigrations(),
  });
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()));
  await Promise.all(pools.map((pool) => pool.end()));
  await server.stop();
  watchdog.close();
  rmSync(dir, { recursive: true, force: true });
});

function urls(name: string) {
  return serviceUrls(server.adminUrl, { name, passwords });
}

function noMigrations(): string {
  return mkdtempSync(join(dir, 'migrations-'));
}

function pool(url: string): Pool {
  const made = createPool(url, { applicationName: 'restart test', max: 4 });
  pools.push(made);
  return made;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

it('loses nothing, and keeps the order, when PostgreSQL is killed twice under load', async () => {
  const app = pool(urls('workflow').app);
  const workflow = pool(urls('workflow').system);
  const platform = pool(urls('platform').system);
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const busOf = (name: string, busPool: Pool) =>
    new PgBus({ pool: busPool, url: urls(name).system, applicationName: name, onError });
  const publisher = busOf('workflow', workflow);
  const reader = busOf('platform', platform);
  const relay = new OutboxRelay({
    pool: workflow,
    url: urls('workflow').system,
    schema: 'workflow',
    target: publisher,
    onError,
  });
  relay.start();
  running.push(relay, publisher, reader);

  const seen: number[] = [];
  const subscription = reader.subscribe({
    topics: ['*'],
    group: 'platform',
    handler: async ({ envelope }) => {
      await platform.query('SELECT 1'); // fails while the server is away, like any handler's work
      seen.push(versionOf(envelope));
    },
  });
  await subscription.ready;

  const total = 400;
  const accepted = (async () => {
    for (let version = 1; version <= total; version++) {
      await untilCommitted(() =>
        withTenant(app, 'ten_restart', (client) =>
          appendOutbox(client, [{ envelope: event(version), version }]),
        ),
      );
      relay.hint();
    }
  })();
  for (const reached of [100, 250]) {
    await eventually(`${reached} events`, () => seen.length >= reached, 30_000);
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = await start();
    await waitForDatabase(app);
  }
  await accepted;
  await eventually('all events', () => new Set(seen).size === total, 30_000);
  // A commit whose answer was lost is repeated by the writer, hence "first seen".
  expect([...new Set(seen)]).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  expect(errors.length).toBeGreaterThan(0);
  const strange = errors.filter((error) => !(error instanceof AppError));
  expect(strange).toEqual([]);
  const left = await workflow.query('SELECT * FROM outbox');
  expect(left.rows).toEqual([]);
}, 90_000);

async function untilCommitted(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function event(version: number) {
  return runStarted.create(
    { runId: 'run_restart', workflowId: 'wf_restart', version, by: 'mem_restart' },
    { id: `evt_restart${version}`, tenantId: 'ten_restart', key: 'run_restart', timeMs: 0 },
  );
}
