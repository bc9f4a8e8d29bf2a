import { isOwned, type Relations } from './relation.js';
import type { PlacedTurn } from './turn-record.js';

/** What runs are after some of the turns. */
export function snapshotsSql(relations: Relations, turns: readonly PlacedTurn[]): string[] {
  const taken = turns.flatMap(({ snapshot, ...turn }) =>
    snapshot === undefined ? [] : [{ ...turn, snapshot }],
  );
  if (taken.length === 0) return [];
  const rows = relations.rows('s', taken, {
    run_id: ['text', (turn) => turn.runId],
    position: ['int', (turn) => turn.position],
    tenant_id: ['text', (turn) => turn.tenantId],
    format: ['int', ({ snapshot }) => snapshot.format],
    entries: ['int', ({ snapshot }) => snapshot.entries],
    state: ['bytea', ({ snapshot }) => snapshot.payload],
    partition: ['int', (turn) => turn.partition],
  });
  const columns = 'run_id, position, tenant_id, format, entries, state';
  return [
    `INSERT INTO run_snapshot (${columns})
    SELECT s.run_id, s.position, s.tenant_id, s.format, s.entries, s.state
    FROM ${rows} WHERE ${isOwned('s.partition')}`,
  ];
}
