import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Outbound, outboundLimits, type OutboundRequest, type PlacedCredential } from './index.js';

const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] =
  [];
const served = new WeakSet<Socket>();
let server: Server;
let port: number;
let outbound: Outbound;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(url, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  outbound = new Outbound({ ownPorts: [], resolve: async () => ['127.0.0.1'] });
});

afterAll(async () => {
  await outbound.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function answer(url: string, request: IncomingMessage, response: ServerResponse): void {
  const path = url.split('?', 1)[0];
  if (path === '/json') {
    response.setHeader('content-type', 'application/json; charset=utf-8').end('{"a":[1,"ü"]}');
  } else if (path === '/problem') {
    response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"title":"No"}');
  } else if (path === '/echo') {
    const { authorization = '', 'x-key': key } = request.headers;
    response.setHeader('content-type', 'application/json').setHeader('x-said', authorization);
    response.end(JSON.stringify({ detail: `bad key ${String(key)}`, authorization, url, ü: 1 }));
  } else if (path === '/digest') {
    const isProven = request.headers.authorization?.startsWith('Digest username="ada"') === true;
    if (isProven) response.end('in');
    else response.writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n"' }).end();
  } else if (path === '/text') response.setHeader('content-type', 'text/plain').end('hello');
  else if (path === '/bytes') {
    response.setHeader('content-type', 'image/png').end(Buffer.from([0, 255, 1]));
  } else if (path === '/broken-json') {
    response.setHeader('content-type', 'application/json').end('{"a":');
  } else if (path === '/socket') response.end(String(request.socket.remotePort));
  else if (path === '/fickle') {
    if (served.has(request.socket)) request.socket.destroy();
    else response.end(String(request.socket.remotePort));
    served.add(request.socket);
  } else if (path === '/empty') response.writeHead(204).end();
  else if (path === '/busy') response.writeHead(429, { 'retry-after': '2' }).end();
  else if (path === '/moved') response.writeHead(302, { location: '/json' }).end();
  else if (path === '/gzip') {
    response.setHeader('content-encoding', 'gzip').setHeader('content-type', 'application/json');
    response.end(gzipSync('{"b":2}'));
  } else if (path === '/bomb') {
    response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(64 * 1_048_576)));
  } else if (path === '/huge') {
    response.write(Buffer.alloc(outboundLimits.responseBytesMax));
    response.end('x');
  } else if (path === '/headers') response.setHeader('x-big', 'x'.repeat(64 * 1024)).end();
  else if (path === '/reset') request.socket.resetAndDestroy();
  else if (path === '/cut') {
    response.setHeader('content-length', '100');
    response.write('half');
    setTimeout(() => request.socket.destroy(), 20);
  } else if (path !== '/silent') response.end('ok');
}

function send(path: string, options: Partial<OutboundRequest> = {}) {
  return outbound.send({
    method: 'GET',
    url: `http://shop.example:${port}${path}`,
    approvals: [{ host: 'shop.example', port }],
    ...options,
  });
}

describe('digest credentials', () => {
  it('are sent in answer to a challenge, and only then', async () => {
    seen.length = 0;
    const credentials = [{ type: 'digest', username: 'ada', password: 'secret-7' }] as const;
    expect(await send('/digest', { credentials })).toMatchObject({ status: 200 });
    expect(seen.map(({ headers }) => headers.authorization?.slice(0, 20))).toEqual([
      undefined,
      'Digest username="ada',
    ]);
    expect(await send('/digest')).toMatchObject({ status: 401 });
    const odd = [{ type: 'digest', username: 'ada\r\nx: y', password: 'secret-7' }] as const;
    expect(await send('/digest', { credentials: odd })).toMatchObject({
      reason: 'invalid-request',
      message: expect.not.stringContaining('ada'),
    });
  });
});

describe('connections', () => {
  const bodyOf = async (path: string, options: Partial<OutboundRequest> = {}) => {
    const outcome = await send(path, options);
    return outcome.kind === 'response' && outcome.body.kind === 'text'
      ? outcome.body.text
      : outcome.kind;
  };

  it('are kept for calls that may be sent twice, each name for itself', async () => {
    const first = await bodyOf('/socket', { repeatableAs: 'ten_a' });
    expect(await bodyOf('/socket', { repeatableAs: 'ten_a' })).toBe(first);
    const others = [await bodyOf('/socket', { repeatableAs: 'ten_b' }), await bodyOf('/socket')];
    expect(new Set([first, ...others]).size).toBe(3);
    expect(await bodyOf('/socket')).not.toBe(others[1]);
  });

  it('serve one call at a time', async () => {
    const calls = Array.from({ length: 5 }, () => bodyOf('/socket', { repeatableAs: 'ten_c' }));
    expect(new Set(await Promise.all(calls)).size).toBe(5);
  });

  it('that died meanwhile are replaced once, and the call is sent again', async () => {
    seen.length = 0;
    const first = await bodyOf('/fickle', { repeatableAs: 'ten_d', method: 'PUT', body: 'x' });
    const second = await bodyOf('/fickle', { repeatableAs: 'ten_d', method: 'PUT', body: 'x' });
    expect(second).not.toBe(first);
    expect(second).toMatch(/^\d+$/);
    expect(seen.map(({ body }) => body)).toEqual(['x', 'x', 'x']);
    expect(await send('/reset', { repeatableAs: 'ten_d' })).toMatchObject({
      reason: 'interrupted',
    });
  });

  it('lead to the address that was checked for this call', async () => {
    let address = '127.0.0.1';
    const moving = new Outbound({ ownPorts: [], resolve: async () => [address] });
    const call = () =>
      moving.send({
        method: 'GET',
        url: `http://moving.example:${port}/socket`,
        approvals: [{ cidr: '127.0.0.0/8' }],
        repeatableAs: 'ten_e',
      });
    expect(await call()).toMatchObject({ status: 200 });
    address = '127.0.0.9';
    expect(await call()).toMatchObject({ reason: 'unreachable' });
    address = '169.254.169.254';
    expect(await call()).toMatchObject({ reason: 'not-approved' });
    await moving.close();
  });
});

