import type { Platform } from '../dev/platform.ts';

/** A call as the demo business recorded it on arrival. */
export interface DemoCall {
  readonly seq: number;
  readonly system: string;
  readonly operation: string;
  readonly idempotencyKey?: string | null;
  /** One trace is one run. */
  readonly traceId?: string;
  readonly status: number;
  /** Whether it changed something. */
  readonly effect: boolean;
}

export interface Knobs {
  readonly system: string;
  readonly operation?: string;
  readonly latencyMs?: number;
  readonly failNext?: { status: number; count: number; retryAfterSeconds?: number };
}

export async function demoCalls(platform: Platform): Promise<DemoCall[]> {
  return (await ask(platform, 'GET', '/_demo/calls?since=0')) as DemoCall[];
}

/** Puts the business back to its first state and forgets its calls. */
export async function resetDemo(
  platform: Platform,
  options: { scale?: number } = {},
): Promise<void> {
  await ask(platform, 'POST', '/_demo/reset', options);
}

export async function setKnobs(platform: Platform, knobs: Knobs): Promise<void> {
  await ask(platform, 'PUT', '/_demo/knobs', knobs);
}

async function ask(
  platform: Platform,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${String(platform.portBase + 20)}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
