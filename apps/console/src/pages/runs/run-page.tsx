import type { RunStatus } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client';
import { runRoute } from '../../app/router';
import { useTitleOf } from '../../app/workflow-titles';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { StatusPill } from '../../ui/status-pill';
import { ChildRuns } from './child-runs';
import { FailedPanel } from './failed-panel';
import { QueryRun } from './query-run';
import { RunActions } from './run-actions';
import { RunFacts } from './run-facts';
import { RunLabels } from './run-labels';
import { mayBeUndone, rowOf, type RunState } from './run-state';
import { StepList } from './step-list';
import { useRun } from './use-run';
import { UnrecordedNote } from './unrecorded-note';
import { WaitingPanel } from './waiting-panel';
import styles from './run-page.module.css';

const openStatuses: ReadonlySet<RunStatus> = new Set([
  'running',
  'waiting',
  'suspended',
  'compensating',
]);
const failedStatuses: ReadonlySet<RunStatus> = new Set(['failed', 'compensation-failed']);

/** One run, live. */
export function RunPage() {
  const { run: runId } = runRoute.useParams();
  const state = useRun(runId);
  // The stream says nothing about a run that does not exist; this asks once.
  const found = useQuery({
    queryKey: ['run', runId],
    queryFn: () => client.call('getRun', { params: { run: runId } }),
    enabled: state === undefined,
  });
  if (state !== undefined) return <RunView key={runId} state={state} />;
  return (
    <Page title="Run" above={<Link to="/runs">Runs</Link>}>
      {found.isError ? <Problem error={found.error} /> : <Spinner label="Loading the run" />}
    </Page>
  );
}

function RunView({ state: { run, steps, fromEntry, unrecorded } }: { state: RunState }) {
  const titleOf = useTitleOf();
  const [revealed, setRevealed] = useState<{ step: string; times: number }>();
  function reveal(occurrence: string) {
    setRevealed({ step: rowOf(occurrence), times: (revealed?.times ?? 0) + 1 });
  }
  const startsRuns = [...steps.values()].some(({ kind }) => kind === 'run');
  return (
    <Page
      title={titleOf(run)}
      above={<Link to="/runs">Runs</Link>}
      beside={
        <span role="status" data-testid="run-status" data-status={run.status}>
          <StatusPill status={run.status} />
          {run.stalledSince === undefined ? null : <StatusPill status="stalled" />}
        </span>
      }
      actions={
        <RunActions
          run={run}
          mayUndo={(fromEntry ?? unrecorded) !== undefined || mayBeUndone(steps)}
        />
      }
    >
      {failedStatuses.has(run.status) ? (
        <FailedPanel run={run} steps={steps} onReveal={reveal} />
      ) : null}
      {run.stalledSince === undefined ? null : (
        <p data-testid="stalled">
          Nothing moves this run any more: it has no call, timer, event or decision to wait for.
          Skip its open step, or cancel it; an operator of the platform should look into why.
        </p>
      )}
      <WaitingPanel run={run} steps={steps} onReveal={reveal} />
      <RunFacts run={run} />
      <RunLabels run={run} />
      <section aria-labelledby="steps" className={styles['section']}>
        <div className={styles['heading']}>
          <h2 id="steps">
            Steps <small>{steps.size}</small>
          </h2>
          <Link to="/runs/$run/history" params={{ run: run.id }} data-testid="open-history">
            History
          </Link>
        </div>
        {fromEntry === undefined ? null : (
          <p data-testid="steps-from">
            The run is very long, or its data is very large: steps that had ended before its entry{' '}
            {fromEntry} are not listed. The history has all of them.
          </p>
        )}
        <UnrecordedNote count={unrecorded} />
        <StepList
          runId={run.id}
          steps={steps}
          waits={run.waitingFor}
          revealed={revealed}
          isUnrecorded={unrecorded !== undefined}
          isOpenRun={openStatuses.has(run.status)}
        />
      </section>
      <QueryRun runId={run.id} />
      {startsRuns ? <ChildRuns runId={run.id} /> : null}
    </Page>
  );
}
