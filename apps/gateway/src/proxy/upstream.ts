import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceName } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import type { GatheredCall, Origins } from '@parley/nest-kit';
import { Agent, type Dispatcher } from 'undici';

export type Upstreams = Readonly<Record<Exclude<ServiceName, 'gateway'>, Origins>>;

const connectTimeoutMs = 2000;
/** Longer than the longest wait before an answer: that for the result of a run (60 s). */
const answerTimeoutMs = 65_000;
/** Streams send a heartbeat every 15 s, so one that is silent for longer is dead. */
const silenceMsMax = 60_000;

/**
 * Headers that pass to services. All others end here: credentials, cookies, hop-by-hop headers,
 * anything about tenants, and whatever else a client might hope that a service believes.
 */
const passedOn = [
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'user-agent',
] as const;

/** Headers of an answer that are about the connection to the service, not about the answer. */
const ownToConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]);

export function passedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of passedOn) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

export function answerHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !ownToConnection.has(name));
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

export interface Forwarded {
  readonly origins: Origins;
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** Connections to the services. */
export class Upstream {
  private readonly agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    connections: null,
    pipelining: 1,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: silenceMsMax,
  });

  /** @throws AppError `unavailable` or `timeout` when the service does not answer */
  async forward({ origins, ...request }: Forwarded): Promise<Dispatcher.ResponseData> {
    try {
      return await origins.ask((origin) => this.agent.request({ ...request, origin }));
    } catch (cause) {
      if (request.signal.aborted) throw calledOff(cause);
      throw upstreamFailure(cause);
    }
  }

  /** Sends requests that were gathered; who does not answer is told apart by `upstreamFailure`. */
  together(origins: Origins, call: GatheredCall): Promise<Dispatcher.ResponseData> {
    const settings = { ...call, bodyTimeout: answerTimeoutMs };
    return origins.ask((origin) => this.agent.request({ ...settings, origin }));
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** Only a client that is still there hears this: the process stops. */
function calledOff(cause: unknown): AppError {
  return new AppError('unavailable', 'The platform is stopping; repeat the request.', {
    cause,
    retryAfterSeconds: 1,
  });
}

/** What a client is told whose service has not answered. */
export function upstreamFailure(cause: unknown): AppError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new AppError('timeout', 'The service did not answer in time.', { cause });
  }
  return new AppError('unavailable', 'The service is not reachable; try again in a moment.', {
    cause,
    retryAfterSeconds: 1,
  });
}
