import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { ContextClaims, ServiceName } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { randomBytesOf } from './random-bytes.js';

/** On whose behalf something happens, proven by a context token or by the event that caused it. */
export interface Context extends Omit<ContextClaims, 'tenantId'> {
  readonly tenantId: string;
  /** The service that vouches for it. */
  readonly issuer: ServiceName;
}

/** A verified context before a tenant is known. */
export type AnyContext = Omit<Context, 'tenantId'> & { readonly tenantId?: string };

/** What travels with a request, an event or a piece of background work. */
export interface Scope {
  readonly requestId: string;
  /** W3C trace context of the current span. */
  readonly traceparent: string;
  /** Aborted when the process stops; streams end on it. */
  readonly stopping?: AbortSignal;
  context?: AnyContext;
  /** Of a command that another process of the service has passed on, and may pass on again. */
  commandId?: string;
}

const storage = new AsyncLocalStorage<Scope>();

/** The scope of the running request, event or work; undefined outside of one. */
export function currentScope(): Scope | undefined {
  return storage.getStore();
}

/** Runs `work` within `scope`. */
export function runInScope<T>(scope: Scope, work: () => T): T {
  return storage.run(scope, work);
}

/**
 * On whose behalf the current code runs.
 * @throws AppError `unauthenticated` outside of a scope with a tenant.
 */
export function currentContext(): Context {
  const context = storage.getStore()?.context;
  if (context?.tenantId === undefined) {
    throw new AppError('unauthenticated', 'There is no tenant in the current context.');
  }
  return context as Context;
}

/** Runs work that no request started on behalf of somebody, e.g. an effect of a run. */
export function runAs<T>(context: Context, work: () => T, traceparent?: string): T {
  const parent = storage.getStore();
  return storage.run(
    {
      ...newScope({ traceparent: traceparent ?? parent?.traceparent }),
      ...(parent?.stopping && { stopping: parent.stopping }),
      context,
    },
    work,
  );
}

/** A scope that continues the caller's trace and request id where they are well-formed. */
export function newScope(from: { requestId?: unknown; traceparent?: unknown }): Scope {
  return {
    requestId: isRequestId(from.requestId) ? from.requestId : randomUUID(),
    traceparent: continueTrace(from.traceparent),
  };
}

/** The trace id inside a traceparent. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** A new span of the same trace, or of a new one when `traceparent` is not well-formed. */
export function continueTrace(traceparent: unknown): string {
  const span = randomBytesOf(8).toString('hex');
  if (typeof traceparent === 'string' && isTraceparent(traceparent)) {
    return `00-${traceIdOf(traceparent)}-${span}-${traceparent.slice(53, 55)}`;
  }
  return `00-${randomBytesOf(16).toString('hex')}-${span}-01`;
}

function isTraceparent(text: string): boolean {
  return (
    /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text) &&
    !text.startsWith('00-00000000000000000000000000000000') &&
    text.slice(36, 52) !== '0000000000000000'
  );
}

function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value);
}
