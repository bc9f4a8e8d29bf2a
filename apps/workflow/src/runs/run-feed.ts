import type { RunChange } from '../engine/engine.js';

type Listener = (change: RunChange) => void;

/** Tells open pages of durable changes, within this process. */
export class RunFeed {
  private readonly byRun = new Map<string, Set<Listener>>();
  private readonly every = new Set<Listener>();
  private readonly byTenant = new Map<string, Set<Listener>>();

  publish(change: RunChange): void {
    for (const listener of this.every) listener(change);
    for (const listener of this.byRun.get(change.row.runId) ?? []) listener(change);
    for (const listener of this.byTenant.get(change.row.tenantId) ?? []) listener(change);
  }

  /** For as long as the process lives. */
  onEvery(listener: Listener): void {
    this.every.add(listener);
  }

  /** @returns the end of the subscription */
  onRun(runId: string, listener: Listener): () => void {
    return subscribe(this.byRun, runId, listener);
  }

  /** @returns the end of the subscription */
  onTenant(tenantId: string, listener: Listener): () => void {
    return subscribe(this.byTenant, tenantId, listener);
  }
}

function subscribe(index: Map<string, Set<Listener>>, key: string, listener: Listener): () => void {
  const listeners = index.get(key) ?? new Set<Listener>();
  index.set(key, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) index.delete(key);
  };
}
