import { noLabels, type AttributeValue, type Labels } from '@parley/engine';

/** A tag or a search attribute as its table has it. */
export interface LabelRow {
  readonly isTag: boolean;
  readonly name: string;
  readonly kind: 'tag' | 'text' | 'number' | 'boolean' | 'time';
  readonly value: string;
  /** Numbers, and times in milliseconds. */
  readonly number?: number;
}

/** What a turn changes about the labels of its run. */
export interface LabelChanges {
  readonly set: readonly LabelRow[];
  readonly gone: readonly Pick<LabelRow, 'isTag' | 'name'>[];
}

export function labelChanges(
  before: Labels = noLabels,
  after: Labels = noLabels,
): LabelChanges | undefined {
  if (before === after) return undefined;
  const rows = rowsOf(after);
  const known = new Map(rowsOf(before).map((row) => [keyOf(row), row]));
  const kept = new Set(rows.map(keyOf));
  return {
    set: rows.filter((row) => {
      const old = known.get(keyOf(row));
      return old?.value !== row.value || old.kind !== row.kind;
    }),
    gone: [...known.values()].filter((row) => !kept.has(keyOf(row))),
  };
}

export function keyOf({ isTag, name }: Pick<LabelRow, 'isTag' | 'name'>): string {
  return `${isTag ? '#' : '='}${name}`;
}

/** A value of a search attribute, with what it is compared by. */
export function typedValue(value: AttributeValue): Pick<LabelRow, 'kind' | 'value' | 'number'> {
  if (typeof value === 'number') return { kind: 'number', value: String(value), number: value };
  if (typeof value === 'boolean') return { kind: 'boolean', value: String(value) };
  const number = timeOf(value);
  return number === undefined ? { kind: 'text', value } : { kind: 'time', value, number };
}

/** Milliseconds of a text in RFC 3339 form. */
export function timeOf(text: string): number | undefined {
  const isTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The labels that rows stand for. */
export function labelsOfRows(rows: readonly Pick<LabelRow, 'name' | 'kind' | 'value'>[]): {
  tags: string[];
  attributes: Record<string, AttributeValue>;
} {
  const tags = rows.filter(({ kind }) => kind === 'tag').map(({ name }) => name);
  const attributes = rows
    .filter(({ kind }) => kind !== 'tag')
    .map(({ name, kind, value }): [string, AttributeValue] => [name, valueOf(kind, value)]);
  return { tags, attributes: Object.fromEntries(attributes) };
}

function valueOf(kind: LabelRow['kind'], value: string): AttributeValue {
  if (kind === 'number') return Number(value);
  return kind === 'boolean' ? value === 'true' : value;
}

function rowsOf({ tags, attributes }: Labels): LabelRow[] {
  return [
    ...tags.map((name): LabelRow => ({ isTag: true, name, kind: 'tag', value: '' })),
    ...Object.entries(attributes).map(([name, value]): LabelRow => ({
      isTag: false,
      name,
      ...typedValue(value),
    })),
  ];
}
