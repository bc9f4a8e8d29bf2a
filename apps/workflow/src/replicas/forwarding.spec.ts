import { afterEach, describe, expect, it } from '@jest/globals';
import { isAppError } from '@parley/kernel';
import { contextHeader, newScope, type Context, type Scope } from '@parley/nest-kit';
import { fastify, type FastifyInstance } from 'fastify';
import { Readable } from 'node:stream';
import { partitionOfKey } from '../engine/run-id.js';
import { Forwarding } from './forwarding.js';
import { Partitions } from './partitions.js';
import { commandHeader, notOwnerHeader, type PassedRequest } from './peers.js';
import { placesOf } from './places.js';

const runIn3 = `run_${'0'.repeat(26)}3`;
const peer = 'http://peer.test';
const third = 'http://third.test';
const tenantId = 'ten_1';

type Answer = Awaited<ReturnType<Parameters<typeof Forwarding.prototype.attach>[0]['inject']>>;
interface Passed {
  readonly url: string;
  readonly request: PassedRequest;
}

let open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.map((server) => server.close()));
  open = [];
});

/** One process of the service whose peers are scripted. */
class World {
  readonly partitions = new Partitions();
  readonly passed: Passed[] = [];
  readonly answered: { readonly path: string; readonly scope: Scope | undefined }[] = [];
  readonly stopping = new AbortController();
  refreshed = 0;
  /** Long enough for a machine that does much else. */
  patienceMs = 30_000;
  issuer: Context['issuer'] = 'gateway';
  /** What the next attempts come to; the last one is repeated. */
  attempts: (() => ReturnType<typeof answer>)[] = [() => answer(202, { by: 'peer' })];
  onRefresh: () => void = () => undefined;

  server(): FastifyInstance {
    const server = fastify();
    open.push(server);
    server.decorateRequest('scope', undefined);
    server.addHook('onRequest', (request, _reply, done) => {
      request.scope = newScope({});
      done();
    });
    new Forwarding({
      partitions: this.partitions,
      peers: {
        pass: (url, request) => {
          this.passed.push({ url, request });
          const next = this.attempts.length > 1 ? this.attempts.shift() : this.attempts[0];
          return next?.() ?? Promise.reject(new Error('no answer'));
        },
      },
      tokens: { verify: () => Promise.resolve(this.context()) },
      places: placesOf(() => Promise.resolve(runIn3)),
      refresh: () => {
        this.refreshed += 1;
        this.onRefresh();
      },
      stopping: this.stopping.signal,
      patienceMs: this.patienceMs,
    }).attach(server);
    server.setErrorHandler((error, _request, reply) => {
      if (!isAppError(error)) throw error;
      const { code, message, retryAfterSeconds } = error;
      return reply.code(503).send({ code, message, retryAfterSeconds });
    });
    const routes = [
      '/v1/runs/:run/cancel',
      '/v1/workflows/:workflow/runs',
      '/v1/approvals/:approval/decide',
    ];
    for (const url of routes) {
      server.post(url, ({ scope }) => {
        this.answered.push({ path: url, scope });
        return { by: 'me' };
      });
    }
    server.get('/v1/runs/:run', () => ({ by: 'me' }));
    return server;
  }

  async post(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    const payload = { reason: 'why', big: 1 };
    return this.server().inject({
      method: 'POST',
      url,
      payload,
      headers: { [contextHeader]: 'token', ...headers },
    });
  }

  private context(): Context {
    const { issuer } = this;
    return { kind: 'request', tenantId, principal: 'mem_1', name: 'A', roles: ['owner'], issuer };
  }
}

function answer(statusCode: number, body: unknown, headers: Record<string, string> = {}) {
  const text = JSON.stringify(body);
  const stream = Readable.from([text]);
  return Promise.resolve({
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: Object.assign(stream, { dump: () => Promise.resolve() }),
  } as never);
}

const refuses = (code: string) => () =>
  Promise.reject(Object.assign(new Error(code), { code })) as never;
const notOwner = () => answer(421, {}, { [notOwnerHeader]: '1' });

const cancel = `/v1/runs/${runIn3}/cancel`;
const elsewhere = (partition: number, url = peer) => new Map([[partition, url]]);

