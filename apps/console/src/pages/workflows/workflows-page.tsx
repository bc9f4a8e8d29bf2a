import type { Workflow } from '@parley/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { When } from '../../ui/when';
import styles from './workflows-page.module.css';

const pageSize = 50;

/** Every workflow, with what starts it. */
export function WorkflowsPage() {
  const list = useInfiniteQuery({
    queryKey: ['workflows', 'list'],
    queryFn: ({ pageParam }) =>
      client.call('listWorkflows', { query: { pageSize, pageToken: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });
  const workflows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Workflows">
      {list.isPending ? <Spinner label="Loading workflows" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && workflows.length === 0 ? (
        <EmptyState title="There is no workflow yet">
          <p>
            Describe one in a <Link to="/conversations">conversation</Link>. It is here once you
            have approved its draft.
          </p>
        </EmptyState>
      ) : null}
      <ul className={styles['list']}>
        {workflows.map((workflow) => (
          <Row key={workflow.id} workflow={workflow} />
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Page>
  );
}

function Row({ workflow }: { workflow: Workflow }) {
  const { id, name, title, summary, latestVersion, tags, trigger, nextRunAt } = workflow;
  const live = tags['live'];
  return (
    <li data-testid="workflow-row">
      <Link to="/workflows/$workflow" params={{ workflow: id }} className={styles['row']}>
        <span className={styles['title']}>{title}</span>
        <code className={styles['name']}>{name}</code>
        {summary === undefined || summary === title ? null : (
          <span className={styles['summary']}>{summary}</span>
        )}
        <span className={styles['facts']}>
          <span>{live === undefined ? 'not in use' : `version ${String(live)} in use`}</span>
          {live !== undefined && live < latestVersion ? (
            <span>latest is {latestVersion}</span>
          ) : null}
          <span>{trigger}</span>
          {nextRunAt === undefined ? null : (
            <span>
              next run <When at={nextRunAt} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}
