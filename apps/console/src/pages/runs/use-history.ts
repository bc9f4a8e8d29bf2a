import type { HistoryEntry } from '@parley/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { client } from '../../api/client';

const pageSize = 200;
/** What is fetched without being asked for; longer histories come by the button. */
const pagesAtOnce = 5;

export interface History {
  readonly entries: readonly HistoryEntry[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly loadMore: () => void;
}

/** The entries of a run from the first one on; what was journaled is never changed. */
export function useHistory(runId: string): History {
  const query = useInfiniteQuery({
    queryKey: ['run-history', runId],
    queryFn: ({ pageParam }) =>
      client.call('getRunHistory', {
        params: { run: runId },
        query: { pageSize, pageToken: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextPageToken }) => nextPageToken,
  });
  const { data, hasNextPage, isFetching, error, fetchNextPage } = query;
  const pages = data?.pages.length ?? 0;
  const isPrompt = hasNextPage && pages > 0 && pages < pagesAtOnce;
  useEffect(() => {
    if (isPrompt && !isFetching) void fetchNextPage();
  }, [isPrompt, isFetching, fetchNextPage]);
  const entries = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  return {
    entries,
    hasMore: hasNextPage && !isPrompt,
    isLoading: isFetching,
    error,
    loadMore: () => void fetchNextPage(),
  };
}