describe('a command to a run', () => {
  it('is answered here when the run is here', async () => {
    const world = new World();
    world.partitions.hold([3]);
    expect((await world.post(cancel)).json()).toEqual({ by: 'me' });
    expect(world.passed).toEqual([]);
    expect(world.partitions.holdOf(3)?.requests).toBe(0);
    expect(world.answered[0]?.scope?.commandId).toBeUndefined();
  });

  it('is passed on to the owner with the caller, the body and an id', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(3), [peer]);
    const answered = await world.post(cancel);
    expect([answered.statusCode, answered.json()]).toEqual([202, { by: 'peer' }]);
    const [{ url, request } = { url: '', request: undefined }] = world.passed;
    expect(url).toBe(peer);
    expect(request).toMatchObject({
      method: 'POST',
      path: cancel,
      body: { reason: 'why' },
      context: { tenantId, principal: 'mem_1' },
    });
    expect(request?.commandId).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.answered).toEqual([]);
  });

  it('finds the new owner when the one that it knew says no, under the same id', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(3), [peer, third]);
    world.attempts = [notOwner, () => answer(202, { by: 'third' })];
    world.onRefresh = () => world.partitions.learn(elsewhere(3, third), [peer, third]);
    expect((await world.post(cancel)).json()).toEqual({ by: 'third' });
    expect(world.refreshed).toBe(1);
    expect(world.passed.map(({ url }) => url)).toEqual([peer, third]);
    expect(new Set(world.passed.map(({ request }) => request.commandId)).size).toBe(1);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'])(
    'is said again under the same id after %s, also by taking the run over',
    async (code) => {
      const world = new World();
      world.partitions.learn(elsewhere(3), [peer]);
      world.attempts = [refuses(code)];
      world.onRefresh = () => world.partitions.hold([3]);
      expect((await world.post(cancel)).json()).toEqual({ by: 'me' });
      expect(world.passed).toHaveLength(1);
    },
  );

  it('takes the second refusal of an owner for the answer', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(3), [peer]);
    world.attempts = [() => answer(503, { code: 'unavailable' })];
    expect((await world.post(cancel)).statusCode).toBe(503);
    expect(world.passed).toHaveLength(3);
  });

  it('waits for a partition that nobody has, and is refused when nobody takes it', async () => {
    const world = new World();
    setTimeout(() => world.partitions.hold([3]), 20);
    expect((await world.post(cancel)).json()).toEqual({ by: 'me' });
    const other = new World();
    other.patienceMs = 100;
    const refused = await other.post(cancel);
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  });

  it('is refused at once by one who stops and has nobody beside it', async () => {
    const world = new World();
    world.stopping.abort();
    expect((await world.post(cancel)).statusCode).toBe(503);
  });

  it('finds the run of an approval', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(3), [peer]);
    expect((await world.post('/v1/approvals/apr_1/decide')).json()).toEqual({ by: 'peer' });
  });
});

describe('what another process has passed on', () => {
  const passedOn = { [commandHeader]: 'c-1' };

  it('is answered here under its id, or not at all', async () => {
    const world = new World();
    world.issuer = 'workflow';
    world.partitions.learn(elsewhere(3, third), [third]);
    const refused = await world.post(cancel, passedOn);
    expect([refused.statusCode, refused.headers[notOwnerHeader]]).toEqual([421, '1']);
    expect(world.passed).toEqual([]);
    world.partitions.hold([3]);
    expect((await world.post(cancel, passedOn)).json()).toEqual({ by: 'me' });
    expect(world.answered[0]?.scope?.commandId).toBe('c-1');
  });

  it('is believed only of a process of the service', async () => {
    const world = new World();
    world.partitions.hold([3]);
    await world.post(cancel, passedOn);
    expect(world.answered[0]?.scope?.commandId).toBeUndefined();
  });
});

describe('a start', () => {
  const start = '/v1/workflows/wf_1/runs';
  const key = { 'idempotency-key': 'k' };
  const due = partitionOfKey(tenantId, 'k');
  const own = due === 0 ? 1 : 0;

  it('without a key is made here, with one by the owner of the key', async () => {
    const world = new World();
    world.partitions.hold([own]);
    world.partitions.learn(elsewhere(due), [peer]);
    expect((await world.post(start)).json()).toEqual({ by: 'me' });
    expect((await world.post(start, key)).json()).toEqual({ by: 'peer' });
  });

  it.each([
    ['cannot be reached', refuses('ECONNREFUSED')],
    ['was cut off', refuses('ECONNRESET')],
    ['has given it away', notOwner],
    ['cannot now', () => answer(503, {})],
  ])('is made here when the owner of its key %s', async (_why, attempt) => {
    const world = new World();
    world.partitions.hold([own]);
    world.partitions.learn(elsewhere(due), [peer]);
    world.attempts = [attempt];
    expect((await world.post(start, key)).json()).toEqual({ by: 'me' });
    expect(world.passed).toHaveLength(1);
  });

  it('goes to another one while this one has nothing to start it in', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(7), [peer]);
    expect((await world.post(start)).json()).toEqual({ by: 'peer' });
    expect(world.passed.map(({ url }) => url)).toEqual([peer]);
  });

  it('without a key is not said twice', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(7), [peer]);
    world.attempts = [refuses('ECONNRESET')];
    const refused = await world.post(start);
    expect(refused.statusCode).toBe(503);
    expect(refused.json().message).toMatch(/Idempotency-Key/);
    expect(world.passed).toHaveLength(1);
  });
});

describe('a read', () => {
  it('is answered by everybody', async () => {
    const world = new World();
    world.partitions.learn(elsewhere(3), [peer]);
    const server = world.server();
    const headers = { [contextHeader]: 'token' };
    const read = await server.inject({ method: 'GET', url: `/v1/runs/${runIn3}`, headers });
    expect(read.json()).toEqual({ by: 'me' });
  });
});
