import type { RunChange } from '../engine/engine.js';

type Listener = (change: RunChange) => void;
type ApprovalListener = (approvalId: string) => void;

/**
 * Tells open pages of durable changes: of the runs that this process has, and of every approval,
 * wherever its run is.
 */
export class RunFeed {
  private readonly byRun = new Map<string, Set<Listener>>();
  private readonly every = new Set<Listener>();
  private readonly ofApprovals = new Map<string, Set<ApprovalListener>>();

  publish(change: RunChange): void {
    for (const listener of this.every) listener(change);
    for (const listener of this.byRun.get(change.row.runId) ?? []) listener(change);
    for (const id of change.approvals) this.tellApproval(change.row.tenantId, id);
  }

  /** An approval was opened or closed, here or in another process. */
  tellApproval(tenantId: string, approvalId: string): void {
    for (const listener of this.ofApprovals.get(tenantId) ?? []) listener(approvalId);
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
  onApprovals(tenantId: string, listener: ApprovalListener): () => void {
    return subscribe(this.ofApprovals, tenantId, listener);
  }
}

function subscribe<L>(index: Map<string, Set<L>>, key: string, listener: L): () => void {
  const listeners = index.get(key) ?? new Set<L>();
  index.set(key, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) index.delete(key);
  };
}
