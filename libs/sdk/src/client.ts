import type { z } from 'zod';
import { errorRow, routes, type Problem, type RouteId } from '@parley/contracts';
import { parseJson } from '@parley/kernel';
import { isParleyError, ParleyError } from './errors.js';
import { parseEventStream } from './event-stream.js';
import { pause } from './pause.js';
import { chunksOf, onTheWay } from './read-body.js';

const attemptsMax = 4;
const backoffMsFirst = 200;
const backoffMsMax = 5_000;
/** A call that is to be repeated only after more than this is left to the caller. */
const retryAfterMsMax = 30_000;
/** The platform sends something at least every 15 s; after this the connection counts as lost. */
const silenceMsMax = 50_000;

type Routes = typeof routes;
type QueryValue = string | number | boolean;
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

/**
 * A typed client of the REST API; one method for calls, one for live streams. JSON passes through it
 * without loss: a number that a double cannot carry is a `JsonNumber` (`String(it)` gives its digits,
 * `Number(it)` the nearest double), and objects keep the order of their keys. Use `parseJson` of
 * `@parley/kernel` to send such values.
 */
export class ParleyClient {
  private readonly options: ClientOptions;
  private readonly fetch: typeof globalThis.fetch;

  constructor(options: ClientOptions) {
    this.options = options;
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /**
   * Calls an operation. Reads, and writes with an idempotency key, are repeated up to three times
   * when the platform is overloaded or unreachable, after the time that it asks for; if that is more
   * than 30 s, the refusal is thrown at once.
   *
   * @throws ParleyError with the problem's `code`.
   * @example
   * const run = await client.call('startRun', {
   *   params: { workflow: id }, body: { input: { total: 250 } }, idempotencyKey: 'order-7',
   * });
   */
  async call<K extends CallId>(id: K, options: CallOptions<K> = {}): Promise<ResponseOf<K>> {
    return this.repeat(id, options, async () => {
      const response = await this.request(id, options, { accept: 'application/json' });
      if (response.status === 204) return undefined as ResponseOf<K>;
      const text = await this.onTheWay(response.text(), options.signal);
      const json = readJson(text) as ResponseOf<K> | undefined;
      if (json === undefined) throw new ParleyError(notAProblem(response, text));
      return json;
    });
  }

  /** Calls an operation and gives the answer as it is, for downloads. @throws ParleyError */
  async download<K extends CallId>(id: K, options: CallOptions<K> = {}): Promise<Response> {
    return this.repeat(id, options, () => this.request(id, options, { accept: '*/*' }));
  }

  /**
   * Follows a live stream until it ends; the platform ends streams when it restarts and when the
   * token expires. It does not reconnect by itself: the caller shows that it is disconnected, and
   * passes the last id to resume.
   *
   * @throws ParleyError, of code `unavailable` when the connection breaks or nothing comes any more;
   *     the reason of `signal` when that aborts.
   */
  async *events<K extends StreamId>(
    id: K,
    options: CallOptions<K> & { lastEventId?: string } = {},
  ): AsyncGenerator<EventOf<K>> {
    const { lastEventId, signal } = options;
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const { body } = await this.repeat(id, options, () => this.request(id, options, headers));
    if (body === null) return;
    const chunks = chunksOf(body, { silenceMsMax, signal });
    for await (const { event, data, id: eventId } of parseEventStream(chunks)) {
      yield { event, data: parseJson(data), id: eventId } as EventOf<K>;
    }
  }

  private async repeat<T>(
    id: RouteId,
    options: CallOptions<RouteId>,
    attempt: () => Promise<T>,
  ): Promise<T> {
    const repeatable = routes[id].method === 'GET' || options.idempotencyKey !== undefined;
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        if (!repeatable || !isParleyError(error) || !error.retryable || count >= attemptsMax)
          throw error;
        const askedMs = (error.retryAfterSeconds ?? 0) * 1000;
        if (askedMs > retryAfterMsMax) throw error;
        const backoffMs = Math.min(backoffMsFirst * 2 ** count, backoffMsMax);
        await pause(Math.max(askedMs, backoffMs), options.signal);
      }
    }
  }

  private onTheWay<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const detail = `${this.options.baseUrl} is not reachable; is Parley running?`;
    return onTheWay(work, { detail, signal });
  }

  private async request(
    id: RouteId,
    options: CallOptions<RouteId>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const { body, idempotencyKey, ifMatch, signal } = options;
    const token = await this.options.token?.();
    const sent = this.fetch(this.urlOf(id, options), {
      method: routes[id].method,
      headers: {
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const response = await this.onTheWay(sent, signal);
    if (response.ok) return response;
    throw toError(response, await this.onTheWay(response.text(), signal));
  }

  private urlOf<K extends RouteId>(id: K, options: CallOptions<K>): string {
    const path = routes[id].path.replace(/\{(\w+)\}/g, (_match, name: string) => {
      const value = options.params?.[name];
      if (value === undefined) throw new TypeError(`${id} needs the path parameter ${name}`);
      return encodeURIComponent(value);
    });
    const url = new URL(path, this.options.baseUrl);
    const query: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> =
      options.query ?? {};
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value ?? []].flat()) url.searchParams.append(name, String(one));
    }
    return url.href;
  }
}

function toError(response: Response, text: string): ParleyError {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  return new ParleyError(readProblem(text) ?? notAProblem(response, text), seconds);
}

function readProblem(text: string): Problem | undefined {
  const problem = readJson(text) as Partial<Problem> | null | undefined;
  return typeof problem?.code === 'string' ? (problem as Problem) : undefined;
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
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
