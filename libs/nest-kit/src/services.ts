import {
  errorTable,
  type InternalRoute,
  Problem,
  type Route,
  type ServiceName,
} from '@parley/contracts';
import { AppError, isAppError, type Json, parseJson } from '@parley/kernel';
import { Agent, type Dispatcher } from 'undici';
import type { z } from 'zod';
import { CircuitBreaker } from './circuit-breaker.js';
import { contextHeader, type ContextTokens } from './context-tokens.js';
import { Origins, wasNotSent } from './origins.js';
import { type AnyContext, continueTrace, currentContext, currentScope } from './scope.js';

/** A row of a route table, as far as calling it goes. */
export type CallableRoute = Pick<Route, 'service' | 'method' | 'path' | 'response' | 'idempotent'> &
  Pick<InternalRoute, 'lines'>;

/** What a call answers with. */
export type AnswerOf<R> = R extends { readonly response: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

export interface CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  /** A revision hash. */
  readonly ifMatch?: string;
  /** On whose behalf; @default the current context. */
  readonly context?: Omit<AnyContext, 'kind' | 'issuer'>;
  /** @default 10 s for an answer, 60 s between two lines of a stream */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Of one process of the service. @default the configured addresses, in turns */
  readonly address?: string;
}

const connectTimeoutMs = 2000;
const callTimeoutMs = 10_000;
const streamIdleMs = 60_000;
const attemptsMax = 4;
const backoffMs = 100;
const answerBytesMax = 32 * 1_048_576;
const lineBytesMax = 8 * 1_048_576;

