import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Module, Req, Res } from '@nestjs/common';
import { internalRoutes, type Problem, type ResolvePrincipal, routes } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  Caller,
  type Context,
  createService,
  Endpoint,
  EventQueue,
  type RunningService,
  sendEvents,
} from '@parley/nest-kit';
import { testConfig, testKeys } from '@parley/nest-kit/testing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { TokenVerifier } from './bearer/token-verifier.js';
import type { GatewayConfig } from './config.js';
import { gatewayService } from './service.js';

jest.setTimeout(60_000); // starts processes, on machines that are busy

const tenantId = 'ten_first000000000000000000000';
const createdAt = '2026-01-01T00:00:00.000Z';
const seen: { headers: Record<string, unknown>; caller: Context }[] = [];
let resolved = 0;

@Controller()
class FakePlatform {
  @Endpoint(internalRoutes.resolvePrincipal)
  resolve(@Body() { email }: ResolvePrincipal) {
    resolved++;
    if (email !== 'owner@parley.local') throw new AppError('forbidden', 'Not a member.');
    return { tenantId, memberId: 'mem_olivia0000', name: 'Olivia', roles: ['owner'] };
  }

  @Endpoint(routes.tenant)
  tenant(@Req() { headers }: FastifyRequest, @Caller() caller: Context) {
    seen.push({ headers, caller });
    return { id: caller.tenantId, name: 'First', timezone: 'UTC', createdAt };
  }

  @Endpoint(routes.addMember)
  add(@Body() body: { name: string; email: string; roles: string[] }) {
    return { id: 'mem_added00000', createdAt, ...body };
  }
}

const queues: EventQueue<{ data: unknown }>[] = [];

@Controller()
class FakeWorkflow {
  @Endpoint(routes.runEvents)
  async events(@Res() reply: FastifyReply) {
    await sendEvents(reply, (signal) => {
      const queue = new EventQueue<{ data: unknown }>({ signal });
      queues.push(queue);
      return queue;
    });
  }

  @Endpoint(routes.cancelRun)
  cancel(@Body() body: { reason?: string }) {
    throw new AppError('illegal-transition', `Not now: ${body.reason ?? ''}`);
  }
}

@Module({ controllers: [FakePlatform] })
class PlatformModule {}
@Module({ controllers: [FakeWorkflow] })
class WorkflowModule {}

interface Issuer {
  readonly url: string;
  token(claims?: JWTPayload, options?: { expiresIn?: string; stranger?: boolean }): Promise<string>;
  rotate(): Promise<void>;
  close(): void;
}

