import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request as rawRequest } from 'node:http';
import { DEMO_API_KEY } from './documents.ts';
import { startDemo } from './server.ts';
import type { Demo } from './server.ts';
import type { Call } from './ledger.ts';

const noon = Date.parse('2035-03-01T12:10:00Z');
let now = noon;
let demo: Demo;

interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

async function call<T = Record<string, unknown>>(
  route: string,
  {
    body,
    headers,
    signal,
  }: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Answer<T>> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const response = await fetch(demo.url + path, {
    method,
    headers: { 'x-api-key': DEMO_API_KEY, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as T, headers: response.headers };
}

interface Order {
  orderId: string;
  items: { sku: string; quantity: number }[];
  total: number;
}

const order = async (orderId: string) => (await call<Order>(`GET /pos/orders/${orderId}`)).body;
const calls = async (since: string | number = 0) =>
  (await call<Call[]>(`GET /_demo/calls?since=${since}`)).body;
const pizza = [{ sku: 'margherita-pizza', quantity: 2 }];

beforeAll(async () => {
  demo = await startDemo({ host: '127.0.0.1', port: 0, clock: () => now });
});
afterAll(() => demo.stop());
beforeEach(async () => {
  now = noon;
  await call('POST /_demo/reset');
});

describe('an order, from placed to confirmed', () => {
  it('is checked with plain booleans, prepared and confirmed', async () => {
    const { orderId, items } = await order('ord-1001');
    expect((await call('GET /kitchen/capacity')).body).toEqual({
      ...{ available: true, freeUnits: 20, totalUnits: 20, slot: '2035-03-01T12:00:00.000Z' },
    });
    const stock = await call('POST /inventory/stock/check', { body: { items } });
    expect(stock.body).toEqual({ inStock: true, missing: [] });
    const prepared = await call('POST /kitchen/preparations', { body: { orderId, items } });
    expect(prepared).toMatchObject({ status: 201, body: { orderId, status: 'scheduled' } });
    const confirmed = await call(`POST /pos/orders/${orderId}/confirm`);
    expect(confirmed).toMatchObject({ status: 200, body: { orderId, status: 'confirmed' } });
    const rejected = await call(`POST /pos/orders/${orderId}/reject`, { body: {} });
    expect(rejected).toMatchObject({ status: 409, body: { code: 'conflict', status: 409 } });
  });

  it('is rejected for good', async () => {
    const reason = 'Fully booked';
    const rejected = await call('POST /pos/orders/ord-1002/reject', { body: { reason } });
    expect(rejected).toMatchObject({ status: 200, body: { status: 'rejected', reason } });
    expect((await call('POST /pos/orders/ord-1002/confirm')).status).toBe(409);
    expect((await call('POST /pos/orders/ord-1002/reject')).status).toBe(200);
    expect((await call('POST /pos/orders/ord-4711/confirm')).status).toBe(404);
  });

  it('has totals on both sides of 200, and one beyond the stock', async () => {
    const { body } = await call<{ orders: Order[] }>('GET /pos/orders?status=placed&limit=50');
    expect(body.orders).toHaveLength(20);
    const large = body.orders.filter(({ total }) => total > 200).map(({ orderId }) => orderId);
    expect(large).toEqual(['ord-1004', 'ord-1008', 'ord-1012', 'ord-1016', 'ord-1020']);
    for (const { orderId, items } of body.orders) {
      const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(units).toBeLessThanOrEqual(20);
      const check = await call('POST /inventory/stock/check', { body: { items } });
      expect([orderId, check.body.inStock]).toEqual([orderId, orderId !== 'ord-1013']);
    }
  });

  it('costs what the menu says', async () => {
    const items = [
      { sku: 'ribeye-steak', quantity: 3 },
      { sku: 'tomato-soup', quantity: 1, unitPrice: 0.01 },
    ];
    const created = await call('POST /pos/orders', { body: { items } });
    expect(created).toMatchObject({ status: 201, body: { orderId: 'ord-1021', total: 109 } });
    const unknown = await call('POST /pos/orders', {
      body: { items: [{ sku: 'x', quantity: 1 }] },
    });
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ pointer: '/items/0/sku' }] } });
  });
});

