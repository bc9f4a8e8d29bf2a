import type { Effect, EventInterest } from '@parley/engine';
import { isOwned, type Relations } from './relation.js';
import type { PlacedTurn } from './turn-record.js';

/** A task that events are to be brought to. */
export interface SubscriptionRow {
  readonly occurrence: string;
  readonly attempt: number;
  readonly interests: readonly EventInterest[];
}

export type SubscriptionKey = Pick<SubscriptionRow, 'occurrence' | 'attempt'>;

export function subscriptionsOpened(effects: readonly Effect[]): SubscriptionRow[] {
  return effects.flatMap((effect) => (effect.kind === 'openSubscription' ? effect : []));
}

export function subscriptionsClosed(effects: readonly Effect[]): SubscriptionKey[] {
  return effects.flatMap((effect) => (effect.kind === 'closeSubscription' ? effect : []));
}

/** The types of the events that could pass; empty text: of any type. */
export function typesOf(interests: readonly EventInterest[]): string[] {
  const types = new Set<string>();
  for (const { attributes } of interests) {
    const type = attributes.find(([name]) => name === 'type')?.[1];
    if (typeof type !== 'string') return [''];
    types.add(type);
  }
  return types.size === 0 ? [''] : [...types];
}

interface OpenedRow extends SubscriptionRow {
  readonly runId: string;
  readonly tenantId: string;
  readonly partition: number;
  readonly type: string;
}

/** What a batch opens and does not close again. */
export function subscriptionsOpenedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const opened = new Map<string, OpenedRow[]>();
  for (const turn of turns) {
    const { runId, tenantId, partition } = turn;
    for (const row of turn.subscriptionsOpened) {
      const rows = typesOf(row.interests).map((type) => ({
        ...row,
        runId,
        tenantId,
        partition,
        type,
      }));
      opened.set(keyOf(runId, row), rows);
    }
    for (const row of turn.subscriptionsClosed) opened.delete(keyOf(runId, row));
  }
  if (opened.size === 0) return undefined;
  const rows = relations.rows('s', [...opened.values()].flat(), {
    run_id: ['text', (row) => row.runId],
    occurrence: ['text', (row) => row.occurrence],
    attempt: ['int', (row) => row.attempt],
    type: ['text', (row) => row.type.replaceAll('\0', '\ufffd').toWellFormed()],
    tenant_id: ['text', (row) => row.tenantId],
    partition: ['int', (row) => row.partition],
    interests: ['json', (row) => JSON.stringify(row.interests)],
  });
  return `INSERT INTO subscription (run_id, occurrence, attempt, type, tenant_id, partition, interests)
    SELECT s.run_id, s.occurrence, s.attempt, s.type, s.tenant_id, s.partition, s.interests
    FROM ${rows} WHERE ${isOwned('s.partition')} ON CONFLICT DO NOTHING`;
}

export function subscriptionsClosedSql(
  relations: Relations,
  turns: readonly PlacedTurn[],
): string | undefined {
  const closed = turns.flatMap((turn) =>
    turn.subscriptionsClosed.map((row) => ({
      ...row,
      runId: turn.runId,
      partition: turn.partition,
    })),
  );
  if (closed.length === 0) return undefined;
  const rows = relations.rows('x', closed, {
    run_id: ['text', (row) => row.runId],
    occurrence: ['text', (row) => row.occurrence],
    attempt: ['int', (row) => row.attempt],
    partition: ['int', (row) => row.partition],
  });
  return `DELETE FROM subscription USING ${rows}
    WHERE ${isOwned('x.partition')} AND subscription.run_id = x.run_id AND subscription.occurrence = x.occurrence
      AND subscription.attempt = x.attempt`;
}

function keyOf(runId: string, { occurrence, attempt }: SubscriptionKey): string {
  return `${runId} ${occurrence} ${String(attempt)}`;
}
