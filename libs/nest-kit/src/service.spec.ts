import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Module, Param, Query, Req, Res } from '@nestjs/common';
import {
  type EventEnvelope,
  internalRoutes,
  type Member,
  type Problem,
  type PageQuery,
  routes,
  tenantCreated,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BusConsumer } from './bus/bus-strategy.js';
import {
  Caller,
  type Context,
  createService,
  currentScope,
  Endpoint,
  EventQueue,
  OnEvent,
  type RunningService,
  sendEvents,
  sendLines,
  Services,
} from './index.js';
import {
  contextHeaders,
  recordedLog,
  testConfig,
  type TestKeys,
  testKeys,
} from './testing/index.js';

const tenant = {
  id: 'ten_test0000000000000000000000',
  name: 'Test',
  timezone: 'UTC',
  createdAt: '2026-01-01T00:00:00.000Z',
};

@Controller()
class Members {
  queue: EventQueue<{ data: unknown }> | undefined;
  failures = 2;

  @Endpoint(routes.tenant)
  tenant() {
    return { ...tenant, secret: 'not declared' };
  }

  @Endpoint(routes.addMember)
  add(@Body() body: { name: string }, @Caller() caller: Context) {
    if (body.name === 'Boom') throw new Error('the password is hunter2');
    if (body.name === 'Taken') throw new AppError('conflict', 'There is one already.');
    if (body.name === 'Wrong') return { id: 'nonsense' };
    return {
      id: 'mem_test0000000000000000000000',
      name: body.name,
      email: `${caller.principal}@parley.local`,
      roles: ['viewer'],
      createdAt: tenant.createdAt,
    };
  }

  @Endpoint(routes.listMembers)
  list(@Query() query: PageQuery) {
    if (query.pageSize === 7) throw new AppError('overloaded', 'Later.', { retryAfterSeconds: 3 });
    return { items: [] };
  }

  @Endpoint(routes.updateMember)
  update(@Param('member') member: string) {
    throw new AppError('not-found', `There is no member ${member}.`);
  }

  @Endpoint(routes.cancelRun)
  cancel(@Body() body: unknown) {
    throw new AppError('conflict', `told ${JSON.stringify(body)}`);
  }

  @Endpoint(internalRoutes.directory)
  directory(@Caller() caller: Context) {
    return { tenant: { ...tenant, name: caller.issuer }, roles: [], members: [] };
  }

  @Endpoint(routes.runEvents)
  async events(@Req() _request: FastifyRequest, @Res() reply: FastifyReply) {
    await sendEvents(reply, (signal) => {
      this.queue = new EventQueue({ signal });
      this.queue.push({ data: { n: 1 } });
      return this.queue;
    });
  }

  @Endpoint(internalRoutes.agentTurn)
  async turn(@Body() _body: unknown, @Res() reply: FastifyReply) {
    await sendLines(
      reply,
      (async function* () {
        yield { event: 'delta', text: 'Hel' };
        yield { event: 'delta', text: `lo ${currentScope()?.context?.name ?? ''}` };
      })(),
    );
  }

  @OnEvent(tenantCreated)
  created(event: EventEnvelope) {
    if (this.failures-- > 0) throw new Error(`not yet ${event.id}`);
    delivered.push(event.id, currentScope()?.context?.tenantId);
  }
}

const delivered: unknown[] = [];
let deliver: (event: EventEnvelope) => Promise<void>;
const bus: BusConsumer = {
  subscribe: ({ topics, group, handler }) => {
    delivered.push(...topics, group);
    deliver = (envelope) => handler({ envelope });
    return { ready: Promise.resolve(), stop: () => Promise.resolve() };
  },
};

@Module({
  controllers: [Members],
  providers: [{ provide: 'bus', useValue: bus }],
  exports: ['bus'],
})
class TestModule {}

let keys: TestKeys;
let service: RunningService;
const { log, lines } = recordedLog();

