import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { internalRoutes, routes } from '@parley/contracts';
import { fastify } from 'fastify';
import { SignJWT, importJWK } from 'jose';
import { z } from 'zod';
import {
  CircuitBreaker,
  ContextTokens,
  createLog,
  EventQueue,
  ExpiringMap,
  idempotencyKeyOf,
  ifMatchOf,
  loadConfig,
  newScope,
  problemOf,
  requestFingerprint,
  runInScope,
  sendEvents,
  Services,
  traceIdOf,
} from './index.js';
import { recordedLog, type TestKeys, testKeys } from './testing/index.js';

let keys: TestKeys;
beforeAll(async () => {
  keys = await testKeys();
});

describe('the configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-config-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const schema = z.object({
    port: z.coerce.number().int(),
    dbAppUrl: z.string(),
    apiKey: z.string().min(8),
    home: z.string().default('.parley'),
  });

  it('takes values or files, and cannot be changed', () => {
    const file = join(dir, 'key');
    writeFileSync(file, 'a long secret\n');
    const env = { PARLEY_PORT: '7', PARLEY_DB_APP_URL: 'x', PARLEY_API_KEY_FILE: file };
    const config = loadConfig(schema, env);
    expect(config).toEqual({ port: 7, dbAppUrl: 'x', apiKey: 'a long secret', home: '.parley' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad key at once, and no value', () => {
    const env = {
      PARLEY_PORT: 'seven',
      PARLEY_DB_APP_URL_FILE: join(dir, 'absent'),
      PARLEY_API_KEY: 'hunter2',
    };
    const attempt = () => loadConfig(schema, env);
    expect(attempt).toThrow(/PARLEY_PORT[\s\S]*PARLEY_API_KEY/);
    expect(attempt).toThrow(/PARLEY_DB_APP_URL: the file .* cannot be read \(ENOENT\)/);
    expect(attempt).not.toThrow(/hunter2/);
    const both = { PARLEY_API_KEY: 'long enough', PARLEY_API_KEY_FILE: dir };
    expect(() => loadConfig(schema, both)).toThrow(/PARLEY_API_KEY: given both/);
  });
});

describe('context tokens', () => {
  const tokens = (service: 'gateway' | 'platform') =>
    new ContextTokens({
      service,
      signingKey: keys.privateKeys[service],
      trustedKeys: keys.trustedKeys,
      acceptWorkFrom: [],
    });
  const claims = {
    kind: 'request' as const,
    tenantId: 'ten_0000',
    principal: 'm',
    name: 'M',
    roles: [],
  };

  async function signed(life: { iat: number; exp: number }, kid = 'gateway') {
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'parley-context+jwt' })
      .setIssuer('gateway')
      .setAudience('platform')
      .setIssuedAt(life.iat)
      .setExpirationTime(life.exp)
      .sign(await importJWK(keys.privateKeys.gateway, 'EdDSA'));
  }

  it('are reused for a while', async () => {
    const gateway = tokens('gateway');
    const first = await gateway.mint(claims, 'platform');
    expect(await gateway.mint(claims, 'platform')).toBe(first);
    expect(await gateway.mint({ ...claims, principal: 'other' }, 'platform')).not.toBe(first);
    expect(await tokens('platform').verify(first)).toMatchObject({ ...claims, issuer: 'gateway' });
  });

  it('that are over, or live longer than five minutes, are refused', async () => {
    const now = Math.floor(Date.now() / 1000);
    const platform = tokens('platform');
    await expect(platform.verify(await signed({ iat: now, exp: now + 60 }))).resolves.toBeDefined();
    for (const life of [
      { iat: now - 200, exp: now - 10 },
      { iat: now, exp: now + 3600 },
      { iat: now - 400, exp: now + 60 },
      { iat: now + 100, exp: now + 200 },
    ]) {
      await expect(platform.verify(await signed(life))).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
  });

  it('need the key of the service that they name', () => {
    const options = { signingKey: keys.privateKeys.agent, trustedKeys: keys.trustedKeys };
    expect(
      () => new ContextTokens({ service: 'platform', acceptWorkFrom: [], ...options }),
    ).toThrow(/kid/);
  });
});

