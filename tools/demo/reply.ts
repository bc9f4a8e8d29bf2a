import type { Business } from './business.ts';

export interface Input {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  /** Milliseconds since the epoch; recorded with the call, so that a replay sees the same time. */
  now: number;
}

export interface Reply {
  status: number;
  body: unknown;
  /** True when the call changed something. */
  effect: boolean;
}

/** Synchronous and without any source but its arguments: the ledger is replayed through these. */
export type Operations = Readonly<Record<string, (business: Business, input: Input) => Reply>>;

export interface Violation {
  pointer: string;
  detail: string;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authorised',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Invalid request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

export function seen(body: unknown): Reply {
  return { status: 200, body, effect: false };
}

export function done(body: unknown, status = 200): Reply {
  return { status, body, effect: true };
}

/** RFC 9457. `code` is stable, `detail` is for people. */
export function problem(
  status: number,
  code: string,
  more: { detail: string; errors?: Violation[] },
): Reply {
  const title = titles[status] ?? 'Error';
  return { status, body: { type: 'about:blank', title, status, code, ...more }, effect: false };
}

export function notFound(what: string): Reply {
  return problem(404, 'not-found', { detail: `There is no ${what}.` });
}

export function conflict(detail: string): Reply {
  return problem(409, 'conflict', { detail });
}

export function invalid(pointer: string, detail: string): Reply {
  return problem(422, 'invalid', { detail, errors: [{ pointer, detail }] });
}
