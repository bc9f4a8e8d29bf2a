import type { CallId, CallOptions, ParleyClient, ResponseOf } from '@parley/sdk';

const pageSizeMax = 200;

type ListId = {
  [K in CallId]: ResponseOf<K> extends { items: unknown[]; nextPageToken?: string } ? K : never;
}[CallId];
type ItemOf<K extends ListId> = ResponseOf<K> extends { items: (infer T)[] } ? T : never;

interface ListOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** The items of a list, page by page, each page fetched when it is needed. */
export async function* itemsOf<K extends ListId>(
  client: ParleyClient,
  id: K,
  { query = {}, params = {} }: ListOptions = {},
  pageSize: number = pageSizeMax,
): AsyncGenerator<ItemOf<K>> {
  let pageToken: string | undefined;
  do {
    const options = {
      params,
      query: { ...query, pageSize: Math.min(pageSize, pageSizeMax), pageToken },
    } as unknown as CallOptions<K>;
    const page = (await client.call(id, options)) as unknown as {
      items: ItemOf<K>[];
      nextPageToken?: string;
    };
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}

/** The first items of a list, and whether there are more. */
export async function firstItems<K extends ListId>(
  client: ParleyClient,
  id: K,
  options: ListOptions & { readonly limit: number },
): Promise<{ items: ItemOf<K>[]; more: boolean }> {
  const items: ItemOf<K>[] = [];
  for await (const item of itemsOf(client, id, options, options.limit + 1)) {
    if (items.length === options.limit) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}
