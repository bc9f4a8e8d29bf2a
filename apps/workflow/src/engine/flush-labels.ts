import { keyOf, type LabelRow } from './label-rows.js';
import { isOwned, type Relations } from './relation.js';
import type { PlacedTurn } from './turn-record.js';

interface Change {
  readonly runId: string;
  readonly tenantId: string;
  readonly partition: number;
  readonly isTag: boolean;
  readonly name: string;
  /** Absent: it is taken away. */
  readonly row?: LabelRow;
}

/** What a batch changes about labels; a statement can touch a row only once, so the last turn counts. */
export function labelsSql(relations: Relations, turns: readonly PlacedTurn[]): string[] {
  const changes = changesOf(turns);
  const set = changes.flatMap(({ row, ...of }) => (row === undefined ? [] : [{ ...of, ...row }]));
  const gone = changes.filter(({ row }) => row === undefined);
  return [
    ...(set.length === 0 ? [] : [setSql(relations, set)]),
    ...(gone.length === 0 ? [] : [goneSql(relations, gone)]),
  ];
}

function changesOf(turns: readonly PlacedTurn[]): Change[] {
  const last = new Map<string, Change>();
  for (const { runId, tenantId, partition, labels } of turns) {
    if (labels === undefined) continue;
    const of = { runId, tenantId, partition };
    for (const { isTag, name } of labels.gone) {
      last.set(`${runId}${keyOf({ isTag, name })}`, { ...of, isTag, name });
    }
    for (const row of labels.set) {
      const { isTag, name } = row;
      last.set(`${runId}${keyOf(row)}`, { ...of, isTag, name, row });
    }
  }
  return [...last.values()];
}

function setSql(relations: Relations, set: readonly (Change & LabelRow)[]): string {
  const rows = relations.rows('l', set, {
    run_id: ['text', (label) => label.runId],
    tenant_id: ['text', (label) => label.tenantId],
    is_tag: ['bool', (label) => label.isTag],
    name: ['text', (label) => label.name],
    kind: ['text', (label) => label.kind],
    value: ['text', (label) => label.value],
    number: ['text', ({ number }) => (number === undefined ? null : String(number))],
    partition: ['int', (label) => label.partition],
  });
  const columns = 'run_id, tenant_id, is_tag, name, kind, value, number';
  return `INSERT INTO run_label (${columns})
    SELECT l.run_id, l.tenant_id, l.is_tag, l.name, l.kind, l.value, l.number::float8
    FROM ${rows} WHERE ${isOwned('l.partition')}
    ON CONFLICT (run_id, is_tag, name) DO UPDATE
    SET kind = excluded.kind, value = excluded.value, number = excluded.number`;
}

function goneSql(relations: Relations, gone: readonly Change[]): string {
  const rows = relations.rows('n', gone, {
    run_id: ['text', (label) => label.runId],
    is_tag: ['bool', (label) => label.isTag],
    name: ['text', (label) => label.name],
    partition: ['int', (label) => label.partition],
  });
  return `DELETE FROM run_label USING ${rows}
    WHERE ${isOwned('n.partition')} AND run_label.run_id = n.run_id AND run_label.is_tag = n.is_tag AND run_label.name = n.name`;
}