describe('request headers', () => {
  it('carry an idempotency key of visible characters', () => {
    expect(idempotencyKeyOf({})).toBeUndefined();
    expect(idempotencyKeyOf({ 'idempotency-key': 'a-B_1' })).toBe('a-B_1');
    for (const bad of ['', 'a b', 'ä', 'x'.repeat(201), ['a', 'b']]) {
      expect(() => idempotencyKeyOf({ 'idempotency-key': bad })).toThrow(/Idempotency-Key/);
    }
  });

  it('carry one revision in If-Match', () => {
    expect(ifMatchOf({ 'if-match': '"abc"' })).toBe('abc');
    expect(ifMatchOf({ 'if-match': 'abc' })).toBe('abc');
    expect(ifMatchOf({ 'if-match': 'W/"abc"' })).toBe('abc');
    expect(() => ifMatchOf({})).toThrow(expect.objectContaining({ code: 'precondition-required' }));
    for (const bad of ['*', '"a", "b"', '""']) {
      expect(() => ifMatchOf({ 'if-match': bad })).toThrow(
        expect.objectContaining({ code: 'malformed' }),
      );
    }
  });

  it('continue a trace only when it is well-formed', () => {
    const known = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { traceparent } = newScope({ traceparent: known });
    expect(traceIdOf(traceparent)).toBe(traceIdOf(known));
    expect(traceparent).not.toBe(known);
    for (const bad of [undefined, 'x', known.toUpperCase(), known.replace('00-', 'ff-')]) {
      expect(traceIdOf(newScope({ traceparent: bad }).traceparent)).not.toBe(traceIdOf(known));
    }
    expect(newScope({ requestId: 'a\nb' }).requestId).not.toContain('\n');
  });

  it('have a body whose fingerprint does not depend on the order of keys', () => {
    const fingerprint = requestFingerprint({ a: 1, b: [2] }, 'x');
    expect(requestFingerprint({ b: [2], a: 1 }, 'x')).toBe(fingerprint);
    expect(requestFingerprint({ b: [2], a: 2 }, 'x')).not.toBe(fingerprint);
    expect(requestFingerprint(undefined)).toBe(requestFingerprint(null));
  });
});

describe('the log', () => {
  it('knows its scope and keeps secrets out', () => {
    const { log, lines } = recordedLog('agent');
    const context = {
      kind: 'work' as const,
      tenantId: 'ten_1',
      runId: 'run_1',
      principal: 'agent',
      name: 'agent',
      roles: [],
      issuer: 'agent' as const,
    };
    runInScope({ ...newScope({ requestId: 'r1' }), context }, () =>
      log.info(
        { headers: { authorization: 'Bearer x', 'parley-context': 'y' }, password: 'z' },
        'm',
      ),
    );
    expect(lines[0]).toMatchObject({
      level: 'info',
      service: 'agent',
      requestId: 'r1',
      tenantId: 'ten_1',
      runId: 'run_1',
      headers: { authorization: '[redacted]', 'parley-context': '[redacted]' },
      password: '[redacted]',
    });
    expect(createLog({ service: 'x', level: 'silent' }).isLevelEnabled('fatal')).toBe(false);
  });
});

