import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type EventEnvelope, memberChanged, type StreamEvent } from '@parley/contracts';
import { createPool, migrate, type Pool } from '@parley/postgres';
import { applyMigrations, readMigrations, testDatabase, type TestDatabase } from '@parley/testing';
import { eventDigest } from './chain.js';
import { StreamStore } from './stream-store.js';

let database: TestDatabase;
let system: Pool;
let owner: Pool;

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url));
const supplied = fileURLToPath(
  new URL('../../../../libs/adapters/postgres/src/sql/service/', import.meta.url),
);
const tenantId = 'ten_upgrade';

beforeAll(async () => {
  database = await testDatabase(['platform']);
  const urls = database.urls('platform');
  system = createPool(urls.system, { applicationName: 'upgrade', max: 2 });
  owner = createPool(urls.owner, { applicationName: 'upgrade', max: 1 });
  const client = await owner.connect();
  await applyMigrations(client, 'platform', [
    ...(await readMigrations(supplied, 'parley/')),
    ...(await readMigrations(migrations)).slice(0, 6),
  ]);
  client.release(true);
}, 60_000);

afterAll(async () => {
  await Promise.all([system.end(), owner.end()]);
  await database.stop();
});

function event(n: number): EventEnvelope {
  return memberChanged.create(
    { memberId: 'mem_upgrade', roles: ['viewer'], by: 'test' },
    { id: `evt_${n}`, tenantId, key: 'mem_upgrade', timeMs: Date.now() },
  );
}

/** What a process of the version before calls. */
function appendAsBefore(events: readonly EventEnvelope[]): Promise<unknown> {
  return system.query('SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8)', [
    events.map(({ tenantid }) => tenantid),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ source }) => source),
    events.map(({ subject }) => subject),
    events.map(({ time }) => time),
    events.map(({ data }) => JSON.stringify(data)),
    events.map(eventDigest),
  ]);
}

it('goes on with a stream from before, without a gap and without repeating anything', async () => {
  const events = Array.from({ length: 12 }, (_, index) => event(index + 1));
  await appendAsBefore(events.slice(0, 5));
  await migrate({
    ownerUrl: database.urls('platform').owner,
    schema: 'platform',
    directory: migrations,
  });
  const arrivals = events.map((envelope, index) => {
    return { topic: 'platform', partition: 3, position: index + 1, envelope };
  });
  // The process before has not got to say that it has them.
  await new StreamStore(system).append(arrivals.slice(1, 3));
  await new StreamStore(system).append(arrivals.slice(3, 8));
  await expect(appendAsBefore(events.slice(8))).rejects.toMatchObject({ code: 'unavailable' });
  // Somebody has the group begin anew.
  await new StreamStore(system).append(arrivals);

  const { rows } = await system.query<
    Omit<StreamEvent, 'data'> & { data: unknown; earlier: string[] | null }
  >('SELECT * FROM event WHERE tenant_id = $1 ORDER BY position', [tenantId]);
  expect(rows.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 8, 12]);
  expect(rows.map(({ earlier }) => earlier === null)).toEqual([
    ...Array.from({ length: 5 }, () => true),
    false,
    false,
  ]);
  const told = rows.flatMap(({ earlier, id, hash }) => [
    ...chunks(earlier ?? [], 7).map(([first = '', , , , , , seventh = '']) => [first, seventh]),
    [id, hash],
  ]);
  let before = '';
  for (const [index, envelope] of events.entries()) {
    before = createHash('sha256')
      .update(`${before}/${index + 1}/${eventDigest(envelope)}`)
      .digest('hex');
    expect(told[index]).toEqual([envelope.id, before]);
  }
  expect(told).toHaveLength(events.length);
});

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: items.length / size }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
