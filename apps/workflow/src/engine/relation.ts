import { storableJson } from '@parley/kernel';
import { binaryArray, binaryValue, type ArrayType } from '@parley/postgres';

/** Columns of a relation: their types, and their values of a row; null and undefined are NULL. */
export type Columns<T> = Readonly<
  Record<string, readonly [type: ArrayType, value: (row: T) => unknown]>
>;

/** The condition of every write of a flush: the partition in `column` is one that it has locked. */
export function isOwned(column: string): string {
  return `${column} = ANY (ARRAY(SELECT id FROM owned))`;
}

/**
 * Collects parameters of one statement. Rows are `unnest` of one array per column; for a single one,
 * to which setting up that many functions is all of the work, they are `VALUES`.
 */
export class Relations {
  readonly values: (Buffer | null)[] = [];
  private readonly single: boolean;
  /** @param single most relations have one row at most */
  constructor(single = false) {
    this.single = single;
  }

  /** `… AS alias(a, b)` over `rows`, one column for each entry of `columns`. */
  rows<T>(alias: string, rows: readonly T[], columns: Columns<T>): string {
    const names = Object.keys(columns);
    const [only] = rows;
    const asValues = this.single && rows.length === 1 && only !== undefined;
    const parameters = names.map((name) => {
      const [type, value] = columns[name] as Columns<T>[string];
      this.values.push(
        asValues ? binaryValue(type, value(only)) : binaryArray(type, rows.map(value)),
      );
      return `$${String(this.values.length)}::${type}${asValues ? '' : '[]'}`;
    });
    const source = asValues
      ? `(VALUES (${parameters.join(', ')}))`
      : `unnest(${parameters.join(', ')})`;
    return `${source} AS ${alias}(${names.join(', ')})`;
  }
}

/** PostgreSQL's text and jsonb cannot hold U+0000; the journal, which is bytes, keeps it. */
export function jsonOf(value: unknown): string | null {
  return value === undefined ? null : storableJson(JSON.stringify(value));
}

export function textOf(value: string | undefined): string | null {
  return value === undefined ? null : value.replaceAll('\0', '\ufffd').toWellFormed();
}