describe('what is used up', () => {
  it('kitchen capacity fills slot by slot, and cancelling frees it', async () => {
    const items = [{ sku: 'carbonara', quantity: 15 }];
    const body = { orderId: 'ord-1', items };
    const first = await call('POST /kitchen/preparations', { body });
    const second = await call('POST /kitchen/preparations', { body });
    expect(first.body.slot).toBe('2035-03-01T12:00:00.000Z');
    expect(second.body.slot).toBe('2035-03-01T12:30:00.000Z');
    const slot = '2035-03-01T12:15:00Z';
    const full = await call('POST /kitchen/preparations', { body: { ...body, slot } });
    expect(full).toMatchObject({ status: 409, body: { code: 'no-capacity' } });
    const asked = await call(`GET /kitchen/capacity?slot=${slot}&units=6`);
    expect(asked.body).toMatchObject({ available: false, freeUnits: 5 });
    const cancel = `DELETE /kitchen/preparations/${String(first.body.preparationId)}`;
    expect((await call(cancel)).body.status).toBe('cancelled');
    expect((await call(cancel)).status).toBe(200);
    const freed = await call(`GET /kitchen/capacity?slot=${slot}&units=20`);
    expect(freed.body).toMatchObject({ available: true, freeUnits: 20 });
  });

  it('the whole evening fills up, and the past is closed', async () => {
    const body = { orderId: 'ord-1', items: [{ sku: 'carbonara', quantity: 20 }] };
    for (let slot = 0; slot < 8; slot++) {
      expect((await call('POST /kitchen/preparations', { body })).status).toBe(201);
    }
    expect((await call('POST /kitchen/preparations', { body })).status).toBe(409);
    expect((await call('GET /kitchen/capacity')).body).toMatchObject({
      available: false,
      freeUnits: 0,
    });
    const past = await call('GET /kitchen/capacity?slot=2035-03-01T11:00:00Z');
    expect(past.body).toMatchObject({ available: false, freeUnits: 0 });
  });

  it('stock goes down with reservations and comes back when released or restocked', async () => {
    const onHand = async () => (await call('GET /inventory/items/margherita-pizza')).body.onHand;
    expect(await onHand()).toBe(120);
    const body = { orderId: 'ord-1', items: pizza };
    const reserved = await call('POST /inventory/reservations', { body });
    expect(await onHand()).toBe(118);
    const tooMany = {
      orderId: 'ord-1',
      items: [...pizza, { sku: 'margherita-pizza', quantity: 117 }],
    };
    expect(await call('POST /inventory/reservations', { body: tooMany })).toMatchObject({
      ...{ status: 409, body: { code: 'out-of-stock' } },
    });
    const release = `DELETE /inventory/reservations/${String(reserved.body.reservationId)}`;
    await call(release);
    await call(release);
    expect(await onHand()).toBe(120);
    await call('POST /inventory/items/margherita-pizza/restock', { body: { quantity: 5 } });
    expect(await onHand()).toBe(125);
  });

  it('deliveries move with the time and cannot be called back once there', async () => {
    const address = { street: 'Limmatquai 3', city: 'Zürich', postalCode: '8001' };
    const body = { orderId: 'ord-1001', address };
    const sent = await call('POST /delivery/deliveries', { body });
    const path = `/delivery/deliveries/${String(sent.body.deliveryId)}`;
    expect(sent).toMatchObject({ status: 201, body: { status: 'dispatched' } });
    now += 6 * 60_000;
    expect((await call(`GET ${path}`)).body.status).toBe('on-the-way');
    now += 30 * 60_000;
    expect((await call(`GET ${path}`)).body.status).toBe('delivered');
    expect((await call(`POST ${path}/cancel`)).status).toBe(409);
    const far = { ...address, postalCode: '9001' };
    expect((await call('POST /delivery/quotes', { body: { address: far } })).body.available).toBe(
      false,
    );
    const unreachable = await call('POST /delivery/deliveries', {
      body: { ...body, address: far },
    });
    expect(unreachable.body.code).toBe('out-of-reach');
  });

  it('staff are found by role and shift, and get messages', async () => {
    const managers = await call<{ staff: unknown[] }>('GET /staff/members?role=manager');
    expect(managers.body.staff).toHaveLength(1);
    const early = await call<{ shift: string; staff: { name: string }[] }>(
      'GET /staff/shifts/current',
    );
    expect(early.body.shift).toBe('early');
    expect(early.body.staff.map(({ name }) => name)).toContain('Aiko Mori');
    const body = { text: 'Hello', role: 'cook' };
    const message = await call('POST /staff/messages', { body });
    expect(message).toMatchObject({ status: 202, body: { recipients: ['staff-3', 'staff-4'] } });
    const everybody = await call<{ recipients: string[] }>('POST /staff/messages', {
      body: { text: 'Hello' },
    });
    expect(everybody.body.recipients).toHaveLength(6);
  });

  it('comes back with a reset, the same for the same seed', async () => {
    const before = await order('ord-1003');
    await call('POST /pos/orders/ord-1003/confirm');
    await call('POST /_demo/reset', { body: { scale: 10 } });
    expect(await order('ord-1003')).toEqual(before);
    expect((await call('GET /kitchen/capacity')).body.totalUnits).toBe(200);
    await call('POST /_demo/reset', { body: { seed: 2 } });
    expect(await order('ord-1003')).not.toEqual(before);
  });
});

