import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError, isAppError } from '@parley/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Health } from '../health.js';
import type { Log } from '../logging.js';
import { newScope, runInScope, type Scope } from '../scope.js';
import { sendProblem } from './problem-filter.js';

declare module 'fastify' {
  interface FastifyRequest {
    scope: Scope | undefined;
  }
  interface FastifyContextConfig {
    bodyBytesMax?: number | undefined;
  }
}

export const bodyBytesMax = 1_048_576;
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
  openScopes(server, options.stopping);
  logRequests(server, options.log);
  acceptJsonOnly(server);
  serveHealth(server, options.health);
  return { adapter, methodsOf };
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
    runInScope(request.scope, done);
  });
  // Reading the body leaves the asynchronous context of the first hook.
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.scope) runInScope(request.scope, done);
    else done();
  });
}

function logRequests(server: FastifyInstance, log: Log): void {
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { url } = request.routeOptions;
    const quiet = url === '/healthz' || url === '/readyz';
    log[quiet ? 'trace' : 'info'](
      {
        method: request.method,
        route: url ?? 'unknown',
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
}

function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const mediaType = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;
  server.addContentTypeParser(mediaType, { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseJson(text.toString()));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Nothing at all is "no body", so that clients may send the header with every POST. */
function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, text.includes('__proto__') ? refuseProto : undefined) as unknown;
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    // The message can quote the body, which can hold a credential: only the place is told.
    const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(String(cause))?.[0];
    throw new AppError(
      'malformed',
      `The body is not JSON${place ? `: see ${place.slice(3)}` : ''}.`,
      {
        cause,
      },
    );
  }
}

/** The schemas that check bodies drop this key without a word; better said than lost. */
function refuseProto(key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new AppError('malformed', 'The body has the key __proto__, which cannot be kept.');
}

function serveHealth(server: FastifyInstance, health: Health): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
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
