import type { TaskQueue } from '@parley/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Elapsed } from '../../ui/elapsed';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { outText, refreshMs, workersText } from './queue-text';
import styles from './task-queues.module.css';

const pageSize = 50;

/** Where work waits for workers: how much, since when, and who comes for it. */
export function TaskQueuesPage() {
  const list = useInfiniteQuery({
    queryKey: ['task-queues'],
    queryFn: ({ pageParam }) =>
      client.call('listTaskQueues', { query: { pageSize, pageToken: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
  });
  const queues = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Task queues">
      {list.isPending ? <Spinner label="Loading task queues" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && queues.length === 0 ? (
        <EmptyState title="No work for workers">
          <p>
            A step with <code>call: worker</code> puts work into a queue, where a worker of yours
            takes it. Queues are here as soon as they have work or workers.
          </p>
        </EmptyState>
      ) : null}
      <ul className={styles['list']}>
        {queues.map((queue) => (
          <Row key={queue.name} queue={queue} />
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

function Row({ queue }: { queue: TaskQueue }) {
  const { name, waiting, leased, capacity, oldestAt, workers } = queue;
  const isDeserted = waiting > 0 && workers === 0;
  return (
    <li className={styles['row']} data-testid="queue-row" data-queue={name}>
      <Link to="/task-queues/$queue" params={{ queue: name }} className={styles['title']}>
        {name}
      </Link>
      <span className={styles['facts']}>
        <span data-testid="queue-waiting">{waiting.toLocaleString()} waiting</span>
        <span data-testid="queue-out">{outText(leased, capacity)}</span>
        {oldestAt === undefined ? null : (
          <span>
            the oldest for <Elapsed from={oldestAt} />
          </span>
        )}
        <span className={isDeserted ? styles['warning'] : undefined}>{workersText(workers)}</span>
      </span>
    </li>
  );
}
