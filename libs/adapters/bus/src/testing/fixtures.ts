import { runStarted, type EventEnvelope } from '@parley/contracts';
import type { BusEvent } from '../bus.js';

let made = 0;

/** An event of topic `workflow` whose `version` tells its place among those of its key. */
export function workflowEvent(
  key: string,
  version: number,
): BusEvent & { envelope: EventEnvelope } {
  const envelope = runStarted.create(
    { runId: `run_of_${key}`, workflowId: 'wf_contract', version, by: 'mem_contract' },
    { id: `evt_${++made}_${key}_${version}`, tenantId: 'ten_contract', key, timeMs: 0 },
  );
  return { key, envelope };
}

/** The versions from `first` to `last` of a key. */
export function workflowEvents(key: string, first: number, last: number) {
  return Array.from({ length: last - first + 1 }, (_, index) => workflowEvent(key, first + index));
}

/** What an event of `workflowEvent` says about its place. */
export function versionOf(envelope: EventEnvelope): number {
  return (envelope.data as { version: number }).version;
}

/** Waits until `check` answers something; fails with `what` after `withinMs`. */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
