import { binaryArray, type ArrayType } from './binary-array.js';

/** Columns of a relation: their types, and their values of a row; null and undefined are NULL. */
export type Columns<T> = Readonly<
  Record<string, readonly [type: ArrayType, value: (row: T) => unknown]>
>;

/** Collects parameters of one statement and writes rows as `unnest` of one array per column. */
export class Relations {
  readonly values: Buffer[] = [];

  /** `unnest(…) AS alias(a, b)` over `rows`, one column for each entry of `columns`. */
  rows<T>(alias: string, rows: readonly T[], columns: Columns<T>): string {
    const names = Object.keys(columns);
    const arrays = names.map((name) => {
      const [type, value] = columns[name] as Columns<T>[string];
      this.values.push(binaryArray(type, rows.map(value)));
      return `$${String(this.values.length)}::${type}[]`;
    });
    return `unnest(${arrays.join(', ')}) AS ${alias}(${names.join(', ')})`;
  }
}
