import type { PlatformHealth } from '@parley/contracts';
import { z } from 'zod';
import type { Upstreams } from '../proxy/upstream.js';

type ServiceState = PlatformHealth['services'][number];

const timeoutMs = 1500;
const reuseMs = 1000;
const Ready = z.object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean() })) });

/** What the gateway knows of each service; asked for at most once a second. */
export class ServiceHealth {
  private latest: { atMs: number; report: Promise<PlatformHealth> } | undefined;

  constructor(private readonly upstreams: Upstreams) {}

  report(): Promise<PlatformHealth> {
    const now = Date.now();
    if (!this.latest || now - this.latest.atMs > reuseMs) {
      this.latest = { atMs: now, report: this.ask() };
    }
    return this.latest.report;
  }

  private async ask(): Promise<PlatformHealth> {
    const services = await Promise.all(
      Object.entries(this.upstreams).map(([name, { all }]) => stateOfAll(name, all)),
    );
    const allWell = services.every(({ status }) => status === 'ok');
    return { status: allWell ? 'ok' : 'degraded', services };
  }
}

/** A service works as long as one of its processes does. */
async function stateOfAll(name: string, addresses: readonly string[]): Promise<ServiceState> {
  const states = await Promise.all(addresses.map((address) => stateOf(name, address)));
  const ready = states.filter(({ status }) => status === 'ok');
  const [first = states[0]] = ready;
  if (first === undefined) return { name, status: 'unreachable' };
  if (ready.length === 0 || ready.length === states.length) return first;
  return { ...first, detail: `${ready.length} of ${states.length} processes are ready` };
}

async function stateOf(name: string, address: string): Promise<ServiceState> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(new URL('/readyz', address), { signal });
    const answer = Ready.safeParse(await response.json());
    if (response.ok) return { name, status: 'ok' };
    const failing = answer.data?.checks.filter(({ ok }) => !ok).map((check) => check.name) ?? [];
    return { name, status: 'starting', detail: `waiting for: ${failing.join(', ') || 'itself'}` };
  } catch {
    return { name, status: 'unreachable' };
  }
}
