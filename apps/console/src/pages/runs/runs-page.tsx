import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { runsRoute, type RunsSearch } from '../../app/router';
import { Button } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { RunTable } from './run-table';
import { RunsFilter } from './runs-filter';

const pageSize = 50;
const refreshMs = 3_000;

/** Every run, latest first; what is chosen stands in the address. */
export function RunsPage() {
  const search = runsRoute.useSearch();
  const { workflow, status, stalled, tag, attribute, from, before } = search;
  const list = useInfiniteQuery({
    queryKey: ['runs', search],
    queryFn: ({ pageParam }) =>
      client.call('listRuns', {
        query: {
          pageSize,
          pageToken: pageParam,
          workflowId: workflow,
          status,
          stalled: stalled === true ? 'true' : undefined,
          tag,
          attribute,
          startedFrom: from,
          startedBefore: before,
        },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const runs = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page title="Runs">
      <RunsFilter />
      {list.isPending ? <Spinner label="Loading runs" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && runs.length === 0 ? (
        <EmptyState title={emptyTitle(search)}>
          {isStalledOnly(search) ? (
            <p>
              A run is stalled when it is open, but has nothing left that could move it: no call,
              timer, event or decision.
            </p>
          ) : null}
          {isFiltered ? (
            <Link to="/runs">Show all runs</Link>
          ) : (
            <p>
              Start a run on the page of one of your <Link to="/workflows">workflows</Link>.
            </p>
          )}
        </EmptyState>
      ) : null}
      {runs.length === 0 ? null : <RunTable runs={runs} label="Runs" />}
      {list.hasNextPage ? (
        <Button
          data-testid="earlier-runs"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show earlier runs
        </Button>
      ) : null}
    </Page>
  );
}

function isStalledOnly(search: RunsSearch): boolean {
  return search.stalled === true && Object.keys(search).length === 1;
}

function emptyTitle(search: RunsSearch): string {
  if (isStalledOnly(search)) return 'No run is stalled';
  return Object.keys(search).length > 0 ? 'No run is like that' : 'Nothing has run yet';
}
