import { AppError } from '@parley/kernel';
import type { Flusher } from './flusher.js';
import type { RunCalls } from './run-calls.js';

/** Above these, new runs are refused (429): turns of all and of one tenant, calls of one tenant. */
const backlogTurnsMax = 20_000;
const backlogBytesMax = 64 * 1_048_576;
const tenantBacklogTurnsMax = 5_000;
const tenantCallsWaitingMax = 10_000;

/** @throws AppError `overloaded` when the engine is behind with what it has accepted */
export function refuseOverload(
  { flusher, calls }: { readonly flusher: Flusher; readonly calls: RunCalls },
  tenantId: string,
): void {
  const isBehind =
    flusher.backlog > backlogTurnsMax ||
    flusher.backlogBytes > backlogBytesMax ||
    flusher.backlogOf(tenantId) > tenantBacklogTurnsMax ||
    calls.waitingOf(tenantId) > tenantCallsWaitingMax;
  if (!isBehind) return;
  throw new AppError('overloaded', 'the engine is behind; try again soon', {
    retryAfterSeconds: 1,
  });
}
