import type { Schedule } from '@parley/contracts';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { useToasts } from '../../ui/toast';
import { When } from '../../ui/when';
import { BackfillDialog } from './backfill-dialog';
import styles from './schedules-page.module.css';

const pageSize = 50;
const refreshMs = 10_000;

/** What starts by itself: when next, what came of it, and the ways to stop it and to make up for it. */
export function SchedulesPage() {
  const list = useInfiniteQuery({
    queryKey: ['schedules'],
    queryFn: ({ pageParam }) =>
      client.call('listSchedules', { query: { pageSize, pageToken: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    refetchInterval: refreshMs,
  });
  const schedules = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Schedules">
      {list.isPending ? <Spinner label="Loading schedules" /> : null}
      {list.isError ? <Problem error={list.error} /> : null}
      {list.isSuccess && schedules.length === 0 ? (
        <EmptyState title="Nothing starts by itself">
          <p>
            Say when a workflow is to run, in its <Link to="/conversations">conversation</Link>. It
            is here once you have approved it.
          </p>
        </EmptyState>
      ) : null}
      <ul className={styles['list']}>
        {schedules.map((schedule) => (
          <Row key={schedule.workflowId} schedule={schedule} />
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

function Row({ schedule }: { schedule: Schedule }) {
  const { workflowId, workflowTitle, trigger, leftOut } = schedule;
  return (
    <li className={styles['row']} data-testid="schedule-row" data-workflow={workflowId}>
      <div className={styles['about']}>
        <Link
          to="/workflows/$workflow"
          params={{ workflow: workflowId }}
          className={styles['title']}
        >
          {workflowTitle}
        </Link>
        <span>{trigger}</span>
        <span className={styles['facts']}>
          <State schedule={schedule} />
          <span>overlap: {schedule.overlap}</span>
          <span>missed: {schedule.missed}</span>
        </span>
        {leftOut === undefined ? null : (
          <span className={styles['facts']}>
            Left out: <When at={leftOut.to} /> ({leftOutWords[leftOut.reason]}
            {leftOut.detail === undefined ? '' : `: ${leftOut.detail}`})
          </span>
        )}
        <LastRuns schedule={schedule} />
      </div>
      <Actions schedule={schedule} />
    </li>
  );
}

const leftOutWords: Readonly<Record<NonNullable<Schedule['leftOut']>['reason'], string>> = {
  missed: 'missed',
  overlap: 'the run before was still going',
  refused: 'it could not start',
  incomplete: 'the others did not come',
};

function State({ schedule: { pausedAt, nextAt, waiting, collected } }: { schedule: Schedule }) {
  return (
    <>
      <strong data-testid="schedule-state">
        {pausedAt !== undefined ? 'Paused' : nextAt === undefined ? 'Active' : 'Next run '}
        {pausedAt === undefined && nextAt !== undefined ? <When at={nextAt} /> : null}
      </strong>
      {waiting > 0 ? <span>{waiting} to start</span> : null}
      {collected > 0 ? (
        <span>
          {collected} {collected === 1 ? 'event waits' : 'events wait'} for others
        </span>
      ) : null}
    </>
  );
}

function LastRuns({ schedule: { lastRuns } }: { schedule: Schedule }) {
  if (lastRuns.length === 0)
    return <span className={styles['facts']}>It has started no run yet.</span>;
  return (
    <ul className={styles['runs']} aria-label="Last runs">
      {lastRuns.map((run) => (
        <li key={run.id}>
          <Link to="/runs/$run" params={{ run: run.id }} className={styles['run']}>
            <StatusPill status={run.status} /> <When at={run.nominalTime ?? run.createdAt} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const { workflowId, workflowTitle, pausedAt, cron, everyMs } = schedule;
  const mayRun = useMay('run');
  const queries = useQueryClient();
  const toasts = useToasts();
  const [isAsking, setIsAsking] = useState(false);
  const isPaused = pausedAt !== undefined;
  const toggle = useMutation({
    mutationFn: () =>
      client.call(isPaused ? 'resumeSchedule' : 'pauseSchedule', {
        params: { workflow: workflowId },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
    onError: (error) => toasts.failure(error),
  });
  const refusal = mayRun ? undefined : 'Your roles do not allow to run workflows';
  return (
    <div className={styles['actions']}>
      <Button
        size="small"
        data-testid="schedule-toggle"
        aria-label={`${isPaused ? 'Resume' : 'Pause'} ${workflowTitle}`}
        busy={toggle.isPending}
        disabled={!mayRun}
        title={refusal}
        onClick={() => toggle.mutate()}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      {cron === undefined && everyMs === undefined ? null : (
        <Button
          size="small"
          data-testid="schedule-backfill"
          aria-label={`Make up for missed times of ${workflowTitle}`}
          disabled={!mayRun}
          title={refusal}
          onClick={() => setIsAsking(true)}
        >
          Backfill …
        </Button>
      )}
      {isAsking ? <BackfillDialog schedule={schedule} onClose={() => setIsAsking(false)} /> : null}
    </div>
  );
}