beforeAll(async () => {
  keys = await testKeys();
  service = await createService({
    name: 'platform',
    module: TestModule,
    config: testConfig('platform', keys),
    acceptWorkFrom: ['conversation'],
    bus: 'bus',
    log,
  });
});
afterAll(() => service.close());

async function send(
  method: string,
  path: string,
  options: { body?: string | Uint8Array<ArrayBuffer>; headers?: object } = {},
) {
  const { headers = await contextHeaders(keys, 'platform'), body } = options;
  const response = await fetch(service.url + path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Partial<Problem> & Partial<Member>;
  return { response, text, json };
}

describe('an endpoint', () => {
  it('answers with what its response schema declares and nothing else', async () => {
    const { response, json } = await send('GET', '/v1/tenant');
    expect(response.status).toBe(200);
    expect(json).toEqual(tenant);
    expect(response.headers.get('x-request-id')).toBeTruthy();
  });

  it('has its body checked and knows the caller', async () => {
    const body = JSON.stringify({ name: 'Ada', email: 'ada@parley.local', roles: ['viewer'] });
    const { response, json } = await send('POST', '/v1/members', { body });
    expect(response.status).toBe(201);
    expect(json.email).toBe('mem_test0000000000000000000000@parley.local');
  });

  it('takes no body as an empty object where one may be empty', async () => {
    const { response, json } = await send('POST', '/v1/runs/run_test0000000000000000000000/cancel');
    expect(response.status).toBe(409);
    expect(json.detail).toBe('told {}');
  });

  it('says where its body is wrong', async () => {
    const { response, json } = await send('POST', '/v1/members', {
      body: JSON.stringify({ name: 'Ada', email: 'nobody', roles: ['viewer', 'Über'] }),
    });
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(json.code).toBe('invalid');
    expect(json.errors?.map((error) => error.pointer)).toEqual(['/email', '/roles/1']);
  });

  it.each([
    ['POST /v1/members', '{"name": ', 'malformed JSON', '400 malformed'],
    ['POST /v1/members', '{"__proto__":1}', 'a key that would be lost', '422 invalid'],
    ['POST /v1/members', '{"name":"a\\u0000"}', 'text that cannot be kept', '400 malformed'],
    ['POST /v1/members', '{"name":"\\ud800"}', 'half of a character', '400 malformed'],
    ['POST /v1/members', `${'['.repeat(9_000)}${']'.repeat(9_000)}`, 'depth', '400 malformed'],
    ['POST /v1/members', '', 'no body', '422 invalid'],
    [`PATCH /v1/members/${'x'.repeat(600)}`, '{}', 'an endless name', '413 too-large'],
    ['PATCH /v1/members/%00', '{}', 'U+0000 in the path', '400 malformed'],
    ['POST /v1/members', `"${'x'.repeat(2_097_152)}"`, 'a body of 2 MiB', '413 too-large'],
    ['GET /v1/nothing', undefined, 'an unknown path', '404 not-found'],
    ['DELETE /v1/members', undefined, 'a wrong method', '405 method-not-allowed'],
    ['GET /v1/members?pageSize=900', undefined, 'a bad query', '422 invalid'],
    ['PATCH /v1/members/%zz', '{}', 'a bad escape in the path', '400 malformed'],
    ['PATCH /v1/members/x', '{}', 'an AppError', '404 not-found'],
  ])('answers %s with a problem (%#)', async (target, body, _what, expected) => {
    const [method = '', path = ''] = target.split(' ');
    const { response, json } = await send(method, path, { body });
    expect(`${response.status} ${json.code}`).toBe(expected);
    expect(json.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not change what it cannot read', async () => {
    const headers = {
      ...(await contextHeaders(keys, 'platform')),
      'content-type': 'application/json',
    };
    const latin1 = Buffer.from('{"name":"Zo\u00eb"}', 'latin1');
    const { json } = await send('POST', '/v1/members', { headers, body: latin1 });
    expect([json.code, json.detail]).toEqual(['malformed', expect.stringContaining('UTF-8')]);
    const body = '{"a":{"b~/":["x","a\\u0000"]}}';
    const { json: placed } = await send('POST', '/v1/members', { body });
    expect(placed.errors?.[0]?.pointer).toBe('/a/b~0~1/1');
  });

  it('refuses other content types', async () => {
    const headers = { ...(await contextHeaders(keys, 'platform')), 'content-type': 'text/plain' };
    const { json } = await send('POST', '/v1/members', { headers, body: 'x' });
    expect(json.code).toBe('unsupported-media-type');
  });

  it('tells when to come again', async () => {
    const { response, json } = await send('GET', '/v1/members?pageSize=7');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
    expect(json.retryable).toBe(true);
  });

  it.each(['Boom', 'Wrong'])('tells nothing about a bug (%s), but logs it', async (name) => {
    const body = JSON.stringify({ name, email: 'ada@parley.local', roles: ['viewer'] });
    const { response, json, text } = await send('POST', '/v1/members', { body });
    expect([response.status, json.code]).toEqual([500, 'internal']);
    expect(text).not.toMatch(/hunter2|nonsense|does not fit/);
    const logged = lines.find((line) => line.level === 'error' && line.traceId === json.traceId);
    expect(JSON.stringify(logged)).toMatch(name === 'Boom' ? /hunter2/ : /does not fit/);
  });

  it('keeps the trace of its caller', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { traceparent, 'x-request-id': 'my-request' };
    const { response, json } = await send('GET', '/v1/tenant', { headers });
    expect(json.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(response.headers.get('x-request-id')).toBe('my-request');
  });
});

describe('the context token', () => {
  const call = async (headers: object, path = '/v1/tenant') =>
    (await send('GET', path, { headers })).json.code;
  const tampered = (token: string) => {
    const [head, payload, signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['owner'] })).toString(
      'base64url',
    );
    return `${head}.${forged}.${signature}`;
  };

  it('is needed', async () => {
    expect(await call({})).toBe('unauthenticated');
    expect(await call({ 'x-tenant-id': tenant.id, authorization: 'Bearer x' })).toBe(
      'unauthenticated',
    );
  });

  it('must be for this service', async () => {
    expect(await call(await contextHeaders(keys, 'agent'))).toBe('unauthenticated');
  });

  it('must be signed by its issuer', async () => {
    const strangers = await testKeys();
    expect(await call(await contextHeaders(strangers, 'platform'))).toBe('unauthenticated');
    const headers = await contextHeaders(keys, 'platform', { roles: ['viewer'] });
    expect(await call({ 'parley-context': tampered(headers['parley-context'] ?? '') })).toBe(
      'unauthenticated',
    );
    const mixed = { ...keys.privateKeys, gateway: { ...keys.privateKeys.agent, kid: 'gateway' } };
    const impostor = await contextHeaders({ ...keys, privateKeys: mixed }, 'platform');
    expect(await call(impostor)).toBe('unauthenticated');
  });

  it('is a request of the gateway or work of a service on the list', async () => {
    const request = await contextHeaders(keys, 'platform', { issuer: 'conversation' });
    expect(await call(request)).toBe('unauthenticated');
    const unlisted = await contextHeaders(keys, 'platform', { kind: 'work', issuer: 'agent' });
    expect(await call(unlisted)).toBe('unauthenticated');
    const listed = await contextHeaders(keys, 'platform', { kind: 'work', issuer: 'conversation' });
    expect(await call(listed)).toBeUndefined();
  });

  it('must name a tenant', async () => {
    const headers = await contextHeaders(keys, 'platform', { tenantId: undefined });
    expect(await call(headers)).toBe('unauthenticated');
  });

  it('must give the permission', async () => {
    const headers = await contextHeaders(keys, 'platform', { roles: ['viewer'] });
    const body = JSON.stringify({ name: 'Ada', email: 'ada@parley.local', roles: ['owner'] });
    const { json } = await send('POST', '/v1/members', { headers, body });
    expect(json.code).toBe('forbidden');
    expect(json.detail).toContain('administer');
  });

  it('of a person does not open internal routes', async () => {
    const path = '/internal/v1/directory';
    expect(await call(await contextHeaders(keys, 'platform'), path)).toBe('forbidden');
  });
});

