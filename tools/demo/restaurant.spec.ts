import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSystems } from './documents.ts';
import { LedgerFile } from './ledger.ts';
import { Restaurant } from './restaurant.ts';

const now = Date.parse('2035-03-01T12:10:00Z');
const at = new Date(now).toISOString();
const opening = { seed: 1, scale: 1, at };
const reserveStock = loadSystems()
  .flatMap(({ operations }) => operations)
  .find(({ id }) => id === 'reserveStock');

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-demo-'));
  path = join(folder, 'ledger.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function reserve(restaurant: Restaurant, key: string) {
  if (!reserveStock) throw new Error('reserveStock is not described');
  const body = { orderId: 'ord-1001', items: [{ sku: 'carbonara', quantity: 1 }] };
  const outcome = restaurant.perform(reserveStock, { params: {}, query: {}, body, now }, key);
  restaurant.record(
    {
      ...{ at, system: 'inventory', operation: 'reserveStock', method: 'POST', path: '/' },
      ...{ idempotencyKey: key, status: outcome.status, effect: outcome.effect },
      ...{ answer: 'sent', replayed: outcome.replayed },
    },
    outcome.performed,
  );
  return outcome;
}

describe('a ledger file that is full', () => {
  it('becomes one snapshot, from which everything comes back', () => {
    const linesMax = 10;
    const first = new Restaurant(opening, new LedgerFile(path, linesMax));
    const bodies = Array.from({ length: 25 }, (_, index) => reserve(first, `k${index}`).body);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBeLessThan(linesMax);
    const calls = first.callsSince();
    first.close();

    const second = new Restaurant(opening, new LedgerFile(path, linesMax));
    expect(second.callsSince()).toEqual(calls);
    const again = bodies.map((_, index) => reserve(second, `k${index}`));
    expect(again.map(({ body }) => body)).toEqual(bodies);
    expect(again.every(({ effect, replayed }) => replayed && !effect)).toBe(true);
    expect(JSON.parse(reserve(second, 'new').body)).toMatchObject({ reservationId: 'res-27' });
    second.close();
  });
});

describe('a reset', () => {
  it('forgets answers and calls but not the count', () => {
    const restaurant = new Restaurant(opening, new LedgerFile(undefined));
    const before = reserve(restaurant, 'k1');
    restaurant.reset(opening);
    expect(restaurant.callsSince()).toEqual([]);
    expect(reserve(restaurant, 'k1')).toEqual(before);
    expect(restaurant.callsSince().map(({ seq }) => seq)).toEqual([2]);
  });
});
