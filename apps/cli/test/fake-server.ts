import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorCode } from '@parley/contracts';
import { errorRow } from '@parley/contracts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** An answer: JSON, or the chunks of an event stream after which the connection ends. */
export type Reply =
  { readonly status?: number; readonly json: unknown } | { readonly events: readonly string[] };

type Handler = (request: Received) => Reply;

/** A server that answers as each test says and remembers what it was asked. */
export class FakeServer {
  readonly received: Received[] = [];
  private readonly handlers = new Map<string, Handler>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://fake');
        const text = Buffer.concat(chunks).toString();
        const received: Received = {
          method: request.method ?? '',
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: request.headers,
          body: parse(text),
        };
        this.received.push(received);
        const handler = this.handlers.get(`${received.method} ${received.path}`);
        const reply = handler?.(received) ?? problem('not-found', `no ${received.path}`);
        if ('events' in reply) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end(reply.events.join(''));
        } else {
          response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
          response.end(JSON.stringify(reply.json));
        }
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  on(route: string, handler: Handler): void {
    this.handlers.set(route, handler);
  }

  /** Forgets what it was asked and how to answer. */
  clear(): void {
    this.handlers.clear();
    this.received.length = 0;
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

export function problem(code: ErrorCode, detail: string, errors?: unknown): Reply {
  const { http, title } = errorRow(code);
  return { status: http, json: { type: 'about:blank', title, status: http, code, detail, errors } };
}

export function sse(event: string, data: unknown, id?: number): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return Object.fromEntries(new URLSearchParams(text)); // A form, as sign-in uses them.
  }
}