describe('limits', () => {
  it('an expiring map forgets in time, and the oldest when it is full', () => {
    let now = 0;
    const map = new ExpiringMap<number>(2, () => now);
    map.set('a', 1, 10);
    map.set('b', 2, 20);
    map.set('c', 3, 30);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, 2, 3]);
    now = 20;
    expect([map.get('b'), map.get('c')]).toEqual([undefined, 3]);
  });

  it('a circuit opens after failures in a row and lets one call try', () => {
    let now = 0;
    const breaker = new CircuitBreaker('agent', () => now);
    for (let i = 0; i < 5; i++) {
      breaker.enter();
      breaker.failed();
    }
    const refused = expect.objectContaining({ code: 'unavailable', retryAfterSeconds: 1 });
    expect(() => breaker.enter()).toThrow(refused);
    now = 1000;
    breaker.enter();
    expect(() => breaker.enter()).toThrow(refused);
    breaker.failed();
    expect(() => breaker.enter()).toThrow(refused);
    now = 2000;
    breaker.enter();
    breaker.succeeded();
    breaker.enter();
    breaker.enter();
  });

  it('a queue ends for a reader that falls behind', async () => {
    let ended = 0;
    const queue = new EventQueue<number>({ limit: 2, onEnd: () => ended++ });
    for (const n of [1, 2, 3, 4]) queue.push(n);
    const read: number[] = [];
    for await (const n of queue) read.push(n);
    expect([read, ended]).toEqual([[1, 2], 1]);
  });

  it('a problem carries at most a hundred errors and no detail of a bug', () => {
    const { body } = problemOf(new TypeError('secret'), { traceId: 't' });
    expect(body).toMatchObject({ code: 'internal', status: 500, traceId: 't' });
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('server-sent events', () => {
  it('are pulled no faster than they are read; who leaves ends the source', async () => {
    const app = fastify();
    let pulled = 0;
    let ended: AbortSignal | undefined;
    const chunk = 'x'.repeat(65_536);
    app.get('/', (_request, reply) =>
      sendEvents(reply, async function* (signal) {
        ended = signal;
        while (!signal.aborted) yield { id: ++pulled, event: 'big', data: chunk };
      }),
    );
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    while (pulled === 0) await pause(5);
    await settled(() => pulled);
    expect(pulled).toBeLessThan(400);
    socket.destroy();
    while (ended?.aborted !== true) await pause(5);
    await app.close();
  });

  async function settled(value: () => number): Promise<void> {
    for (let last = -1; last !== value();) {
      last = value();
      await pause(200);
    }
  }
});

describe('calls that meet trouble', () => {
  const caller = { tenantId: 'ten_0000', principal: 'm', name: 'M', roles: ['owner'] };
  const opened: Server[] = [];
  afterAll(() => opened.forEach((server) => server.close().closeAllConnections()));

  function servicesTo(url: string): Services {
    const tokens = new ContextTokens({
      service: 'conversation',
      signingKey: keys.privateKeys.conversation,
      trustedKeys: keys.trustedKeys,
      acceptWorkFrom: [],
    });
    return new Services('conversation', tokens, { workflow: url });
  }

  async function listening(server: Server): Promise<string> {
    opened.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Cuts the first `cuts` calls off and answers the others with a catalogue. */
  async function flaky(cuts: number) {
    const calls = { count: 0 };
    const server = createServer((request, response) => {
      if (++calls.count <= cuts) request.socket.destroy();
      else response.setHeader('content-type', 'application/json').end('{"connectors":[]}');
    });
    return { calls, services: servicesTo(await listening(server)) };
  }

  it('are repeated when they are idempotent', async () => {
    const { calls, services } = await flaky(2);
    const catalogue = routes.getCatalogue;
    expect(await services.call(catalogue, { context: caller })).toEqual({ connectors: [] });
    expect(calls.count).toBe(3);
    await services.close();
  });

  it('are never repeated when they might act twice', async () => {
    const { calls, services } = await flaky(1);
    const attempt = services.call(routes.cancelRun, {
      context: caller,
      params: { run: 'run_1' },
      body: {},
    });
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    expect(calls.count).toBe(1);
    await services.close();
  });

  it('time out', async () => {
    const services = servicesTo(await listening(createServer(() => undefined)));
    const attempt = services.call(routes.getCatalogue, { context: caller, timeoutMs: 50 });
    await expect(attempt).rejects.toMatchObject({ code: 'timeout' });
    await services.close();
  });

  it('find out that another service does not keep to its shape', async () => {
    const server = createServer((_request, response) => response.end('{"workflowId":7}'));
    const services = servicesTo(await listening(server));
    const attempt = services.call(internalRoutes.registerVersion, { context: caller, body: {} });
    await expect(attempt).rejects.toMatchObject({ code: 'internal' });
    await services.close();
  });

  it('find out that something else answers', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-nonsense\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const services = servicesTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const attempt = services.call(routes.getCatalogue, { context: caller });
    await expect(attempt).rejects.toBeDefined();
    await services.close();
    server.close();
  });
});
