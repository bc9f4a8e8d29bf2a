/** Collects parameters of one statement and writes rows as `unnest` of one array per column. */
export class Relations {
  readonly values: unknown[] = [];

  /** One array as a parameter, e.g. `$3::int[]`. */
  array(type: string, values: readonly unknown[]): string {
    this.values.push(values);
    return `$${String(this.values.length)}::${type}[]`;
  }

  /** `unnest(…) AS alias(a, b)` over `rows`, one column for each entry of `columns`. */
  rows<T>(
    alias: string,
    rows: readonly T[],
    columns: Readonly<Record<string, readonly [type: string, value: (row: T) => unknown]>>,
  ): string {
    const arrays = Object.values(columns).map(([type, value]) =>
      this.array(
        type,
        rows.map((row) => value(row) ?? null),
      ),
    );
    return `unnest(${arrays.join(', ')}) AS ${alias}(${Object.keys(columns).join(', ')})`;
  }
}
