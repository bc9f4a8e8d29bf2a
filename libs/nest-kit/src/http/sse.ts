import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { currentScope } from '../scope.js';

/** One server-sent event; `data` is sent as JSON. */
export interface ServerSentEvent {
  readonly id?: string | number;
  readonly event?: string;
  readonly data: unknown;
}

/** Keeps proxies from closing a quiet stream and finds clients that left without a word. */
const heartbeatMs = 15_000;
/** A client that has not read what it was sent for this long is disconnected; it may come again. */
const slowClientMsMax = 30_000;
/** How long the browser waits before it connects again. */
const reconnectMs = 1000;

/** Where the client wants to continue, from the Last-Event-ID header. */
export function lastEventId(request: FastifyRequest): string | undefined {
  const value = request.headers['last-event-id'];
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;
}

/**
 * Answers with server-sent events until `events` ends, the client leaves or the process stops (then
 * the client connects again by itself). `events` is pulled no faster than the client reads. When it
 * is a function it gets a signal that is aborted at the end of the stream, whoever ended it: give it
 * to the EventQueue inside a generator, which `return()` alone cannot wake. Refuse a request before
 * calling this: afterwards the answer has begun.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerSentEvent> | ((ended: AbortSignal) => AsyncIterable<ServerSentEvent>),
): Promise<void> {
  const { raw } = reply;
  const ended = new AbortController();
  const end = () => ended.abort();
  const stopping = currentScope()?.stopping;
  raw.once('close', end);
  stopping?.addEventListener('abort', end, { once: true });
  if (stopping?.aborted) end();
  const source = typeof events === 'function' ? events(ended.signal) : events;
  const iterator = source[Symbol.asyncIterator]();
  begin(reply);
  const heartbeat = setInterval(() => raw.writableNeedDrain || raw.write(':\n\n'), heartbeatMs);
  try {
    await pump(reply, iterator, ended.signal);
    raw.end();
  } catch (error) {
    raw.destroy();
    throw error;
  } finally {
    clearInterval(heartbeat);
    stopping?.removeEventListener('abort', end);
    end();
    void iterator.return?.();
  }
}

function begin(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  reply.raw.write(`retry: ${reconnectMs}\n\n`);
}

async function pump(
  reply: FastifyReply,
  iterator: AsyncIterator<ServerSentEvent>,
  ended: AbortSignal,
): Promise<void> {
  const end = new Promise<undefined>((resolve) => {
    ended.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  while (!ended.aborted) {
    const next = await Promise.race([iterator.next(), end]);
    if (next === undefined || next.done || ended.aborted) return;
    if (!reply.raw.write(encode(next.value))) await drained(reply);
  }
}

async function drained({ raw }: FastifyReply): Promise<void> {
  const patience = AbortSignal.timeout(slowClientMsMax);
  const closed = new AbortController();
  const onClose = () => closed.abort();
  raw.once('close', onClose);
  try {
    if (raw.writableNeedDrain && !raw.destroyed) {
      await once(raw, 'drain', { signal: AbortSignal.any([patience, closed.signal]) });
    }
  } catch {
    raw.destroy(); // too slow, or gone: in both cases nobody reads this any more
  } finally {
    raw.off('close', onClose);
  }
}

function encode({ id, event, data }: ServerSentEvent): string {
  const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}

/** Events that may wait in a queue before its reader counts as too slow. */
const queuedEventsMax = 1000;

/**
 * A bounded queue between something that happens and a stream that tells of it. A reader that falls
 * behind by more than the limit gets the end of the stream, never a gap.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  private readonly waiting: T[] = [];
  private wake: (() => void) | undefined;
  private ended = false;

  private readonly onEnd: () => void;
  private readonly limit: number;

  constructor(
    options: {
      /** Called once, however the queue ends: unsubscribe here. */
      readonly onEnd?: () => void;
      /** Ends the queue when aborted. */
      readonly signal?: AbortSignal;
      /** @default 1000 */
      readonly limit?: number;
    } = {},
  ) {
    this.onEnd = options.onEnd ?? (() => undefined);
    this.limit = options.limit ?? queuedEventsMax;
    options.signal?.addEventListener('abort', () => this.end(), { once: true });
  }

  push(item: T): void {
    if (this.ended) return;
    if (this.waiting.length >= this.limit) {
      this.end();
      return;
    }
    this.waiting.push(item);
    this.wake?.();
  }

  /** What waits is still delivered; nothing is added any more. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
    this.wake?.();
  }

  async next(): Promise<IteratorResult<T>> {
    while (this.waiting.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const value = this.waiting.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  return(): Promise<IteratorResult<T>> {
    this.waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
