import { AppError } from '@parley/kernel';

/**
 * What a page token stands for: the key of the last item of the page before.
 * @throws AppError `malformed` unless it has the form that our tokens have
 */
export function pageTokenOf(token: string | undefined, form: RegExp): string | undefined {
  if (token === undefined || form.test(token)) return token;
  throw new AppError('malformed', 'pageToken must be the nextPageToken of the page before.');
}

/** A page of a list. */
export interface Page<T> {
  readonly items: T[];
  readonly nextPageToken?: string;
}

/**
 * The page that `rows` make: read one more than `pageSize`, which tells whether there is a next page.
 * `tokenOf` names the last row of a page, from which the next one goes on.
 */
export function pageOf<Row, Item = Row>(
  rows: readonly Row[],
  pageSize: number,
  of: { readonly tokenOf: (row: Row) => string; readonly item?: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const item = of.item ?? ((row: Row) => row as unknown as Item);
  const items = shown.map((row) => item(row));
  return rows.length > pageSize && last !== undefined
    ? { items, nextPageToken: of.tokenOf(last) }
    : { items };
}
