import type { ServerResponse } from 'node:http';
import { AppError } from '@parley/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contextHeader, type ContextTokens } from '../context-tokens.js';
import { isPermitted } from '../http/context-guard.js';
import type { EndpointRoute } from '../http/endpoint.js';
import { isJsonMediaType, readJsonBody } from '../http/json-body.js';
import { type Failed, loggedProblemOf, sendProblem } from '../http/problem-filter.js';
import { reducedTo } from '../http/response-schema.js';
import { problemMediaType } from '../http/problem.js';
import { type RequestLines, requestLines } from '../http/request-lines.js';
import { SchemaPipe } from '../http/validation.js';
import type { Log } from '../logging.js';
import { type Context, newScope, runInScope, type Scope } from '../scope.js';
import {
  type AnswerHead,
  type Frame,
  FrameReader,
  framesText,
  type GatheredHead,
  gatheredMediaType,
  gatheredPath,
} from './frames.js';

/** What a gathered request asks, when it needs nothing but its handler. */
export interface GatheredAsk {
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly caller: Context;
}

/** A route whose requests may come together. */
export interface GatheredRoute {
  readonly route: EndpointRoute;
  /** Whether this process answers it by itself. */
  readonly isHere: (ask: Pick<GatheredAsk, 'headers' | 'caller'>) => boolean;
  /** The handler of the route. */
  readonly answer: (ask: GatheredAsk) => Promise<unknown>;
}

export interface GatheredParts {
  readonly tokens: Pick<ContextTokens, 'verify'>;
  readonly log: Log;
  readonly stopping: AbortSignal;
  readonly routes: readonly GatheredRoute[];
}

const bytesMax = 2 * 1_048_576;
/** What has a meaning of its own in an address, or is long, is left to the router. */
const plainParam = '([\\w-]{1,200})';
/** The server writes the encoding to the types of texts. */
const jsonAnswer = { 'content-type': 'application/json; charset=utf-8' };
const problemAnswer = { 'content-type': `${problemMediaType}; charset=utf-8` };

/**
 * Takes requests that came together (`Gathering`) and answers each as if it had come alone: the plain
 * ones by their handler at once, within a scope and with a line in the log of their own; whatever else
 * they are — not JSON, not permitted, about another process — by the whole server, hooks and all.
 */
export function gatheredPlugin(parts: GatheredParts) {
  const line = requestLines(parts.log);
  const known = parts.routes.map((entry) => new KnownRoute(entry, line));
  return (server: FastifyInstance, _options: unknown, done: () => void): void => {
    server.removeAllContentTypeParsers();
    const settings = { parseAs: 'buffer' as const, bodyLimit: bytesMax };
    server.addContentTypeParser(gatheredMediaType, settings, (_request, body, parsed) => {
      parsed(null, body);
    });
    server.setErrorHandler((error, request, reply) => {
      sendProblem(error, { request, reply, log: parts.log });
    });
    server.post(
      gatheredPath,
      { bodyLimit: bytesMax, config: { isQuiet: true } },
      async (request, reply) => {
        const token = String(request.headers[contextHeader]);
        const caller = await callerOf(parts, request);
        const items = framesOf(request.body);
        reply.hijack();
        const answers = new Answers(reply.raw, items.length);
        for (const [at, item] of items.entries()) {
          answerOf(item, { server, parts, known, token, caller }).then(
            (answer) => answers.ready(at, answer),
            (error: unknown) => {
              parts.log.error({ err: error }, 'a gathered request has no answer');
              answers.ready(at, noAnswer(item, error, parts.log));
            },
          );
        }
      },
    );
    done();
  };
}

/** @throws AppError `unauthenticated`, `forbidden` */
async function callerOf({ tokens }: GatheredParts, { headers }: FastifyRequest): Promise<Context> {
  const token = headers[contextHeader];
  if (typeof token !== 'string') {
    throw new AppError('unauthenticated', 'The call carries no context token.');
  }
  const context = await tokens.verify(token);
  if (context.kind === 'request' && context.tenantId !== undefined) return context as Context;
  throw new AppError('forbidden', 'Only the gateway may call this, for a member.');
}

/** @throws AppError `malformed` */
function framesOf(body: unknown): Frame<GatheredHead>[] {
  try {
    const reader = new FrameReader<GatheredHead>();
    const frames = Buffer.isBuffer(body) ? reader.push(body) : [];
    if (frames.length > 0 && reader.isWhole) return frames;
  } catch {
    // A head that is not JSON.
  }
  throw new AppError('malformed', 'The body is not a sequence of frames.');
}

interface Answer {
  readonly status: number;
  readonly headers: AnswerHead['headers'];
  readonly body: string | Buffer;
}

interface Surroundings {
  readonly server: FastifyInstance;
  readonly parts: GatheredParts;
  readonly known: readonly KnownRoute[];
  readonly token: string;
  readonly caller: Context;
}

