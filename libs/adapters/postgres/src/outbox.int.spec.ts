import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runStarted } from '@parley/contracts';
import {
  appendOutbox,
  createPool,
  hintRelays,
  migrate,
  OutboxRelay,
  withTenant,
  withTransaction,
  type Pool,
  type RelayTarget,
} from './index.js';
import { testDatabase, type TestDatabase } from './testing/index.js';

let database: TestDatabase;
let app: Pool;
let system: Pool;
const relays: OutboxRelay[] = [];

beforeAll(async () => {
  database = await testDatabase(['workflow']);
  const directory = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
  await migrate({ ownerUrl: database.urls('workflow').owner, schema: 'workflow', directory });
  await rm(directory, { recursive: true });
  app = createPool(database.urls('workflow').app, { applicationName: 'outbox app', max: 4 });
  system = createPool(database.urls('workflow').system, {
    applicationName: 'outbox relay',
    max: 4,
  });
}, 60_000);

afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.stop())));

afterAll(async () => {
  await Promise.all([app.end(), system.end()]);
  await database.stop();
});

let made = 0;

function event(key: string, version: number) {
  return runStarted.create(
    { runId: `run_of_${key}`, workflowId: 'wf_outbox', version, by: 'mem_outbox' },
    { id: `evt_${++made}`, tenantId: 'ten_outbox', key, timeMs: 0 },
  );
}

function startRelay(target: Partial<RelayTarget> & { seen: string[] }, errors: unknown[] = []) {
  const relay = new OutboxRelay({
    pool: system,
    url: database.urls('workflow').system,
    schema: 'workflow',
    target: {
      publishWithin: async (_client, _topic, events) => {
        for (const { envelope } of events) {
          const { version } = envelope.data as { version: number };
          target.seen.push(`${envelope.partitionkey}${version}`);
        }
      },
      committed: () => undefined,
      ...target,
    },
    onError: (error) => errors.push(error),
    backstopMs: 3_600_000, // Whatever moves was announced.
  });
  relays.push(relay);
  relay.start();
  return relay;
}

async function until(check: () => boolean, withinMs = 45_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!check()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the outbox', () => {
  it('publishes what was committed, once, and nothing that was rolled back', async () => {
    const seen: string[] = [];
    const relay = startRelay({ seen });
    await withTenant(app, 'ten_outbox', (client) =>
      appendOutbox(client, [
        { envelope: event('a', 1), version: 1 },
        { envelope: event('a', 2), version: 2 },
      ]),
    );
    await withTransaction(app, async (client) => {
      await appendOutbox(client, [{ envelope: event('gone', 1), version: 1 }]);
      throw new Error('no');
    }).catch(() => undefined);
    relay.hint();
    await until(() => seen.length === 2);
    relay.hint();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toEqual(['a1', 'a2']);
  });

  it('moves what commits late, and keeps the order of versions whatever the ids', async () => {
    const seen: string[] = [];
    const relay = startRelay({ seen });
    const late = await app.connect();
    await late.query('BEGIN');
    await appendOutbox(late, [{ envelope: event('late', 1), version: 1 }]);
    await withTransaction(app, (client) =>
      appendOutbox(client, [
        { envelope: event('b', 2), version: 2 },
        { envelope: event('b', 1), version: 1 },
      ]),
    );
    relay.hint();
    await until(() => seen.length === 2);
    expect(seen).toEqual(['b1', 'b2']);
    await late.query('COMMIT');
    late.release();
    await hintRelays(app, 'workflow');
    await until(() => seen.length === 3);
    expect(seen[2]).toBe('late1');
  });

  it('keeps the order of commits within a key that has no versions', async () => {
    const seen: string[] = [];
    const first = await app.connect();
    await first.query('BEGIN');
    await appendOutbox(first, [{ envelope: event('c', 1) }]);
    const second = withTransaction(app, (client) =>
      appendOutbox(client, [{ envelope: event('c', 2) }]),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await first.query('COMMIT');
    first.release();
    await second;
    startRelay({ seen });
    await until(() => seen.length === 2);
    expect(seen).toEqual(['c1', 'c2']);
  });

  it('tries again after a failure of the bus, and two relays move nothing twice', async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    let failures = 2;
    const publishWithin: RelayTarget['publishWithin'] = async (_client, _topic, events) => {
      if (failures-- > 0) throw new Error('bus away');
      seen.push(...events.map((each) => each.key));
    };
    startRelay({ seen, publishWithin }, errors);
    startRelay({ seen, publishWithin }, errors);
    await withTransaction(app, (client) =>
      appendOutbox(client, [{ envelope: event('d', 1), version: 1 }]),
    );
    await hintRelays(app, 'workflow');
    await until(() => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen).toEqual(['d']);
    expect(errors).toHaveLength(2);
  });

  it('goes on after its connections were cut', async () => {
    const seen: string[] = [];
    const relay = startRelay({ seen });
    await until(() => system.idleCount > 0);
    const admin = createPool(database.adminUrl, { applicationName: 'cutter', max: 1 });
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND usename = 'workflow_system'`,
    );
    await admin.end();
    await withTransaction(app, (client) =>
      appendOutbox(client, [{ envelope: event('e', 1), version: 1 }]),
    );
    relay.hint();
    await until(() => seen.length === 1);
    expect(seen).toEqual(['e1']);
  });
});
