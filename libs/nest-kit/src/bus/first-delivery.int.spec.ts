import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPool, type Pool, type PoolClient, withTransaction } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { firstDelivery } from './bus-strategy.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await testDatabase(['agent']);
  pool = createPool(database.adminUrl, { applicationName: 'test', max: 4 });
  await pool.query(
    'CREATE TABLE consumed_event (event_id text, handler text, PRIMARY KEY (event_id, handler))',
  );
  await pool.query('CREATE TABLE done (event_id text)');
});
afterAll(async () => {
  await pool.end();
  await database.stop();
});

const changing = (client: PoolClient) => async (text: string, values: readonly unknown[]) =>
  (await client.query(text, [...values])).rowCount ?? 0;

function work(eventId: string, fails = false): Promise<void> {
  return withTransaction(pool, async (client) => {
    if (!(await firstDelivery(changing(client), eventId, 'mailer'))) return;
    await client.query('INSERT INTO done VALUES ($1)', [eventId]);
    if (fails) throw new Error('after the work');
  });
}

describe('an event that is delivered again', () => {
  it('is worked on once, also at the same time and after a failure', async () => {
    await expect(work('e1', true)).rejects.toThrow('after the work');
    await Promise.all([work('e1'), work('e1'), work('e1'), work('e2')]);
    const { rows } = await pool.query('SELECT event_id FROM done ORDER BY 1');
    expect(rows).toEqual([{ event_id: 'e1' }, { event_id: 'e2' }]);
  });

  it('is new to every other handler', async () => {
    await withTransaction(pool, async (client) => {
      expect(await firstDelivery(changing(client), 'e1', 'mailer')).toBe(false);
      expect(await firstDelivery(changing(client), 'e1', 'printer')).toBe(true);
    });
  });
});
