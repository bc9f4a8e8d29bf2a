import type { z } from 'zod';
import { errorRow, routes, type Problem, type RouteId } from '@parley/contracts';
import { ParleyError } from './errors.js';
import { parseEventStream } from './event-stream.js';

const attemptsMax = 4;
const backoffMsFirst = 200;
const backoffMsMax = 5_000;

type Routes = typeof routes;
type InputOf<S> = S extends z.ZodType ? z.input<S> : never;
type OutputOf<S> = S extends z.ZodType ? z.output<S> : never;

/** Names of the operations that answer once. */
export type CallId = Exclude<RouteId, StreamId>;
/** Names of the operations that answer with a stream of events. */
export type StreamId = {
  [K in RouteId]: Routes[K] extends { events: z.ZodType } ? K : never;
}[RouteId];

type BodyOf<K extends RouteId> = Routes[K] extends { body: infer S } ? InputOf<S> : undefined;
type QueryOf<K extends RouteId> = Routes[K] extends { query: infer S } ? InputOf<S> : undefined;

/** What an operation answers. */
export type ResponseOf<K extends RouteId> = Routes[K] extends { response: infer S }
  ? OutputOf<S>
  : undefined;
/** What a stream delivers. */
export type EventOf<K extends StreamId> = Routes[K] extends { events: infer S }
  ? OutputOf<S> & { id?: string }
  : never;

/** What a call takes besides the operation's name. */
export interface CallOptions<K extends RouteId> {
  /** Values of the path template's placeholders. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: QueryOf<K>;
  readonly body?: BodyOf<K>;
  /** Makes repeating the call harmless: the first answer is given again. */
  readonly idempotencyKey?: string;
  /** The content hash that was seen. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  /** Where the gateway is, e.g. `http://127.0.0.1:7400`. */
  readonly baseUrl: string;
  /** The bearer token; asked for before every request, so it may be renewed. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  readonly fetch?: typeof globalThis.fetch;
}

/** A typed client of the REST API; one method for calls, one for live streams. */
export class ParleyClient {
  private readonly options: ClientOptions;
  private readonly fetch: typeof globalThis.fetch;

  constructor(options: ClientOptions) {
    this.options = options;
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /**
   * Calls an operation. Reads, and writes with an idempotency key, are repeated up to three times
   * when the platform is overloaded or unreachable, after the time that it asks for.
   *
   * @throws ParleyError with the problem's `code`.
   * @example
   * const run = await client.call('startRun', {
   *   params: { workflow: id }, body: { input: { total: 250 } }, idempotencyKey: 'order-7',
   * });
   */
  async call<K extends CallId>(id: K, options: CallOptions<K> = {}): Promise<ResponseOf<K>> {
    const response = await this.send(id, options, 'application/json');
    if (response.status === 204) return undefined as ResponseOf<K>;
    return (await response.json()) as ResponseOf<K>;
  }

  /** Calls an operation and gives the answer as it is, for downloads. @throws ParleyError */
  async download<K extends CallId>(id: K, options: CallOptions<K> = {}): Promise<Response> {
    return this.send(id, options, '*/*');
  }

  /**
   * Follows a live stream until it ends or `signal` aborts. It does not reconnect by itself: the
   * caller shows that it is disconnected, and passes the last id to resume.
   *
   * @throws ParleyError
   */
  async *events<K extends StreamId>(
    id: K,
    options: CallOptions<K> & { lastEventId?: string } = {},
  ): AsyncGenerator<EventOf<K>> {
    const headers: Record<string, string> =
      options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId };
    const response = await this.send(id, options, 'text/event-stream', headers);
    if (response.body === null) return;
    for await (const event of parseEventStream(response.body)) {
      const data: unknown = JSON.parse(event.data);
      yield { event: event.event, data, id: event.id } as EventOf<K>;
    }
  }

  private async send<K extends RouteId>(
    id: K,
    options: CallOptions<K>,
    accept: string,
    extra: Record<string, string> = {},
  ): Promise<Response> {
    const route = routes[id];
    const repeatable = route.method === 'GET' || options.idempotencyKey !== undefined;
    for (let attempt = 1; ; attempt++) {
      const error = await this.attempt(id, options, { accept, ...extra });
      if (!(error instanceof ParleyError)) return error;
      if (!repeatable || !error.retryable || attempt >= attemptsMax) throw error;
      const waitMs = (error.retryAfterSeconds ?? 0) * 1000;
      await delay(
        Math.max(waitMs, Math.min(backoffMsFirst * 2 ** attempt, backoffMsMax)),
        options.signal,
      );
    }
  }

  private async attempt<K extends RouteId>(
    id: K,
    options: CallOptions<K>,
    headers: Record<string, string>,
  ): Promise<Response | ParleyError> {
    const token = await this.options.token?.();
    let response: Response;
    try {
      response = await this.fetch(this.urlOf(id, options), {
        method: routes[id].method,
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(options.idempotencyKey === undefined
            ? {}
            : { 'idempotency-key': options.idempotencyKey }),
          ...(options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (cause) {
      if (options.signal?.aborted === true) throw cause;
      return new ParleyError(unreachable(this.options.baseUrl), undefined, cause);
    }
    return response.ok ? response : toError(response);
  }

  private urlOf<K extends RouteId>(id: K, options: CallOptions<K>): string {
    const path = routes[id].path.replace(/\{(\w+)\}/g, (_match, name: string) => {
      const value = options.params?.[name];
      if (value === undefined) throw new TypeError(`${id} needs the path parameter ${name}`);
      return encodeURIComponent(value);
    });
    const url = new URL(path, this.options.baseUrl);
    const query: Readonly<Record<string, string | number | boolean | undefined>> =
      options.query ?? {};
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url.href;
  }
}

async function toError(response: Response): Promise<ParleyError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const text = await response.text();
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  return new ParleyError(readProblem(text) ?? notAProblem(response, text), seconds);
}

function readProblem(text: string): Problem | undefined {
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    return typeof problem?.code === 'string' ? (problem as Problem) : undefined;
  } catch {
    return undefined; // Not JSON: something between the client and Parley answered.
  }
}

function notAProblem(response: Response, text: string): Problem {
  const code = response.status >= 500 ? 'unavailable' : 'malformed';
  const detail = `unexpected answer ${response.status}: ${text.slice(0, 200)}`;
  return {
    type: 'about:blank',
    title: errorRow(code).title,
    status: response.status,
    code,
    detail,
  };
}

function unreachable(baseUrl: string): Problem {
  const { title, http } = errorRow('unavailable');
  const detail = `${baseUrl} is not reachable; is Parley running?`;
  return { type: 'about:blank', title, status: http, code: 'unavailable', detail };
}

async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