/** Direct calls to other services; addresses come from the configuration alone. */
export class Services {
  private readonly agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    connections: 64,
    keepAliveTimeout: 10_000,
  });
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly origins: ReadonlyMap<string, Origins>;

  constructor(
    private readonly self: ServiceName,
    private readonly tokens: ContextTokens,
    addresses: Readonly<Partial<Record<ServiceName, string | readonly string[]>>>,
  ) {
    this.origins = new Map(
      Object.entries(addresses).map(([name, urls]) => [name, new Origins(urls)]),
    );
  }

  /**
   * Calls a route of another service and returns its checked answer.
   * @throws AppError with the code of the other service's problem, or `unavailable` or `timeout`
   */
  async call<R extends CallableRoute>(route: R, options: CallOptions = {}): Promise<AnswerOf<R>> {
    const answer = await this.send(route, options, options.timeoutMs ?? callTimeoutMs);
    const text = await this.whole(route, answer, options.signal);
    if (answer.statusCode >= 400) throw problemFrom(route.service, answer, text);
    if (!route.response) return undefined as AnswerOf<R>;
    const parsed = route.response.safeParse(readJson(text));
    if (parsed.success) return parsed.data as AnswerOf<R>;
    throw new AppError('internal', `${route.service} answered ${route.path} in another shape`, {
      cause: parsed.error,
    });
  }

  /** Calls a route that answers line by line (NDJSON); leaving the loop ends the call. */
  async *lines<S extends z.ZodType>(
    route: CallableRoute & { readonly lines: S },
    options: CallOptions = {},
  ): AsyncGenerator<z.output<S>> {
    const answer = await this.send(route, options, options.timeoutMs ?? streamIdleMs);
    if (answer.statusCode >= 400) {
      throw problemFrom(route.service, answer, await this.whole(route, answer, options.signal));
    }
    try {
      for await (const line of splitLines(answer.body)) yield route.lines.parse(parseJson(line));
    } catch (error) {
      throw this.failure(route, error, options.signal);
    } finally {
      answer.body.destroy();
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async send(
    route: CallableRoute,
    options: CallOptions,
    timeoutMs: number,
  ): Promise<Dispatcher.ResponseData> {
    const breaker = this.breakerOf(route.service, options.address);
    const repeatable = isRepeatable(route, options);
    for (let attempt = 1; ; attempt++) {
      breaker.enter();
      try {
        const answer = await this.request(route, options, timeoutMs);
        breaker.succeeded();
        return answer;
      } catch (error) {
        if (options.signal?.aborted || codeOf(error) === undefined) breaker.left();
        else breaker.failed();
        const again = wasNotSent(error) || (repeatable && wasCutOff(error));
        if (!again || attempt >= attemptsMax || options.signal?.aborted) {
          throw this.failure(route, error, options.signal);
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs(attempt)));
      }
    }
  }

  private async request(route: CallableRoute, options: CallOptions, timeoutMs: number) {
    const request = {
      path: pathOf(route.path, options),
      method: route.method,
      headers: await this.headers(route, options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(options.signal && { signal: options.signal }),
    };
    if (options.address !== undefined) {
      return this.agent.request({ ...request, origin: options.address });
    }
    const origins = this.origins.get(route.service);
    if (origins === undefined) throw new Error(`no address of ${route.service} is configured`);
    return origins.ask((origin) => this.agent.request({ ...request, origin }));
  }

  private async headers(
    route: CallableRoute,
    options: CallOptions,
  ): Promise<Record<string, string>> {
    const scope = currentScope();
    const { tenantId, principal, name, roles, runId } = options.context ?? currentContext();
    const claims = { kind: 'work' as const, tenantId, principal, name, roles, runId };
    return {
      accept: route.lines ? 'application/x-ndjson' : 'application/json',
      [contextHeader]: await this.tokens.mint(claims, route.service),
      traceparent: continueTrace(scope?.traceparent),
      ...(scope && { 'x-request-id': scope.requestId }),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
      ...(options.ifMatch !== undefined && { 'if-match': `"${options.ifMatch}"` }),
    };
  }

  private async whole(
    route: CallableRoute,
    answer: Dispatcher.ResponseData,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > answerBytesMax)
          throw new AppError('internal', `${route.path} answers too much`);
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.failure(route, error, signal);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  private breakerOf(target: ServiceName, address?: string): CircuitBreaker {
    const name = address ?? target;
    const known = this.breakers.get(name);
    if (known) return known;
    const breaker = new CircuitBreaker(target);
    this.breakers.set(name, breaker);
    return breaker;
  }

  private failure(route: CallableRoute, error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted)
      return new AppError('unavailable', 'The call was given up.', { cause: error });
    const code = codeOf(error);
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
      return new AppError('timeout', `The service ${route.service} did not answer in time.`, {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
    if (!wasNotSent(error) && !wasCutOff(error)) return error;
    return new AppError(
      'unavailable',
      `The service ${route.service} is not reachable from ${this.self}.`,
      {
        cause: error,
        retryAfterSeconds: 1,
      },
    );
  }
}

const cutOffCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED']);

/** The connection broke on the way: the call may or may not have happened. */
function wasCutOff(error: unknown): boolean {
  return cutOffCodes.has(codeOf(error) ?? '');
}

/** The code of a failure of the connection; refusals of our own have none. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || isAppError(error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isRepeatable(route: CallableRoute, options: CallOptions): boolean {
  if (route.method === 'GET' || route.method === 'PUT' || route.method === 'DELETE') return true;
  const isInternal = route.path.startsWith('/internal/');
  return route.idempotent === true && (isInternal || options.idempotencyKey !== undefined);
}

function pauseMs(attempt: number): number {
  return backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
}

function pathOf(template: string, { params = {}, query = {} }: CallOptions): string {
  const path = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${template} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineBytesMax)
      throw new AppError('internal', 'A line of the answer is too long.');
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}

function problemFrom(
  service: ServiceName,
  answer: Dispatcher.ResponseData,
  text: string,
): AppError {
  const parsed = Problem.loose().safeParse(readJson(text));
  const retryAfter = Number(answer.headers['retry-after']);
  const retry = Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {};
  if (!parsed.success || !Object.hasOwn(errorTable, parsed.data.code)) {
    const code = [502, 503, 504].includes(answer.statusCode) ? 'unavailable' : 'internal';
    return new AppError(code, `${service} answered with status ${answer.statusCode}`, retry);
  }
  // What the other service says about our own token is our bug, not a fault of the person who asks.
  const { code, detail, errors } = parsed.data;
  if (code === 'unauthenticated')
    return new AppError('internal', `${service} refused our token: ${detail}`);
  const extensions = Object.fromEntries(
    Object.entries(parsed.data).filter(([name]) => !Object.hasOwn(Problem.shape, name)),
  ) as Record<string, Json>;
  return new AppError(code, detail, { ...retry, errors: errors ?? [], extensions });
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined; // then it does not fit the schema that it is checked against
  }
}