describe('a stand-in', () => {
  it('takes the calls of an origin, under its name, and no others', async () => {
    const standIns = { 'https://pets.example': `http://127.0.0.1:${port}` };
    const routed = new Outbound({ ownPorts: [], standIns, resolve: async () => ['127.0.0.1'] });
    const call = (url: string) => routed.send({ method: 'GET', url });
    expect(await call('https://pets.example/text')).toMatchObject({ status: 200 });
    expect(seen.at(-1)?.headers.host).toBe('pets.example');
    expect(await call('http://pets.example/text')).toMatchObject({ reason: 'not-approved' });
  });
});

describe('answers', () => {
  it.each<[string, object]>([
    ['/json', { status: 200, body: { kind: 'json', value: { a: [1, 'ü'] } } }],
    ['/problem', { status: 422, body: { kind: 'json', value: { title: 'No' } } }],
    ['/text', { status: 200, body: { kind: 'text', text: 'hello' } }],
    ['/bytes', { body: { kind: 'binary', base64: 'AP8B', mediaType: 'image/png' } }],
    ['/broken-json', { body: { kind: 'text', text: '{"a":', brokenJson: true } }],
    ['/empty', { status: 204, body: { kind: 'empty' } }],
    ['/gzip', { status: 200, body: { kind: 'json', value: { b: 2 } } }],
    ['/busy', { status: 429, retryAfterMs: 2_000 }],
  ])('%s', async (path, expected) => {
    expect(await send(path)).toMatchObject({ kind: 'response', ...expected });
  });

  it('of redirects are given back, not followed', async () => {
    const before = seen.length;
    expect(await send('/moved')).toMatchObject({ status: 302, headers: { location: '/json' } });
    expect(seen).toHaveLength(before + 1);
  });
});

describe('what is sent', () => {
  it('keeps the name of the host, goes to the checked address', async () => {
    await send('/text?a=1%202', { method: 'POST', body: '{"x":1}', headers: { 'X-One': 'y' } });
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      url: '/text?a=1%202',
      body: '{"x":1}',
      headers: { host: `shop.example:${port}`, 'x-one': 'y' },
    });
  });

  it('a name that changes its address between check and call does not move the call', async () => {
    let asked = 0;
    const rebinding = new Outbound({
      ownPorts: [],
      resolve: async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']),
    });
    const approvals = [{ host: 'shop.example', port }];
    const url = `http://shop.example:${port}/text`;
    expect(await rebinding.send({ method: 'GET', url, approvals })).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(await rebinding.send({ method: 'GET', url, approvals })).toMatchObject({
      reason: 'not-approved',
      sent: 'no',
    });
  });

  it.each<[PlacedCredential, object]>([
    [
      { type: 'apiKey', in: 'header', parameter: 'X-Api-Key', value: 'k 1' },
      { headers: { 'x-api-key': 'k 1' } },
    ],
    [
      { type: 'apiKey', in: 'query', parameter: 'key', value: "a&b'c" },
      { url: '/text?q=1&key=a%26b%27c' },
    ],
    [
      { type: 'apiKey', in: 'cookie', parameter: 'sid', value: 'v;w' },
      { headers: { cookie: 'a=b; sid=v%3Bw' } },
    ],
    [{ type: 'bearer', token: 'tok' }, { headers: { authorization: 'Bearer tok' } }],
    [
      { type: 'basic', username: 'u', password: 'p:ü' },
      { headers: { authorization: `Basic ${Buffer.from('u:p:ü').toString('base64')}` } },
    ],
  ])('carries a credential: %#', async (credential, expected) => {
    await send('/text?q=1', { credentials: [credential], headers: { cookie: 'a=b' } });
    expect(seen.at(-1)).toMatchObject(expected);
  });

  it.each([['Host'], ['Content-Length'], ['Transfer-Encoding'], ['Connection']])(
    'never a %s header of the caller',
    async (name) => {
      const outcome = await send('/text', { headers: { [name]: '1' } });
      expect(outcome).toMatchObject({ reason: 'invalid-request', sent: 'no' });
    },
  );

  it.each(['/a/../b', '/a/%2e%2E', '/a/.?x=1'])(
    'no path that dots lead elsewhere: %s',
    async (path) => {
      expect(await send(path)).toMatchObject({ reason: 'invalid-request', sent: 'no' });
      expect(await send('/json?to=/../x')).toMatchObject({ status: 200 });
    },
  );

  it('never a credential with a line break, and does not tell it', async () => {
    const token = 'sec\r\nret';
    const outcome = await send('/text', { credentials: [{ type: 'bearer', token }] });
    expect(outcome).toMatchObject({ reason: 'invalid-request', sent: 'no' });
    expect(JSON.stringify(outcome)).not.toContain('ret"');
  });
});