describe('the key of the till', () => {
  it.each(['', 'wrong'])('refuses %j', async (key) => {
    const answer = await call('GET /pos/orders/ord-1001', { headers: { 'x-api-key': key } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'key-required' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.stringify(answer.body)).not.toContain(DEMO_API_KEY);
  });
});

describe('a request that does not fit', () => {
  const post = (path: string, body: string, type = 'application/json') =>
    fetch(demo.url + path, { method: 'POST', body, headers: { 'content-type': type } });

  it('is refused precisely', async () => {
    const body = { orderId: 5, items: [{ sku: 'a', quantity: 0 }], extra: true };
    const answer = await call('POST /inventory/reservations', { body });
    expect(answer).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/orderId', detail: 'must be string' },
          { pointer: '/items/0/quantity', detail: 'must be at least 1' },
          { pointer: '/extra', detail: 'is not known' },
        ],
      },
    });
    const lenient = { items: pizza, extra: true };
    expect((await call('POST /inventory/stock/check', { body: lenient })).status).toBe(200);
    expect((await call('GET /kitchen/capacity?units=many')).status).toBe(422);
    expect((await call('GET /kitchen/capacity?slot=tomorrow')).status).toBe(422);
  });

  it('malformed JSON, other media types, missing, large and unknown', async () => {
    const path = '/inventory/stock/check';
    expect((await post(path, '{"items": [')).status).toBe(400);
    expect((await post(path, 'items', 'text/plain')).status).toBe(415);
    expect((await post(path, '')).status).toBe(422);
    expect((await post(path, ' '.repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await post('/inventory/nowhere', '{}')).status).toBe(404);
    const wrongMethod = await post('/kitchen/capacity', '{}');
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await post('/%E0%A4%A', '{}')).status).toBe(400);
    expect((await call('GET /healthz')).body).toEqual({ status: 'ok' });
    expect((await call('GET /readyz')).body).toEqual({ status: 'ok' });
  });
});

describe('Idempotency-Key', () => {
  const schedule = (key: string, orderId = 'ord-1001') =>
    call('POST /kitchen/preparations', {
      ...{ body: { orderId, items: pizza }, headers: { 'idempotency-key': key } },
    });

  it('gives the first answer again and does nothing', async () => {
    const first = await schedule('k1');
    const again = await schedule('k1');
    expect(again.body).toEqual(first.body);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await schedule('k2')).body.preparationId).not.toBe(first.body.preparationId);
    const counted = (await calls()).map(({ effect, replayed }) => [effect, replayed]);
    expect(counted).toEqual([
      [true, false],
      [false, true],
      [true, false],
    ]);
  });

  it('is refused for another request, and belongs to one operation', async () => {
    await schedule('k1');
    expect(await schedule('k1', 'ord-1002')).toMatchObject({
      ...{ status: 422, body: { code: 'key-reused' } },
    });
    const headers = { 'idempotency-key': 'k1' };
    const confirmed = await call('POST /pos/orders/ord-1001/confirm', { headers });
    expect(confirmed.status).toBe(200);
  });

  it('means nothing to an operation that does not declare it', async () => {
    const send = () =>
      call('POST /staff/messages', {
        ...{ body: { text: 'Hi', role: 'chef' }, headers: { 'idempotency-key': 'k1' } },
      });
    expect((await send()).body.messageId).not.toBe((await send()).body.messageId);
  });
});

