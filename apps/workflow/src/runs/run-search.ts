import type { RunCountQuery } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { typedValue, timeOf } from '../engine/label-rows.js';

/** A condition on the table `run`, with its parameters. */
export interface Where {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a list or a count is asked for, as SQL. Row-level security says whose runs. */
export function whereOf(query: RunCountQuery, before?: string): Where {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${String(values.push(value))}`;
  const conditions: string[] = [];
  const equal = (column: string, value: string | number | undefined) => {
    if (value !== undefined) conditions.push(`run.${column} = ${given(value)}`);
  };
  equal('workflow_id', query.workflowId);
  equal('version', query.version);
  equal('status', query.status);
  equal('started_by', query.startedBy);
  equal('parent_run_id', query.parentRunId);
  if (before !== undefined) conditions.push(`run.id < ${given(before)}`);
  if (query.startedFrom !== undefined) {
    conditions.push(`run.created_at >= ${given(new Date(query.startedFrom))}`);
  }
  if (query.startedBefore !== undefined) {
    conditions.push(`run.created_at < ${given(new Date(query.startedBefore))}`);
  }
  if (query.stalled !== undefined) {
    conditions.push(`run.id IN (SELECT run_id FROM stalled_run s WHERE s.position = run.position)`);
  }
  if (query.errorType !== undefined) {
    const type = `position(${given(query.errorType)}::text in run.error ->> 'type')`;
    conditions.push(`run.status = 'failed' AND ${type} > 0`);
  }
  for (const tag of [query.tag ?? []].flat()) {
    conditions.push(hasLabel(`l.is_tag AND l.name = ${given(tag)}`));
  }
  for (const filter of [query.attribute ?? []].flat()) {
    conditions.push(hasLabel(attributeCondition(filter, given)));
  }
  const text = conditions.length === 0 ? 'true' : conditions.map((one) => `(${one})`).join(' AND ');
  return { text, values };
}

function hasLabel(condition: string): string {
  return `EXISTS (SELECT FROM run_label l
    WHERE l.run_id = run.id AND l.tenant_id = run.tenant_id AND ${condition})`;
}

const filterForm = /^([A-Za-z][A-Za-z0-9_.-]*)(=|<=|>=|<|>)(.*)$/s;

/** `=` compares with the value as it is written; the others compare numbers, or times. */
function attributeCondition(filter: string, given: (value: unknown) => string): string {
  const [, name = '', operator = '', written = ''] = filterForm.exec(filter) ?? [];
  const named = `NOT l.is_tag AND l.name = ${given(name)}`;
  if (operator === '=') {
    const number = numberOf(written);
    // 12.50 is the number 12.5, and also a text that somebody has written so.
    const texts = number === undefined ? [written] : [written, typedValue(number).value];
    return `${named} AND l.value = ANY (${given(texts)}::text[])`;
  }
  const time = timeOf(written);
  const operand = time ?? numberOf(written);
  if (operand === undefined) {
    throw new AppError(
      'invalid',
      `${filter}: ${operator} compares numbers, and times such as 2027-01-31T12:00:00Z; use = for texts.`,
    );
  }
  const kind = time === undefined ? 'number' : 'time';
  return `${named} AND l.kind = '${kind}' AND l.number ${operator} ${given(operand)}`;
}

function numberOf(text: string): number | undefined {
  const isNumber = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  return isNumber ? Number(text) : undefined;
}
