import { type IncomingMessage, request as httpRequest, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@parley/kernel';
import { newScope, problemOf, traceIdOf, wasNotSent } from '@parley/nest-kit';
import type { HostCheck } from '../edge/host-check.js';
import { identityHeaders, proxiedRoutes, type ProxiedRoute, type ProxyParts } from './proxy.js';
import { passedHeaders } from './upstream.js';

const connectTimeoutMs = 5000;
const handshakeHeaders = [
  'upgrade',
  'connection',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;

/**
 * Passes WebSocket upgrades of public routes to their services, with the same identity as any other
 * request. A browser's upgrade carries its Origin, which must be this host.
 */
export function passUpgrades(server: Server, parts: ProxyParts, hosts: HostCheck): void {
  const routes = proxiedRoutes()
    .filter(({ method }) => method === 'GET')
    .map((route) => ({ route, pattern: patternOf(route.path) }));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const end = () => socket.destroy();
    socket.on('error', end);
    parts.stopping.addEventListener('abort', end, { once: true });
    socket.once('close', () => parts.stopping.removeEventListener('abort', end));
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const route = routes.find(({ pattern }) => pattern.test(path))?.route;
    upgrade({ request, socket, head, route, parts, hosts }).catch((error: unknown) => {
      refuse(socket, error);
    });
  });
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly route: ProxiedRoute | undefined;
  readonly parts: ProxyParts;
  readonly hosts: HostCheck;
}

async function upgrade({ request, socket, head, route, parts, hosts }: Upgrade): Promise<void> {
  hosts.check(request.headers.host);
  hosts.checkOrigin(request.headers.origin, request.headers.host);
  if (!route) throw new AppError('not-found', 'There is nothing at this address.');
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new AppError('malformed', 'Only an upgrade to websocket is possible.');
  }
  const principal = await parts.callers.identify(request.headers.authorization);
  const scope = newScope({
    requestId: request.headers['x-request-id'],
    traceparent: request.headers.traceparent,
  });
  const headers = {
    ...passedHeaders(request.headers),
    ...handshake(request),
    ...(await identityHeaders(route, { principal, scope }, parts)),
  };
  const [url, ...others] = parts.upstreams[route.service].next();
  if (url !== undefined) connect({ request, socket, head }, headers, [url, ...others]);
}

/** To the first process of the service that listens. */
function connect(
  { request, socket, head }: Pick<Upgrade, 'request' | 'socket' | 'head'>,
  headers: Record<string, string>,
  [url, ...others]: readonly [string, ...string[]],
): void {
  const upstream = httpRequest(new URL(request.url ?? '/', url), {
    headers,
    timeout: connectTimeoutMs,
  });
  const left = () => upstream.destroy();
  socket.once('close', left);
  upstream.once('timeout', () => upstream.destroy(new Error('no answer in time')));
  upstream.once('error', (cause) => {
    const [next, ...rest] = others;
    socket.off('close', left);
    if (next === undefined || !wasNotSent(cause)) return refuse(socket, unreachable(cause));
    connect({ request, socket, head }, headers, [next, ...rest]);
  });
  upstream.once('response', (answer) => {
    socket.end(`${headOf(answer)}connection: close\r\n\r\n`);
    answer.destroy();
  });
  upstream.once('upgrade', (answer, other, otherHead) => {
    other.setTimeout(0);
    socket.write(`${headOf(answer)}\r\n`);
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    other.once('error', () => socket.destroy());
    other.once('close', () => socket.destroy());
    socket.once('close', () => other.destroy());
    socket.pipe(other).pipe(socket);
  });
  upstream.end();
}

function handshake({ headers }: IncomingMessage): Record<string, string> {
  const kept = handshakeHeaders.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(
    kept.filter((entry): entry is [(typeof entry)[0], string] => !!entry[1]),
  );
}

function headOf(answer: IncomingMessage): string {
  const { statusCode = 502, rawHeaders } = answer;
  let text = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (statusCode !== 101 && /^(connection|content-length|transfer-encoding)$/i.test(name))
      continue;
    text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  return text;
}

function refuse(socket: Duplex, error: unknown): void {
  if (socket.destroyed || socket.writableEnded) return;
  const { traceparent } = newScope({});
  const { status, headers, body } = problemOf(error, { traceId: traceIdOf(traceparent) });
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
}

function unreachable(cause: unknown): AppError {
  return new AppError('unavailable', 'The service is not reachable; try again in a moment.', {
    cause,
    retryAfterSeconds: 1,
  });
}

function patternOf(path: string): RegExp {
  const literal = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[^\w/-]/g, '\\$&'));
  return new RegExp(`^${literal.join('[^/]+')}$`);
}
