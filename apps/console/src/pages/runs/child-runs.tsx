import { useInfiniteQuery } from '@tanstack/react-query';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { RunTable } from './run-table';
import styles from './run-page.module.css';

const pageSize = 20;
const refreshMs = 3_000;

/** The runs that steps of a run have started, latest first. */
export function ChildRuns({ runId }: { runId: string }) {
  const list = useInfiniteQuery({
    queryKey: ['runs', { parentRunId: runId }],
    queryFn: ({ pageParam }) =>
      client.call('listRuns', { query: { pageSize, pageToken: pageParam, parentRunId: runId } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
  });
  const runs = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (runs.length === 0) return null;
  return (
    <section aria-labelledby="children" className={styles['section']} data-testid="child-runs">
      <h2 id="children">Runs that it started</h2>
      <RunTable runs={runs} label="Runs that it started" />
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier runs
        </Button>
      ) : null}
    </section>
  );
}
