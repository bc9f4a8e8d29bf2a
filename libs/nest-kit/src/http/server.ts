import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError } from '@parley/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Health } from '../health.js';
import type { Log } from '../logging.js';
import { newScope, runInScope, type Scope } from '../scope.js';
import { jsonMediaType, readJsonBody } from './json-body.js';
import { sendProblem } from './problem-filter.js';
import { requestLines } from './request-lines.js';

declare module 'fastify' {
  interface FastifyRequest {
    scope: Scope | undefined;
  }
  interface FastifyContextConfig {
    bodyBytesMax?: number | undefined;
    /** Requests leave no line in the log, or that of others. */
    isQuiet?: boolean;
  }
}

const bodyBytesMax = 1_048_576;
/** The whole request must have arrived by then; keeps slow senders from holding connections. */
const requestTimeoutMs = 30_000;
const keepAliveTimeoutMs = 72_000;
const paramLengthMax = 500;

export interface ServerOptions {
  readonly log: Log;
  readonly health: Health;
  readonly stopping: AbortSignal;
}

/** The HTTP server under Nest: limits, JSON only, a scope per request, `/healthz` and `/readyz`. */
export function createServer(options: ServerOptions): {
  adapter: FastifyAdapter;
  methodsOf: (path: string) => string[];
} {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    routerOptions: { maxParamLength: paramLengthMax },
    // What the router cannot even read never reaches a hook or Nest.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      request.scope = newScope({});
      sendProblem(error, { request, reply, log: options.log });
    },
  });
  const server: FastifyInstance = adapter.getInstance();
  const methodsOf = indexRoutes(server);
  closeSilentConnections(server, options.stopping);
  openScopes(server, options.stopping);
  logRequests(server, options.log);
  acceptJsonOnly(server);
  serveHealth(server, options.health);
  return { adapter, methodsOf };
}

/** Browsers connect in advance; what never asked anything would keep a stopping server for a minute. */
function closeSilentConnections({ server }: FastifyInstance, stopping: AbortSignal): void {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  stopping.addEventListener('abort', () => {
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
  });
}

function openScopes(server: FastifyInstance, stopping: AbortSignal): void {
  server.decorateRequest('scope', undefined);
  server.addHook('onRequest', (request, reply, done) => {
    request.scope = {
      ...newScope({
        requestId: request.headers['x-request-id'],
        traceparent: request.headers.traceparent,
      }),
      stopping,
    };
    void reply.header('x-request-id', request.scope.requestId);
    if (/%00/.test(request.url)) done(nulInAddress());
    else runInScope(request.scope, done);
  });
  // Reading the body leaves the asynchronous context of the first hook.
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.scope) runInScope(request.scope, done);
    else done();
  });
}

/** No name has it, and the database refuses even to look for it. */
function nulInAddress(): AppError {
  return new AppError('malformed', 'The address has the character U+0000 (%00); remove it.');
}

function logRequests(server: FastifyInstance, log: Log): void {
  const line = requestLines(log);
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { url, config } = request.routeOptions;
    const facts = { method: request.method, route: url ?? 'unknown', status: reply.statusCode };
    line({ ...facts, durationMs: reply.elapsedTime }, config.isQuiet);
    done();
  });
}

function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(jsonMediaType, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, readJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function serveHealth(server: FastifyInstance, health: Health): void {
  const quiet = { config: { isQuiet: true } };
  server.get('/healthz', quiet, () => ({ status: 'ok' }));
  server.get('/readyz', quiet, async (_request, reply) => {
    const { ready, checks } = await health.report();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not-ready', checks });
  });
}

/** Remembers which methods each path has, and gives routes their own body limit. */
function indexRoutes(server: FastifyInstance): (path: string) => string[] {
  const known: { pattern: RegExp; method: string }[] = [];
  server.addHook('onRoute', (route) => {
    const limit = route.config?.bodyBytesMax;
    if (limit !== undefined) route.bodyLimit = limit;
    if (route.url.includes('*')) return; // a fallback says nothing about a path
    const pattern = new RegExp(`^${route.url.replaceAll(/:[^/]+/g, '[^/]+')}$`);
    for (const method of [route.method].flat()) known.push({ pattern, method });
  });
  return (path) => [
    ...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ];
}
