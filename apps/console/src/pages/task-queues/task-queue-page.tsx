import type { QueuedTask, QueueWorker, TaskQueueDetails } from '@parley/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { taskQueueRoute } from '../../app/router';
import { Button } from '../../ui/button';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { When } from '../../ui/when';
import { LimitsDialog } from './limits-dialog';
import { outText, refreshMs, workersText } from './queue-text';
import styles from './task-queues.module.css';

const pageSize = 50;

/** One queue: its limits, its workers, and what they have or will get. */
export function TaskQueuePage() {
  const { queue } = taskQueueRoute.useParams();
  const found = useQuery({
    queryKey: ['task-queues', queue],
    queryFn: () => client.call('getTaskQueue', { params: { queue } }),
    refetchInterval: refreshMs,
  });
  if (found.data !== undefined) return <QueueView key={queue} queue={found.data} />;
  return (
    <Page title={queue} above={<Link to="/task-queues">Task queues</Link>}>
      {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading the queue" />}
    </Page>
  );
}

function QueueView({ queue }: { queue: TaskQueueDetails }) {
  const { name, waiting, leased, capacity, oldestAt, pools, workers, seen } = queue;
  return (
    <Page
      title={name}
      above={<Link to="/task-queues">Task queues</Link>}
      actions={<Limits queue={queue} />}
    >
      <p className={styles['facts']}>
        <span data-testid="queue-waiting">{waiting.toLocaleString()} waiting</span>
        <span data-testid="queue-out">{outText(leased, capacity)}</span>
        {oldestAt === undefined ? null : (
          <span>
            the oldest for <Elapsed from={oldestAt} />
          </span>
        )}
        <span>{workersText(workers)}</span>
        {pools.map((pool) => (
          <span key={pool.name}>
            pool {pool.name}: {outText(pool.leased, pool.capacity)}
          </span>
        ))}
      </p>
      <section aria-labelledby="workers">
        <h2 id="workers">Workers</h2>
        {seen.length === 0 ? (
          <p className={styles['facts']}>Nobody has asked for work yet.</p>
        ) : null}
        <ul className={styles['list']}>
          {seen.map((worker) => (
            <Worker key={worker.name} worker={worker} />
          ))}
        </ul>
      </section>
      <Tasks queue={name} />
    </Page>
  );
}

function Limits({ queue }: { queue: TaskQueueDetails }) {
  const mayRun = useMay('run');
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button
        data-testid="queue-limits"
        disabled={!mayRun}
        title={mayRun ? undefined : 'Your roles do not allow to run workflows'}
        onClick={() => setIsAsking(true)}
      >
        Limits …
      </Button>
      {isAsking ? <LimitsDialog queue={queue} onClose={() => setIsAsking(false)} /> : null}
    </>
  );
}

function Worker({ worker }: { worker: QueueWorker }) {
  const { name, pool, tasks, active, lastSeenAt, leased } = worker;
  return (
    <li className={styles['row']} data-testid="queue-worker" data-worker={name}>
      <strong className={styles['title']}>{name}</strong>
      <span className={styles['facts']}>
        <StatusPill status={active ? 'ready' : 'missing'} />
        <span>has {leased}</span>
        {pool === undefined ? null : <span>pool {pool}</span>}
        {tasks === undefined ? null : <span>does {tasks.join(', ')}</span>}
        <span>
          last heard of <When at={lastSeenAt} />
        </span>
      </span>
    </li>
  );
}

function Tasks({ queue }: { queue: string }) {
  const list = useInfiniteQuery({
    queryKey: ['task-queues', queue, 'tasks'],
    queryFn: ({ pageParam }) =>
      client.call('listQueuedTasks', {
        params: { queue },
        query: { pageSize, pageToken: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
  });
  const tasks = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="tasks">
      <h2 id="tasks">Tasks, oldest first</h2>
      {list.isPending ? <Spinner label="Loading tasks" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && tasks.length === 0 ? (
        <p className={styles['facts']}>There is no work left.</p>
      ) : null}
      <ul className={styles['list']}>
        {tasks.map((task) => (
          <Task key={task.id} task={task} />
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </section>
  );
}

function Task({ task }: { task: QueuedTask }) {
  const { status, priority, orderKey, attempt, worker, leaseUntil, progress } = task;
  return (
    <li className={styles['row']} data-testid="queue-task" data-status={status}>
      <Link to="/runs/$run" params={{ run: task.runId }} className={styles['title']}>
        {task.task} for {task.workflowName}
      </Link>
      <span className={styles['facts']}>
        <StatusPill status={statusWords[status]} />
        <span>
          for <Elapsed from={task.queuedAt} />
        </span>
        {priority === 'medium' ? null : <span>{priority} priority</span>}
        {orderKey === undefined ? null : <span>in order of {orderKey}</span>}
        {attempt === 1 ? null : <span>attempt {attempt}</span>}
        {worker === undefined || leaseUntil === undefined ? null : (
          <span>
            {worker} has it, lease ends <Remaining until={leaseUntil} />
          </span>
        )}
        {progress === undefined ? null : (
          <code className={styles['progress']}>{JSON.stringify(progress)}</code>
        )}
      </span>
    </li>
  );
}

const statusWords: Readonly<Record<QueuedTask['status'], string>> = {
  waiting: 'waiting',
  leased: 'running',
  ended: 'completed',
};
