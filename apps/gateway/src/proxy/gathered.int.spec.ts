import { type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Headers, Module, Param } from '@nestjs/common';
import { type Principal, routes, type StartRun } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  Caller,
  type Context,
  ContextTokens,
  createService,
  Endpoint,
  gatheredPlugin,
  newScope,
  Origins,
  type RunningService,
} from '@parley/nest-kit';
import { recordedLog, testConfig, type TestKeys, testKeys } from '@parley/nest-kit/testing';
import { fastify, type FastifyInstance } from 'fastify';
import { proxyPlugin, type ProxyParts } from './proxy.js';
import { Upstream, type Upstreams } from './upstream.js';

const at = '2026-01-01T00:00:00.000Z';
const workflow = 'wf_00000000000000000000000001';
const olivia: Principal = {
  ...{ tenantId: 'ten_first000000000000000000000', memberId: 'mem_olivia0000', name: 'Olivia' },
  roles: ['owner'],
};
const otto: Principal = { ...olivia, tenantId: 'ten_second00000000000000000000', name: 'Otto' };
const { log } = recordedLog('gateway');

/** Starts are held until the test lets them go. */
const held: (() => void)[] = [];
const begun: string[] = [];
/** At the gateway. */
let arrived = 0;
let hungUp = 0;

@Controller()
class FakeStarts {
  @Endpoint(routes.startRun)
  async start(
    @Param('workflow') workflowId: string,
    @Body() { input }: StartRun,
    @Headers() headers: Record<string, string>,
    @Caller() { tenantId, principal, name }: Context,
  ) {
    begun.push(input as string);
    await new Promise<void>((resume) => held.push(resume));
    if (input === 'later') throw new AppError('overloaded', 'Later.', { retryAfterSeconds: 3 });
    return {
      ...{ id: 'run_00000000000000000000000003', workflowId, workflowName: name, version: 1 },
      ...{ status: 'running', startedBy: principal, input, waitingFor: [], tags: [tenantId] },
      attributes: { key: headers['idempotency-key'] ?? 'none' },
      ...{ createdAt: at, updatedAt: at, position: 1 },
    };
  }
}

@Module({ controllers: [FakeStarts] })
class FakeModule {}

let keys: TestKeys;
let open: { close(): unknown }[] = [];

beforeAll(async () => {
  keys = await testKeys();
});

afterEach(async () => {
  for (const each of open.toReversed()) await each.close();
  open = [];
  held.length = begun.length = arrived = hungUp = 0;
});

/** @param knowsGathered whether it takes requests that came together */
async function startFake(knowsGathered: boolean): Promise<RunningService & { asked: string[] }> {
  const asked: string[] = [];
  const service = await createService({
    name: 'workflow',
    module: FakeModule,
    config: testConfig('workflow', keys),
    extend: (app) => {
      const server = app.getHttpAdapter().getInstance();
      server.server.on('request', ({ url = '' }) => asked.push(url));
      if (!knowsGathered) return;
      server.register(
        gatheredPlugin({
          tokens: app.get(ContextTokens),
          log,
          stopping: new AbortController().signal,
          routes: [
            {
              route: routes.startRun,
              isHere: () => true,
              answer: ({ params, headers, body, caller }) => {
                const starts = app.get(FakeStarts);
                return starts.start(params['workflow'] ?? '', body as StartRun, headers, caller);
              },
            },
          ],
        }),
      );
    },
  });
  open.push(service);
  return { ...service, asked };
}

/** A gateway in front of these, whose bearers are names. */
async function startGateway(urls: string[], more: Partial<ProxyParts> = {}): Promise<string> {
  const server: FastifyInstance = fastify({ forceCloseConnections: true });
  const upstream = new Upstream();
  server.decorateRequest('scope', undefined);
  server.addHook('onRequest', (request, _reply, done) => {
    request.scope = newScope({});
    done();
  });
  server.addHook('preHandler', (_request, { raw }, done) => {
    arrived += 1;
    raw.once('close', () => {
      if (!raw.writableFinished) hungUp += 1;
    });
    done();
  });
  const parts: ProxyParts = {
    callers: { identify: (bearer) => Promise.resolve(bearer === 'otto' ? otto : olivia) },
    tokens: new ContextTokens({
      service: 'gateway',
      signingKey: keys.privateKeys.gateway,
      trustedKeys: keys.trustedKeys,
      acceptWorkFrom: [],
    }),
    upstream,
    upstreams: { workflow: new Origins(urls) } as unknown as Upstreams,
    log,
    stopping: new AbortController().signal,
    ...more,
  };
  server.register(proxyPlugin(parts));
  server.addHook('onClose', () => upstream.close());
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  open.push(server);
  return url;
}

