import { AppError } from '@parley/kernel';

/**
 * What a page token stands for: the key of the last item of the page before.
 * @throws AppError `malformed` unless it has the form that our tokens have
 */
export function pageToken(token: string | undefined, form: RegExp): string | undefined {
  if (token === undefined || form.test(token)) return token;
  throw new AppError('malformed', 'pageToken must be the nextPageToken of the page before.');
}

/** A page of `rows`, of which there is one more than fits when more follow. */
export function pageOf<Row>(rows: readonly Row[], pageSize: number, keyOf: (row: Row) => string) {
  const items = rows.slice(0, pageSize);
  const last = items.at(-1);
  return { items, ...(rows.length > pageSize && last && { nextPageToken: keyOf(last) }) };
}
