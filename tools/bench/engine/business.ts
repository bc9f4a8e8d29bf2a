import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const answer = Buffer.from('{"fine":true,"left":7}');

/** The system that runs call: answers at once unless it is held, and counts the calls of each run. */
export class Business {
  readonly port: number;
  private readonly close: () => void;
  private readonly calls = new Map<string, number>();
  private held: (() => void)[] | undefined;
  private readonly waiting = new Map<string, { count: number; reached: () => void }>();

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.close = close;
  }

  static async start(): Promise<Business> {
    const server = createServer({ keepAliveTimeout: 600_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const business = new Business(port, () => {
      server.closeAllConnections();
      server.close();
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      business.answer(request, response);
    });
    return business;
  }

  /** Settles when a run has made so many calls. */
  called(runId: string, count: number): Promise<void> {
    if ((this.calls.get(runId) ?? 0) >= count) {
      this.calls.delete(runId);
      return Promise.resolve();
    }
    return new Promise((reached) => this.waiting.set(runId, { count, reached }));
  }

  /** From now on nobody is answered. */
  hold(): void {
    this.held ??= [];
  }

  /** Whoever waits is answered, and so is whoever comes. */
  release(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const answer of held) answer();
  }

  stop(): void {
    this.close();
  }

  /** Its description, for the import as a connector. */
  get document(): string {
    const operation = (operationId: string) => ({
      post: {
        operationId,
        parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }],
        responses: { 200: { description: 'Fine.' } },
      },
    });
    return JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'Bench', version: '1' },
      servers: [{ url: `http://127.0.0.1:${this.port}` }],
      paths: Object.fromEntries(
        ['one', 'two', 'three'].map((name) => [`/${name}`, operation(name)]),
      ),
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (this.held !== undefined) {
      this.held.push(() => this.answer(request, response));
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': answer.length,
    });
    response.end(answer, () => this.count(request.headers['x-parley-run']));
  }

  private count(runId: string | string[] | undefined): void {
    if (typeof runId !== 'string') return;
    const calls = (this.calls.get(runId) ?? 0) + 1;
    this.calls.set(runId, calls);
    const waiting = this.waiting.get(runId);
    if (waiting === undefined || calls < waiting.count) return;
    this.calls.delete(runId);
    this.waiting.delete(runId);
    waiting.reached();
  }
}
