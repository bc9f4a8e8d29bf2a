import type { RunStatus, RunSummary } from '@parley/contracts';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { client } from '../../api/client';
import { useNameOf } from '../../app/people';
import { runsRoute } from '../../app/router';
import { useTitleOf, useWorkflowChoices } from '../../app/workflow-titles';
import { Button } from '../../ui/button';
import { Elapsed } from '../../ui/elapsed';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { When } from '../../ui/when';
import styles from './runs-page.module.css';
import { waitText } from './wait-text';

const pageSize = 50;
const refreshMs = 3_000;
const statuses: readonly RunStatus[] = [
  'running',
  'waiting',
  'suspended',
  'failed',
  'completed',
  'cancelled',
  'terminated',
  'pending',
];

/** Every run, latest first; what is chosen stands in the address. */
export function RunsPage() {
  const { workflow, status } = runsRoute.useSearch();
  const list = useInfiniteQuery({
    queryKey: ['runs', { workflow, status }],
    queryFn: ({ pageParam }) =>
      client.call('listRuns', {
        query: { pageSize, pageToken: pageParam, workflowId: workflow, status },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  const runs = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = workflow !== undefined || status !== undefined;
  return (
    <Page title="Runs" actions={<RunsFilter />}>
      {list.isPending ? <Spinner label="Loading runs" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && runs.length === 0 ? (
        <EmptyState title={isFiltered ? 'No run is like that' : 'Nothing has run yet'}>
          {isFiltered ? (
            <Link to="/runs">Show all runs</Link>
          ) : (
            <p>
              Start a run on the page of one of your <Link to="/workflows">workflows</Link>.
            </p>
          )}
        </EmptyState>
      ) : null}
      {runs.length === 0 ? null : <RunTable runs={runs} />}
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier runs
        </Button>
      ) : null}
    </Page>
  );
}

function RunsFilter() {
  const { workflow, status } = runsRoute.useSearch();
  const navigate = useNavigate({ from: '/runs' });
  const workflows = useWorkflowChoices();
  return (
    <div className={styles['filter']}>
      <select
        aria-label="Workflow"
        value={workflow ?? ''}
        onChange={({ target: { value } }) =>
          void navigate({
            search: (before) => ({ ...before, workflow: value === '' ? undefined : value }),
          })
        }
      >
        <option value="">Every workflow</option>
        {workflows.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <select
        aria-label="Status"
        value={status ?? ''}
        onChange={({ target: { value } }) =>
          void navigate({
            search: (before) => ({ ...before, status: statuses.find((one) => one === value) }),
          })
        }
      >
        <option value="">Any status</option>
        {statuses.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </div>
  );
}

function RunTable({ runs }: { runs: readonly RunSummary[] }) {
  const nameOf = useNameOf();
  const titleOf = useTitleOf();
  return (
    <ul className={styles['runs']} aria-label="Runs">
      {runs.map((run) => {
        const note = run.status === 'failed' ? run.error?.title : waitText(run.waitingFor);
        return (
          <li key={run.id} data-testid="run-row" data-status={run.status}>
            <Link to="/runs/$run" params={{ run: run.id }} className={styles['run']}>
              <span className={styles['status']}>
                <StatusPill status={run.status} />
              </span>
              <span className={styles['name']}>
                {titleOf(run)} <small>version {run.version}</small>
              </span>
              <span className={styles['note']}>{note}</span>
              <span className={styles['who']}>{nameOf(run.startedBy)}</span>
              <span className={styles['when']}>
                <When at={run.createdAt} />
              </span>
              <span className={styles['took']}>
                <Elapsed from={run.createdAt} to={run.endedAt} />
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