describe('an answer that echoes', () => {
  it('brings no credential back, and all else as it is', async () => {
    const credentials: PlacedCredential[] = [
      { type: 'basic', username: 'ann', password: 'pass"wörd\\1' },
      { type: 'apiKey', in: 'header', parameter: 'X-Key', value: 'key-0123456789' },
      { type: 'apiKey', in: 'query', parameter: 'token', value: 'in the address' },
    ];
    const outcome = await send('/echo?q=1', { credentials });
    expect(outcome).toMatchObject({
      headers: { 'x-said': 'Basic [redacted]' },
      body: { value: { detail: 'bad key [redacted]', authorization: 'Basic [redacted]', ü: 1 } },
    });
    expect(JSON.stringify(outcome)).not.toMatch(/address|0123456789|wörd/);
    const bytes = await send('/echo', { credentials, raw: true });
    const { base64 } = (bytes as { body: { base64: string } }).body;
    expect(Buffer.from(base64, 'base64').toString()).not.toMatch(/address|0123456789|wörd/);
  });
});

describe('failures say whether the call can have had an effect', () => {
  it.each<[string, object]>([
    ['/reset', { reason: 'interrupted', sent: 'maybe' }],
    ['/cut', { reason: 'interrupted', sent: 'yes', status: 200 }],
    ['/huge', { reason: 'bad-response', sent: 'yes', status: 200 }],
    ['/bomb', { reason: 'bad-response', sent: 'yes' }],
    ['/headers', { reason: 'bad-response', sent: 'yes' }],
  ])('%s', async (path, expected) => {
    expect(await send(path)).toMatchObject({ kind: 'failure', ...expected });
  });

  it('time and cancellation', async () => {
    const late = await send('/silent', { timeoutMs: 100 });
    expect(late).toMatchObject({ reason: 'timeout', sent: 'maybe' });
    const controller = new AbortController();
    const cancelled = send('/silent', { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await cancelled).toMatchObject({ reason: 'aborted', sent: 'maybe' });
    const before = await send('/silent', { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ reason: 'aborted', sent: 'no' });
    const stuck = new Outbound({
      ownPorts: [],
      resolve: () => new Promise<never>(() => undefined),
    });
    expect(
      await stuck.send({ method: 'GET', url: 'http://slow.example/', timeoutMs: 50 }),
    ).toMatchObject({ reason: 'timeout', sent: 'no' });
  });

  it('a call is given up at once, also while there is no connection yet', async () => {
    let accepted: Socket | undefined;
    const mute = createTcpServer((socket) => (accepted = socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const mutePort = (mute.address() as AddressInfo).port;
    const controller = new AbortController();
    const calling = send('/', {
      url: `https://shop.example:${mutePort}/`,
      approvals: [{ host: 'shop.example', port: mutePort }],
      signal: controller.signal,
    });
    mute.once('connection', () => controller.abort());
    expect(await calling).toMatchObject({ reason: 'aborted', sent: 'no' });
    accepted?.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });

  it('nobody listens, a wrong protocol, an address that is not approved, a body that is too large', async () => {
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const free = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    const refused = await outbound.send({
      method: 'POST',
      url: `http://shop.example:${free}/`,
      approvals: [{ host: 'shop.example', port: free }],
    });
    expect(refused).toMatchObject({ reason: 'unreachable', sent: 'no' });
    const tls = await send('/', { url: `https://shop.example:${port}/` });
    expect(tls).toMatchObject({ reason: 'tls', sent: 'no' });
    expect(await send('/', { approvals: [] })).toMatchObject({
      reason: 'not-approved',
      sent: 'no',
    });
    const body = 'x'.repeat(outboundLimits.requestBytesMax + 1);
    expect(await send('/', { body, method: 'POST' })).toMatchObject({ reason: 'invalid-request' });
  });

  it('an answer that is not HTTP', async () => {
    const odd = createTcpServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9\r\n\r\n'));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const oddPort = (odd.address() as AddressInfo).port;
    const outcome = await outbound.send({
      method: 'GET',
      url: `http://shop.example:${oddPort}/`,
      approvals: [{ host: 'shop.example', port: oddPort }],
    });
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'bad-response' });
    await new Promise((resolve) => odd.close(resolve));
  });
});