describe('health', () => {
  it('tells whether the process lives and whether it can work, without a token', async () => {
    const alive = await send('GET', '/healthz', { headers: {} });
    const ready = await send('GET', '/readyz', { headers: {} });
    expect([alive.response.status, ready.json]).toEqual([200, { status: 'ok', checks: [] }]);
  });
});

describe('calls between services', () => {
  it('carry context, trace and answers; problems come back as they are', async () => {
    const { services, caller } = await conversationCalls();
    const directory = await services.call(internalRoutes.directory, { context: caller });
    expect(directory.tenant.name).toBe('conversation');
    const attempt = services.call(routes.updateMember, {
      context: caller,
      params: { member: 'mem_unknown' },
      body: {},
    });
    await expect(attempt).rejects.toMatchObject({ name: 'AppError', code: 'not-found' });
    await services.close();
  });

  it('stream lines', async () => {
    const { services, caller } = await conversationCalls();
    const body = {
      turnId: 'trn_0000',
      conversationId: 'cnv_0000',
      text: '',
      answers: [],
      history: [],
    };
    const turnRoute = { ...internalRoutes.agentTurn, service: 'platform' } as const;
    const texts: string[] = [];
    for await (const event of services.lines(turnRoute, { context: caller, body })) {
      if (event.event === 'delta') texts.push(event.text);
    }
    expect(texts.join('')).toBe('Hello Ada');
    await services.close();
  });

  it('say that nobody listens, and spare the service after some failures', async () => {
    const { services, caller } = await conversationCalls();
    const attempt = () => services.call(routes.listRuns, { context: caller });
    for (let round = 0; round < 3; round++) {
      await expect(attempt()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    }
    await services.close();
  });

  async function conversationCalls() {
    const { ContextTokens } = await import('./context-tokens.js');
    const tokens = new ContextTokens({
      service: 'conversation',
      signingKey: keys.privateKeys.conversation,
      trustedKeys: keys.trustedKeys,
      acceptWorkFrom: [],
    });
    const services = new Services('conversation', tokens, {
      platform: service.url,
      workflow: 'http://127.0.0.1:9',
    });
    const caller = { tenantId: tenant.id, principal: 'mem_0000', name: 'Ada', roles: ['owner'] };
    return { services, caller };
  }
});

describe('events of the bus', () => {
  it('reach their handler in the scope of their tenant; a failure is left to the bus', async () => {
    expect(delivered).toEqual(['platform', 'platform']);
    const event = tenantCreated.create(
      { tenantId: tenant.id, name: 'Test' },
      { id: 'evt_1', tenantId: tenant.id, key: tenant.id, timeMs: 0 },
    );
    await expect(deliver(event)).rejects.toThrow('not yet evt_1');
    await expect(deliver(event)).rejects.toThrow('not yet evt_1');
    await deliver(event);
    expect(delivered.slice(2)).toEqual(['evt_1', tenant.id]);
  });
});

describe('streams', () => {
  it('are server-sent events that end when the service stops', async () => {
    const response = await fetch(`${service.url}/v1/runs/run_1/events`, {
      headers: await contextHeaders(keys, 'platform'),
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = response.text();
    // As browsers do: connected in advance, nothing asked.
    const silent = connect(Number(new URL(service.url).port), '127.0.0.1').on(
      'error',
      () => undefined,
    );
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    await service.close();
    await closed;
    expect(await text).toBe('retry: 1000\n\ndata: {"n":1}\n\n');
  });
});
