import type { Run, RunStep } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { client } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Problem } from '../../ui/problem';
import { AskAgent } from './ask-agent';
import { Rerun } from './rerun';
import { CancelRun, TerminateRun } from './run-actions';
import { causeOfUndo, rowOf, undoneSoFar } from './run-state';
import { SkipStep } from './skip-step';
import { ErrorText } from './step-detail';
import styles from './panels.module.css';

export interface FailedPanelProps {
  readonly run: Run;
  readonly steps: ReadonlyMap<string, RunStep>;
  readonly onReveal: (occurrence: string) => void;
}

/** Why a run failed, where, and what can be done about it. */
export function FailedPanel({ run, steps, onReveal }: FailedPanelProps) {
  const { failedStep, error } = run;
  const step = failedStep === undefined ? undefined : steps.get(rowOf(failedStep));
  const cause = error ?? step?.error;
  const isUndoing = run.status === 'compensation-failed';
  const wasUndone = !isUndoing && [...steps.values()].some(({ undone }) => undone === true);
  return (
    <section
      className={`${styles['panel'] ?? ''} ${styles['failed'] ?? ''}`}
      aria-label="Why the run failed"
      data-testid="failed-panel"
    >
      <h2>
        {isUndoing ? 'The run could not be undone' : 'The run failed'}
        {step === undefined ? null : <> at {step.name}</>}
        {step !== undefined && step.attempts.length > 1 ? (
          <small>after {step.attempts.length} attempts</small>
        ) : null}
      </h2>
      {cause === undefined ? null : <ErrorText error={cause} />}
      {isUndoing ? <WhyUndone steps={steps} onReveal={onReveal} /> : null}
      <div className={styles['actions']}>
        {wasUndone ? null : <RetryStep run={run} />}
        {step === undefined || wasUndone ? null : <SkipStep runId={run.id} step={step} />}
        <Rerun run={run} />
        <AskAgent run={run} />
        {isUndoing ? <TerminateRun run={run} /> : null}
        {isUndoing || wasUndone ? null : <CancelRun run={run} />}
        {step === undefined ? null : (
          <Button kind="quiet" onClick={() => onReveal(step.occurrence)}>
            Show the step
          </Button>
        )}
      </div>
    </section>
  );
}

/** What the run was undone for, and how far that went. */
function WhyUndone({ steps, onReveal }: Pick<FailedPanelProps, 'steps' | 'onReveal'>) {
  const cause = causeOfUndo(steps);
  const { kept, undone } = undoneSoFar(steps);
  return (
    <div className={styles['wait']} data-testid="why-undone">
      {cause?.error === undefined ? null : (
        <>
          <p>
            It was to be undone because{' '}
            <button
              type="button"
              className={styles['link']}
              onClick={() => onReveal(cause.occurrence)}
            >
              {cause.name}
            </button>{' '}
            failed:
          </p>
          <ErrorText error={cause.error} />
        </>
      )}
      {kept.length === 0 ? null : (
        <p>
          Still done: {kept.join(', ')}, and what came before and could be undone.
          {undone.length === 0 ? null : <> Undone already: {undone.join(', ')}.</>}
        </p>
      )}
    </div>
  );
}

function RetryStep({ run }: { run: Run }) {
  const mayRun = useMay('run');
  const retry = useMutation({
    mutationFn: () => client.call('retryRun', { params: { run: run.id } }),
  });
  return (
    <>
      {retry.isError ? <Problem error={retry.error} /> : null}
      <Button
        kind="primary"
        data-testid="retry-step"
        busy={retry.isPending}
        disabled={!mayRun}
        onClick={() => retry.mutate()}
      >
        Retry step
      </Button>
    </>
  );
}
