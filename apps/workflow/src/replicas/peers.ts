import { connect } from 'node:net';
import { contextHeader, type Context, type ContextTokens } from '@parley/nest-kit';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type Dispatcher } from 'undici';

/** Carries the id of a passed-on command; believed only of another process of this service. */
export const commandHeader = 'parley-command';
/** Of an answer: the asked one has not got the partition. */
export const notOwnerHeader = 'parley-not-owner';

const connectTimeoutMs = 1_000;
/** Longer than the longest wait before an answer: that for the result of a run (60 s). */
const answerTimeoutMs = 65_000;
/** Streams send a heartbeat every 15 s, so one that is silent for longer is dead. */
const silenceMsMax = 60_000;

const passedOn = [
  'accept',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'traceparent',
  'x-request-id',
] as const;

/** A request as it is passed on to the process that has what it is about. */
export interface PassedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** On whose behalf; the receiver hears it from this process. */
  readonly context: Context;
  readonly commandId: string;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** Connections to the other processes of this service. */
export class Peers {
  private readonly tokens: Pick<ContextTokens, 'mint'>;
  private readonly agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    connections: null,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: silenceMsMax,
  });

  constructor(tokens: Pick<ContextTokens, 'mint'>) {
    this.tokens = tokens;
  }

  async pass(url: string, request: PassedRequest): Promise<Dispatcher.ResponseData> {
    const { method, path, body, signal } = request;
    return this.agent.request({
      origin: url,
      method,
      path,
      headers: await this.headersOf(request),
      body: body === undefined || body === null ? null : JSON.stringify(body),
      signal,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private async headersOf({ headers, context, commandId }: PassedRequest) {
    const { tenantId, principal, name, roles, runId } = context;
    const claims = { kind: 'work', tenantId, principal, name, roles, runId } as const;
    const passed: Record<string, string> = {};
    for (const header of passedOn) {
      const value = headers[header];
      if (typeof value === 'string') passed[header] = value;
    }
    return {
      ...passed,
      [contextHeader]: await this.tokens.mint(claims, 'workflow'),
      [commandHeader]: commandId,
    };
  }
}

/** Whether nobody listens at an address of this network; a host that does not answer proves nothing. */
export function isDead(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: connectTimeoutMs });
    const settle = (dead: boolean) => {
      socket.destroy();
      resolve(dead);
    };
    socket.once('connect', () => settle(false));
    socket.once('timeout', () => settle(false));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code === 'ECONNREFUSED'));
  });
}