function answerOf(item: Frame<GatheredHead>, around: Surroundings): Promise<Answer> {
  const { parts, known, caller } = around;
  const { method, url, headers } = item.head;
  const route = known.find((each) => each.isMethod(method));
  const ask = route?.read(item, caller);
  if (route === undefined || ask === undefined) return byServer(item, around);
  const scope: Scope = {
    ...newScope({ requestId: headers['x-request-id'], traceparent: headers['traceparent'] }),
    stopping: parts.stopping,
    context: caller,
  };
  return runInScope(scope, () => route.answer(ask, { scope, path: url, log: parts.log }));
}

/** What became of one request is not known; those that came with it have answers of their own. */
function noAnswer(
  { head: { url, headers } }: Frame<GatheredHead>,
  cause: unknown,
  log: Log,
): Answer {
  const error = new AppError('unavailable', 'The answer broke off before it was whole.', { cause });
  const scope = newScope({ traceparent: headers['traceparent'] });
  const [path = url] = url.split('?');
  return problemAnswerOf(error, { scope, path, bodyBytesMax: undefined, log });
}

function problemAnswerOf(error: unknown, failed: Failed): Answer {
  const { status, headers, body } = loggedProblemOf(error, failed);
  return { status, headers: { ...headers, ...problemAnswer }, body: JSON.stringify(body) };
}

/** A request that is like no other goes the way of all others. */
async function byServer(
  { head, body }: Frame<GatheredHead>,
  { server, token }: Surroundings,
): Promise<Answer> {
  const { url, headers } = head;
  const answer = await server.inject({
    method: head.method as 'POST',
    url,
    headers: { ...headers, [contextHeader]: token },
    payload: body,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers as Answer['headers'],
    body: answer.rawPayload,
  };
}

interface Asked {
  readonly scope: Scope;
  readonly path: string;
  readonly log: Log;
}

class KnownRoute {
  private readonly entry: GatheredRoute;
  private readonly line: RequestLines;
  private readonly pattern: RegExp;
  private readonly names: readonly string[];
  private readonly pipe = new SchemaPipe();
  private readonly routerPath: string;

  constructor(entry: GatheredRoute, line: RequestLines) {
    this.entry = entry;
    this.line = line;
    const { path } = entry.route;
    this.names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
    this.pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, plainParam)}$`);
    this.routerPath = path.replaceAll(/\{([^}]+)\}/g, ':$1');
  }

  isMethod(method: string): boolean {
    return method === this.entry.route.method;
  }

  /** What it asks; undefined when its handler alone cannot tell. */
  read(
    { head: { url, headers }, body }: Frame<GatheredHead>,
    caller: Context,
  ): GatheredAsk | undefined {
    const params = this.pattern.exec(url)?.slice(1);
    if (params === undefined || !isPermitted(caller, this.entry.route)) return undefined;
    if (!isJsonMediaType(headers['content-type'])) return undefined;
    try {
      if (!this.entry.isHere({ headers, caller })) return undefined;
      const value = readJsonBody(body);
      if (value === undefined) return undefined;
      const named: Record<string, string> = {};
      for (const [index, name] of this.names.entries()) named[name] = params[index] ?? '';
      return { params: named, headers, body: value, caller };
    } catch {
      return undefined; // The server refuses it, and says why.
    }
  }

  async answer(ask: GatheredAsk, { scope, path, log }: Asked): Promise<Answer> {
    const since = performance.now();
    const { route } = this.entry;
    let answer: Answer;
    try {
      const metadata = { type: 'body' as const, schema: route.body };
      const body: unknown = await this.pipe.transform(ask.body, metadata as never);
      const value = reducedTo(route, await this.entry.answer({ ...ask, body }));
      answer = { status: route.status, headers: jsonAnswer, body: JSON.stringify(value) };
    } catch (error) {
      const { bodyBytesMax } = route;
      answer = problemAnswerOf(error, { scope, path, bodyBytesMax, log });
    }
    const facts = { method: route.method, route: this.routerPath, status: answer.status };
    this.line({ ...facts, durationMs: performance.now() - since });
    return answer;
  }
}

/** Those that become ready in one go are written in one piece. */
class Answers {
  private readonly raw: ServerResponse;
  private left: number;
  private waiting: Frame<AnswerHead>[] = [];

  constructor(raw: ServerResponse, count: number) {
    this.raw = raw;
    this.left = count;
    raw.setHeader('content-type', gatheredMediaType);
  }

  ready(at: number, { status, headers, body }: Answer): void {
    const frame = {
      head: { at, status, headers },
      body: typeof body === 'string' ? Buffer.from(body) : body,
    };
    if (this.waiting.push(frame) === 1) setImmediate(() => this.write());
  }

  private write(): void {
    if (this.raw.destroyed) return; // Who asked is gone.
    const text = framesText(this.waiting);
    this.left -= this.waiting.length;
    this.waiting = [];
    if (this.left === 0) this.raw.end(text);
    else this.raw.write(text);
  }
}