interface Heard {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

async function start(
  url: string,
  input: string,
  { bearer = 'olivia', signal }: { bearer?: string; signal?: AbortSignal } = {},
): Promise<Heard> {
  const response = await fetch(`${url}/v1/workflows/${workflow}/runs`, {
    method: 'POST',
    headers: {
      authorization: bearer,
      'content-type': 'application/json',
      'idempotency-key': `key-${input}`,
    },
    body: input === 'broken' ? '{"input":' : JSON.stringify({ input }),
    ...(signal && { signal }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resume) => setTimeout(resume, 5));
}

function letGo(): void {
  for (const resume of held.splice(0)) resume();
}

/** Two starts that are on their way, so that what comes next gathers. */
async function busy(url: string): Promise<Promise<Heard>[]> {
  const first = start(url, 'first');
  await until(() => begun.includes('first'));
  const second = start(url, 'second');
  await until(() => begun.includes('second'));
  return [first, second];
}

const many = Array.from({ length: 20 }, (_, n) => `n${n}`);

describe('starts that come at the same time', () => {
  it('go to the service together and are answered each by itself', async () => {
    const service = await startFake(true);
    const url = await startGateway([service.url]);
    const before = await busy(url);
    const sent = [...many, 'later', 'broken'].map((input) => start(url, input));
    const other = start(url, 'other', { bearer: 'otto' });
    await until(() => begun.includes('other')); // Of somebody else: it does not wait for them.
    letGo();
    await Promise.all([...before, other]);
    await until(() => begun.length === 3 + many.length + 1);
    letGo();
    const heard = await Promise.all(sent);
    for (const [index, input] of many.entries()) {
      expect(heard[index]).toMatchObject({
        status: 202,
        body: { input, workflowName: 'Olivia', tags: [olivia.tenantId] },
      });
      expect(heard[index]?.body['attributes']).toEqual({ key: `key-${input}` });
    }
    expect(heard.at(-2)).toMatchObject({ status: 429, retryAfter: '3' });
    expect(heard.at(-1)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect((await other).body).toMatchObject({ workflowName: 'Otto', tags: [otto.tenantId] });
    const together = service.asked.filter((path) => path === '/internal/v1/gathered');
    expect(together.length).toBeGreaterThan(0);
    expect(service.asked.length).toBeLessThan(many.length);
  });

  it('go one by one to a service that does not take them together', async () => {
    const service = await startFake(false);
    const url = await startGateway([service.url]);
    const before = await busy(url);
    const sent = many.map((input) => start(url, input));
    letGo();
    await Promise.all(before);
    await until(() => begun.length === 2 + many.length);
    letGo();
    const heard = await Promise.all(sent);
    expect(heard.map(({ body }) => body['input'])).toEqual(many);
  });

  it('go around a process that does not listen', async () => {
    const service = await startFake(true);
    const url = await startGateway(['http://127.0.0.1:1', service.url]);
    const before = await busy(url);
    const sent = many.map((input) => start(url, input));
    letGo();
    await Promise.all(before);
    await until(() => begun.length === 2 + many.length);
    letGo();
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(many.map(() => 202));
  });

  it('are not made when their clients have left before', async () => {
    const service = await startFake(true);
    const url = await startGateway([service.url], { gatheredMsMax: 60_000 });
    const before = await busy(url);
    const client = new AbortController();
    const left = start(url, 'left', client).catch((error: unknown) => (error as Error).name);
    const stays = [start(url, 'a'), start(url, 'b')];
    await until(() => arrived === 5);
    client.abort();
    expect(await left).toBe('AbortError');
    await until(() => hungUp > 0);
    letGo();
    await Promise.all(before);
    await until(() => begun.includes('a') && begun.includes('b'));
    letGo();
    await Promise.all(stays);
    expect(begun).not.toContain('left');
  });

  it('are all told when the connection is lost on the way', async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      const path = request.url ?? '';
      asked.push(path);
      request.resume().once('end', () => {
        if (path === '/internal/v1/gathered') response.destroy();
        else held.push(() => response.writeHead(202).end('{}'));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(server);
    const url = await startGateway([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
    const before = [start(url, 'first'), start(url, 'second')];
    await until(() => held.length === 2);
    const sent = many.map((input) => start(url, input));
    const heard = await Promise.all(sent);
    for (const { status, retryAfter, body } of heard) {
      expect([status, retryAfter, body['code']]).toEqual([503, '1', 'unavailable']);
    }
    expect(asked.length).toBeLessThan(many.length);
    letGo();
    await Promise.all(before);
  });
});