describe('knobs', () => {
  const knob = (body: unknown) => call('PUT /_demo/knobs', { body });
  const schedule = (signal?: AbortSignal) =>
    call('POST /kitchen/preparations', {
      ...{ body: { orderId: 'ord-1001', items: pizza }, headers: { 'idempotency-key': 'k1' } },
      ...(signal ? { signal } : {}),
    });

  it('fail the next calls without effect', async () => {
    const failNext = { status: 429, count: 2, retryAfterSeconds: 3 };
    await knob({ system: 'kitchen', operation: 'schedulePreparation', failNext });
    const refused = await schedule();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
    expect((await call('GET /kitchen/capacity')).status).toBe(200);
    expect((await schedule()).status).toBe(429);
    expect((await schedule()).status).toBe(201);
    expect((await calls()).map(({ status, effect }) => [status, effect])).toEqual([
      [429, false],
      [200, false],
      [429, false],
      [201, true],
    ]);
  });

  it('answer late', async () => {
    await knob({ system: 'kitchen', latencyMs: 60_000 });
    const leaving = new AbortController();
    const late = call('GET /kitchen/capacity', { signal: leaving.signal });
    while ((await calls()).length === 0);
    expect(await calls()).toMatchObject([{ status: 200, answer: 'sent' }]);
    leaving.abort(new Error('left without an answer'));
    await expect(late).rejects.toThrow('left without an answer');
    await knob({ system: 'kitchen', latencyMs: 1 });
    expect((await call('GET /kitchen/capacity')).status).toBe(200);
  });

  it('withhold the answer after the effect', async () => {
    await knob({ system: 'kitchen', operation: 'schedulePreparation', timeoutNext: 1 });
    await expect(schedule(AbortSignal.timeout(150))).rejects.toThrow(/timeout/i);
    const repeated = await schedule();
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    const counted = (await calls()).map(({ effect, answer }) => [effect, answer]);
    expect(counted).toEqual([
      [true, 'withheld'],
      [false, 'sent'],
    ]);
  });

  it('drop the connection after the effect', async () => {
    await knob({ system: 'kitchen', dropNext: 1 });
    await expect(schedule()).rejects.toThrow('fetch failed');
    expect((await schedule()).headers.get('idempotency-replayed')).toBe('true');
    expect((await calls())[0]).toMatchObject({ effect: true, answer: 'dropped', status: 201 });
  });

  it('are listed, cleared and checked', async () => {
    await knob({ system: 'pos', failNext: { status: 503 } });
    expect((await call('GET /_demo/knobs')).body).toEqual([
      { system: 'pos', failNext: { status: 503, count: 1 } },
    ]);
    await call('DELETE /_demo/knobs');
    expect((await call('GET /pos/menu')).status).toBe(200);
    expect((await knob({ system: 'bakery' })).status).toBe(422);
    expect((await knob({ system: 'pos', operation: 'fly' })).status).toBe(422);
    expect((await knob({ system: 'pos', latencyMs: -1 })).status).toBe(422);
  });
});

describe('the ledger', () => {
  it('has every call, in order, and can be read from a point', async () => {
    const headers = { 'x-request-id': 'r1', 'idempotency-key': 'k1' };
    await call('POST /pos/orders/ord-1001/confirm', { headers });
    await call('GET /pos/nothing?x=1');
    const [first, second] = await calls();
    expect(first).toMatchObject({
      ...{ system: 'pos', operation: 'confirmOrder', method: 'POST', status: 200, effect: true },
      ...{ path: '/pos/orders/ord-1001/confirm', idempotencyKey: 'k1', requestId: 'r1' },
    });
    expect(second).toMatchObject({
      operation: null,
      status: 404,
      effect: false,
      idempotencyKey: null,
    });
    expect((second?.seq ?? 0) - (first?.seq ?? 0)).toBe(1);
    expect(await calls(first?.seq)).toEqual([second]);
    expect(await calls('2035-03-01T12:10:00Z')).toHaveLength(2);
    expect(await calls('2035-03-01T12:11:00Z')).toEqual([]);
    expect((await call('GET /_demo/calls?since=soon')).status).toBe(422);
    expect(demo.calls()).toEqual([first, second]);
    await call('DELETE /_demo/calls');
    expect(await calls()).toEqual([]);
    expect((await call('GET /pos/orders/ord-1001')).body.status).toBe('confirmed');
  });

  it('names documents by the host that was asked, and survives a strange one', async () => {
    expect(await indexFor('demo.test:99')).toContain('http://demo.test:99/kitchen/openapi.yaml');
    expect(await indexFor('"><script>')).toContain(`${demo.url}/kitchen/openapi.yaml`);
  });
});

function indexFor(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = rawRequest(demo.url, { headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}
