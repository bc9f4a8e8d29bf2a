import { allRoutes, queryNames, type Principal, type Route } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import {
  contextHeader,
  continueTrace,
  type ContextTokens,
  type GatheredAnswer,
  type GatheredRequest,
  Gathering,
  type Log,
  sendProblem,
} from '@parley/nest-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Callers } from '../bearer/callers.js';
import {
  answerHeaders,
  passedHeaders,
  type Upstream,
  upstreamFailure,
  type Upstreams,
} from './upstream.js';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined;
  }
}

/** A route that a service answers. */
export type ProxiedRoute = Route & { readonly service: keyof Upstreams };

const bodyBytesMax = 1_048_576;

export interface ProxyParts {
  readonly callers: Pick<Callers, 'identify'>;
  readonly tokens: ContextTokens;
  readonly upstream: Upstream;
  readonly upstreams: Upstreams;
  readonly log: Log;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
  /** How long requests wait behind others that have no answer. @default 200 ms */
  readonly gatheredMsMax?: number;
}

/** Every public route of the services. `/internal` is not among them and is never routed. */
export function proxiedRoutes(): ProxiedRoute[] {
  return allRoutes().filter((route): route is ProxiedRoute => route.service !== 'gateway');
}

/**
 * Passes the public routes to their services: the caller is known before the body is read, the body
 * is whole and within its limit before anything is forwarded, answers stream through as they come.
 */
export function proxyPlugin(parts: ProxyParts) {
  return (server: FastifyInstance, _options: unknown, done: () => void): void => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    server.decorateRequest('principal', undefined);
    server.setErrorHandler((error, request, reply) => {
      sendProblem(error, { request, reply, log: parts.log });
    });
    server.addHook('onRequest', async (request) => {
      refuseEncodedBody(request);
      request.principal = await parts.callers.identify(request.headers.authorization);
    });
    for (const route of proxiedRoutes()) {
      const gathering = gatheringOf(route, parts);
      const known = new Set(queryNames(route));
      server.route({
        method: route.method,
        url: route.path.replaceAll(/\{([^}]+)\}/g, ':$1'),
        exposeHeadRoute: false,
        bodyLimit: route.bodyBytesMax ?? bodyBytesMax,
        preParsing: (request, _reply, payload, done) => {
          done(unknownParameter(request.query, known), payload);
        },
        handler: (request, reply) => forward(route, { request, reply, parts, gathering }),
      });
    }
    done();
  };
}

interface Passing {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parts: ProxyParts;
  readonly gathering: Gathering<Asked> | undefined;
}

const nothing = Buffer.alloc(0);

async function forward(
  route: ProxiedRoute,
  { request, reply, parts, gathering }: Passing,
): Promise<FastifyReply> {
  const { [contextHeader]: token = '', ...trace } = await identityHeaders(route, request, parts);
  const asked: Asked = {
    method: route.method,
    url: request.url,
    headers: { ...passedHeaders(request.headers), ...trace },
    body: Buffer.isBuffer(request.body) ? request.body : nothing,
    token,
    isLeft: () => reply.raw.destroyed,
    reply,
  };
  const answer = await (gathering?.send(asked) ?? alone(route, asked, parts));
  return reply.code(answer.statusCode).headers(answerHeaders(answer.headers)).send(answer.body);
}

interface Asked extends GatheredRequest {
  readonly reply: FastifyReply;
}

function alone(
  route: ProxiedRoute,
  { method, url, headers, body, token, reply }: Asked,
  parts: ProxyParts,
): Promise<GatheredAnswer> {
  const left = new AbortController();
  const isLong = route.events !== undefined || route.waits === true;
  if (reply.raw.destroyed) left.abort();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return parts.upstream.forward({
    origins: parts.upstreams[route.service],
    path: url,
    method,
    headers: { ...headers, [contextHeader]: token },
    body: body.length > 0 ? body : null,
    // Whatever else is under way may finish; a stream would never, and who waits comes again.
    signal: isLong ? AbortSignal.any([left.signal, parts.stopping]) : left.signal,
  });
}

/** For routes whose requests may go together. */
function gatheringOf(route: ProxiedRoute, parts: ProxyParts): Gathering<Asked> | undefined {
  if (route.gathers !== true) return undefined;
  return new Gathering<Asked>({
    alone: (asked) => alone(route, asked, parts),
    together: (call) => parts.upstream.together(parts.upstreams[route.service], call),
    failureOf: upstreamFailure,
    ...(parts.gatheredMsMax !== undefined && { gatheredMsMax: parts.gatheredMsMax }),
  });
}

/** On whose behalf, in which trace: what a service may believe. */
export async function identityHeaders(
  route: ProxiedRoute,
  request: Pick<FastifyRequest, 'principal' | 'scope'>,
  { tokens }: Pick<ProxyParts, 'tokens'>,
): Promise<Record<string, string>> {
  const { principal, scope } = request;
  if (!principal) throw new AppError('unauthenticated', 'Sign in first.');
  const { tenantId, memberId, name, roles } = principal;
  const claims = { kind: 'request' as const, tenantId, principal: memberId, name, roles };
  return {
    [contextHeader]: await tokens.mint(claims, route.service),
    traceparent: continueTrace(scope?.traceparent),
    ...(scope && { 'x-request-id': scope.requestId }),
  };
}

/** One that is not known was meant to do something: to leave it out would answer another question. */
function unknownParameter(query: unknown, known: ReadonlySet<string>): AppError | null {
  const unknown = Object.keys(query as object).find((name) => !known.has(name));
  if (unknown === undefined) return null;
  const names = [...known].join(', ');
  const there = names === '' ? 'it takes none' : `there are: ${names}`;
  return new AppError(
    'malformed',
    `The request has no query parameter "${unknown.slice(0, 100)}"; ${there}.`,
  );
}

function refuseEncodedBody({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new AppError('unsupported-media-type', 'Send the body without a Content-Encoding.');
}
