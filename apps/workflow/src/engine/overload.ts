import { AppError } from '@parley/kernel';
import type { Flusher } from './flusher.js';
import type { RunCalls } from './run-calls.js';
import type { LimitUse, ShareOf, TenantLimit } from './tenant-limits.js';

/** Above these, new runs are refused (429): what this process holds in memory, of all tenants. */
const backlogTurnsMax = 20_000;
const backlogBytesMax = 64 * 1_048_576;

interface Loaded {
  readonly flusher: Pick<Flusher, 'backlog' | 'backlogBytes' | 'backlogOf' | 'backlogs'>;
  readonly calls: Pick<RunCalls, 'waitingOf' | 'waiting' | 'uses'>;
}

/** @throws AppError `overloaded` when the engine is behind with what it has accepted */
export function refuseOverload(
  { flusher, calls, shareOf }: Loaded & { readonly shareOf: ShareOf },
  tenantId: string,
): void {
  const isBehind =
    flusher.backlog > backlogTurnsMax ||
    flusher.backlogBytes > backlogBytesMax ||
    flusher.backlogOf(tenantId) > shareOf('turnsWaiting', tenantId) ||
    calls.waitingOf(tenantId) > shareOf('callsWaiting', tenantId);
  if (!isBehind) return;
  throw new AppError('overloaded', 'the engine is behind; try again soon', {
    retryAfterSeconds: 1,
  });
}

/** What tenants use here of their limits. Of what waits each would have twice as much room. */
export function limitUses({ flusher, calls }: Loaded): LimitUse[] {
  const waiting = (limit: TenantLimit, tenantId: string, used: number) => ({
    ...{ limit, tenantId, used },
    wanted: 2 * used,
  });
  const ofCalls = [...calls.uses()].map(([tenantId, use]): LimitUse => ({
    limit: 'calls',
    tenantId,
    ...use,
  }));
  const ofWaiting = [...calls.waiting()].map(([tenantId, count]) =>
    waiting('callsWaiting', tenantId, count),
  );
  const ofTurns = flusher.backlogs.map(([tenantId, turns]) =>
    waiting('turnsWaiting', tenantId, turns),
  );
  return [...ofCalls, ...ofWaiting, ...ofTurns];
}