async function startIssuer(): Promise<Issuer> {
  let keys = await generateKeyPair('ES256', { extractable: true });
  let kid = 'k1';
  const strangers = await generateKeyPair('ES256');
  const server = createServer((request, response) => {
    const answer = async () =>
      request.url === '/jwks'
        ? { keys: [{ ...(await exportJWK(keys.publicKey)), kid, alg: 'ES256' }] }
        : { issuer: url, jwks_uri: `${url}/jwks` };
    void answer().then((body) => response.end(JSON.stringify(body)));
  });
  const url = await listen(server);
  const person = { sub: 'dev-owner', email: 'owner@parley.local', email_verified: true };
  return {
    url,
    token: (claims = {}, { expiresIn = '5m', stranger = false } = {}) =>
      new SignJWT({ iss: url, aud: 'parley', ...person, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuedAt()
        .setExpirationTime(expiresIn)
        .sign(stranger ? strangers.privateKey : keys.privateKey),
    rotate: async () => {
      keys = await generateKeyPair('ES256', { extractable: true });
      kid = 'k2';
    },
    close: () => server.close(),
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let issuer: Issuer;
let platform: RunningService;
let workflow: RunningService;
let gateway: RunningService;
let bearer: { authorization: string };
const consoleDir = mkdtempSync(join(tmpdir(), 'parley-console-'));

beforeAll(async () => {
  const keys = await testKeys();
  issuer = await startIssuer();
  bearer = { authorization: `Bearer ${await issuer.token()}` };
  const accept = { acceptWorkFrom: ['gateway'] } as const;
  platform = await createService({
    name: 'platform',
    module: PlatformModule,
    config: testConfig('platform', keys),
    ...accept,
  });
  workflow = await createService({
    name: 'workflow',
    module: WorkflowModule,
    config: testConfig('workflow', keys),
  });
  mkdirSync(join(consoleDir, 'assets'));
  writeFileSync(join(consoleDir, 'index.html'), '<!doctype html><title>Parley</title>');
  writeFileSync(join(consoleDir, 'assets/app-1a2b3c.js'), 'export {}');
  const nobodyListens = 'http://127.0.0.1:1';
  const config: GatewayConfig = {
    ...testConfig('gateway', keys),
    platformUrl: platform.url,
    workflowUrl: workflow.url,
    workflowReplicaUrls: [nobodyListens],
    oidcIssuer: issuer.url,
    oidcAudience: 'parley',
    oidcClientId: 'parley-console',
    consoleDir,
    allowedHosts: [],
  };
  gateway = await createService(gatewayService(config));
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([platform.close(), workflow.close()]);
  issuer.close();
  rmSync(consoleDir, { recursive: true });
});

async function get(path: string, headers: Record<string, string> = bearer, init: RequestInit = {}) {
  const response = await fetch(gateway.url + path, { headers, ...init });
  const text = await response.text();
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Partial<Problem> & { id?: string };
  return { response, text, json, status: response.status };
}

function last() {
  const call = seen.at(-1);
  if (!call) throw new Error('nothing arrived');
  return call;
}

describe('a bearer', () => {
  it('is exchanged for the context of its member; one question to the platform is enough', async () => {
    const before = resolved;
    expect((await get('/v1/tenant')).json.id).toBe(tenantId);
    await get('/v1/tenant');
    expect(resolved - before).toBeLessThanOrEqual(1);
    expect(last().caller).toMatchObject({
      kind: 'request',
      issuer: 'gateway',
      principal: 'mem_olivia0000',
    });
  });

  const refused = async (token: string) => {
    const { json, status } = await get('/v1/tenant', { authorization: `Bearer ${token}` });
    return `${status} ${json.code}`;
  };

  it('that has expired is told apart', async () => {
    const token = await issuer.token({}, { expiresIn: '-1m' });
    expect(await refused(token)).toBe('401 token-expired');
  });

  it('of another key, issuer or audience, or without a signature, is refused', async () => {
    const forged = await issuer.token({}, { stranger: true });
    const none = [{ alg: 'none' }, { iss: issuer.url, aud: 'parley', sub: 'dev-owner', exp: 9e9 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    for (const token of [
      forged,
      await issuer.token({ iss: 'https://elsewhere.example' }),
      await issuer.token({ aud: 'parley-console' }),
      `${none}.`,
      'not-a-token',
    ]) {
      expect(await refused(token)).toBe('401 unauthenticated');
    }
  });

  it('is needed, and is not taken from the address', async () => {
    const token = bearer.authorization.slice(7);
    expect((await get('/v1/tenant', {})).json.code).toBe('unauthenticated');
    expect((await get(`/v1/tenant?access_token=${token}`, {})).json.code).toBe('unauthenticated');
    expect((await get('/v1/tenant', { authorization: 'Basic eDp5' })).json.code).toBe(
      'unauthenticated',
    );
  });

  it('with an e-mail address that nobody verified, or of a stranger, opens nothing', async () => {
    expect(await refused(await issuer.token({ email_verified: false }))).toBe('403 forbidden');
    expect(await refused(await issuer.token({ email: 'eve@elsewhere.example' }))).toBe(
      '403 forbidden',
    );
  });
});

describe('what a client sends', () => {
  it.each([
    ['/v1/tenant?colour=red', 'no query parameter "colour"; it takes none.'],
    ['/v1/runs?pagesize=1', 'no query parameter "pagesize"; there are: pageSize, pageToken, '],
    ['/v1/runs?pageSize=1&constructor=1', 'no query parameter "constructor"'],
  ])('has no parameter that nobody knows: %s', async (path, message) => {
    const before = seen.length;
    const { status, json } = await get(path);
    expect([status, json.code]).toEqual([400, 'malformed']);
    expect(json.detail).toContain(message);
    expect(seen.length).toBe(before);
  });

  it('cannot pretend an identity or a tenant', async () => {
    await get('/v1/tenant', {
      ...bearer,
      'parley-context': 'forged',
      'x-tenant-id': 'ten_second00000',
      'x-forwarded-for': '10.0.0.1',
      cookie: 'a=b',
      'x-request-id': 'mine',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    const { headers, caller } = last();
    expect(caller.tenantId).toBe(tenantId);
    expect(headers['x-request-id']).toBe('mine');
    expect(headers.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
    for (const name of ['x-tenant-id', 'x-forwarded-for', 'cookie', 'authorization']) {
      expect(headers[name]).toBeUndefined();
    }
  });

  const post = (path: string, body: string, headers: object = {}) =>
    get(path, bearer, {
      method: 'POST',
      body,
      headers: { ...bearer, 'content-type': 'application/json', ...headers },
    });

  it('reaches the service with its body, whose problems come back as they are', async () => {
    const member = { name: 'Ada', email: 'ada@parley.local', roles: ['viewer'] };
    expect((await post('/v1/members', JSON.stringify(member))).json.id).toBe('mem_added00000');
    const late = await post('/v1/runs/run_1/cancel', '{"reason":"why not"}');
    expect(late.json).toMatchObject({ code: 'illegal-transition', detail: 'Not now: why not' });
    expect((await post('/v1/members', '{"name":')).json.code).toBe('malformed');
  });

  it('is refused before it is forwarded when it is too large or encoded', async () => {
    const far = 'x'.repeat(50 * 1_048_576);
    for (const body of [far.slice(0, 1_048_577), far, far, far, far]) {
      const { json, response } = await post('/v1/members', body);
      expect([response.status, json.code]).toEqual([413, 'too-large']);
      expect(json.detail).toBe('The body is larger than this address accepts: 1 MiB.');
    }
    expect((await post('/v1/members', 'x', { 'content-encoding': 'gzip' })).json.code).toBe(
      'unsupported-media-type',
    );
  });

  it('must name something that exists', async () => {
    expect((await get('/v1/nothing')).json.code).toBe('not-found');
    expect((await get('/v1')).json.code).toBe('not-found');
    expect((await get('/internal/v1/directory')).json.code).toBe('not-found');
    expect((await get('/v1/../internal/v1/directory')).json.code).toBe('not-found');
    const readOfAction = await get('/v1/conversations/cnv_1/turns');
    expect([readOfAction.json.code, readOfAction.response.headers.get('allow')]).toEqual([
      'method-not-allowed',
      'POST',
    ]);
    const wrong = await get('/v1/tenant', bearer, { method: 'DELETE' });
    expect([wrong.json.code, wrong.response.headers.get('allow')]).toEqual([
      'method-not-allowed',
      'GET, PATCH',
    ]);
  });

  it('is answered with "unavailable" when the service is away', async () => {
    const { json, response } = await get('/v1/conversations');
    expect([response.status, json.code]).toEqual([503, 'unavailable']);
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('must be for one of our names', async () => {
    const { port } = new URL(gateway.url);
    const asked = httpRequest({ port, path: '/', headers: { host: 'evil.example' } }).end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(403);
  });
});

describe('streams', () => {
  it('pass through as they come, and end at the service when the client leaves', async () => {
    const client = new AbortController();
    const response = await fetch(`${gateway.url}/v1/runs/run_1/events`, {
      headers: { ...bearer, accept: 'text/event-stream' },
      signal: client.signal,
    });
    const reader = response.body?.getReader();
    const read = async () => {
      const chunk = (await reader?.read())?.value as Uint8Array<ArrayBuffer> | undefined;
      return new TextDecoder().decode(chunk);
    };
    expect(await read()).toBe('retry: 1000\n\n');
    queues.at(-1)?.push({ data: 'first' });
    expect(await read()).toBe('data: "first"\n\n');
    const ended = queues.at(-1)?.next();
    client.abort();
    expect((await ended)?.done).toBe(true);
  });

  it('upgrade to WebSocket with the identity of the caller', async () => {
    workflow.app.getHttpServer().on('upgrade', (request: Incoming, socket: Socket) => {
      const accept = createHash('sha1')
        .update(
          `${String(request.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
        )
        .digest('base64');
      const known = request.headers['parley-context'] === undefined ? 'nobody' : 'somebody';
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n${known}`,
      );
      socket.on('data', (data: Buffer) => socket.end(data));
    });
    const text = await upgrade(`authorization: ${bearer.authorization}\r\n`, 'ping');
    expect(text).toMatch(/^HTTP\/1.1 101 [\s\S]*somebodyping$/);
    expect(await upgrade('')).toMatch(/^HTTP\/1.1 401 [\s\S]*"unauthenticated"/);
    expect(await upgrade('origin: https://evil.example\r\n')).toMatch(/^HTTP\/1.1 403 /);
  });

  async function upgrade(headers: string, message = ''): Promise<string> {
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /v1/runs/run_1/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n${headers}\r\n`,
    );
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (message !== '' && text.endsWith('somebody')) socket.write(message);
    }
    return text;
  }
});

describe('what the gateway answers itself', () => {
  it('is public: how to sign in, and the state of the services', async () => {
    expect((await get('/v1/client-config', {})).json).toEqual({
      issuer: issuer.url,
      clientId: 'parley-console',
      audience: 'parley',
    });
    const { json } = await get('/v1/health', {});
    expect(json).toMatchObject({ status: 'degraded' });
    expect(JSON.stringify(json)).toContain('{"name":"platform","status":"ok"}');
    expect(JSON.stringify(json)).toContain('{"name":"agent","status":"unreachable"}');
  });

  it('is the console, for every address of its own', async () => {
    for (const path of ['/', '/runs/run_1', '/sign-in/callback?code=x']) {
      const page = await get(path, {});
      expect([page.status, page.text]).toEqual([200, '<!doctype html><title>Parley</title>']);
      expect(page.response.headers.get('cache-control')).toBe('no-cache');
      const policy = page.response.headers.get('content-security-policy');
      expect(policy).toContain(`connect-src 'self' ${issuer.url};`);
      expect(policy).toContain(`script-src 'self';`);
    }
    const asset = await get('/assets/app-1a2b3c.js', {});
    expect(asset.response.headers.get('cache-control')).toContain('immutable');
    const missing = await get('/assets/gone.js', {});
    expect([missing.status, missing.json.code]).toEqual([404, 'not-found']);
    expect(missing.response.headers.get('cache-control')).not.toContain('immutable');
    expect((await get('/..%2f..%2fetc%2fpasswd', {})).text).not.toContain('root:');
  });

  it('says nothing to pages of other sites', async () => {
    const { response } = await get('/v1/tenant', { ...bearer, origin: 'https://evil.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the keys of the issuer', () => {
  it('may change: new tokens are accepted, old ones are not any more', async () => {
    const verifier = new TokenVerifier(issuer.url, 'parley', 0);
    const before = await issuer.token();
    expect((await verifier.verify(before)).email).toBe('owner@parley.local');
    await issuer.rotate();
    expect((await verifier.verify(await issuer.token())).subject).toBe('dev-owner');
    await expect(verifier.verify(before)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it("that cannot be fetched are nobody's fault", async () => {
    const verifier = new TokenVerifier('http://127.0.0.1:9', 'parley');
    const attempt = verifier.verify(await issuer.token());
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
  });
});

type Incoming = import('node:http').IncomingMessage;
type Socket = import('node:net').Socket;
