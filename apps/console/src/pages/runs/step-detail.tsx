import type { RunError, RunStep, StepAttempt, StepStatus } from '@parley/contracts';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { When } from '../../ui/when';
import { PayloadView } from './payload-view';
import { RunAgain } from './run-again';
import { SkipStep } from './skip-step';
import styles from './steps.module.css';

const openStatuses: ReadonlySet<StepStatus> = new Set([
  'pending',
  'running',
  'waiting',
  'retrying',
]);

/** What a step was given and gave, and how each attempt went. */
export function StepDetail(props: { runId: string; step: RunStep; isOpenRun: boolean }) {
  const { runId, step, isOpenRun } = props;
  const { occurrence, input, output, error, attempts, wait } = step;
  return (
    <>
      {error === undefined ? null : <ErrorText error={error} />}
      {wait?.until === undefined ? null : (
        <p>
          Goes on <Remaining until={wait.until} /> (<When at={wait.until} />
          ).
        </p>
      )}
      <p className={styles['do']}>
        {isOpenRun && openStatuses.has(step.status) ? (
          <SkipStep runId={runId} step={step} size="small" />
        ) : null}
        {step.undoes === undefined ? <RunAgain runId={runId} step={step} /> : null}
      </p>
      <div className={styles['payloads']}>
        <section data-testid="step-input" aria-label="Input">
          <h3>Input</h3>
          {input === undefined ? (
            <p className={styles['none']}>Nothing was given.</p>
          ) : (
            <PayloadView payload={input} of={{ runId, occurrence, part: 'input' }} />
          )}
        </section>
        <section data-testid="step-output" aria-label="Output">
          <h3>Output</h3>
          {output === undefined ? (
            <p className={styles['none']}>
              {step.unrecorded === true ? 'Not recorded: fast path.' : 'There is no output.'}
            </p>
          ) : (
            <PayloadView payload={output} of={{ runId, occurrence, part: 'output' }} />
          )}
        </section>
      </div>
      <section data-testid="step-attempts" aria-label="Attempts">
        <h3>{attempts.length === 1 ? '1 attempt' : `${String(attempts.length)} attempts`}</h3>
        <ol className={styles['tries']}>
          {attempts.map((attempt) => (
            <Attempt key={attempt.attempt} attempt={attempt} />
          ))}
        </ol>
      </section>
      <p className={styles['place']}>
        <code>{occurrence}</code>
      </p>
    </>
  );
}

function Attempt({ attempt: { attempt, startedAt, endedAt, error } }: { attempt: StepAttempt }) {
  return (
    <li>
      <span className={styles['try']}>
        <strong>{attempt}.</strong> <When at={startedAt} />
        <span>
          {endedAt === undefined ? 'going on for ' : ''}
          <Elapsed from={startedAt} to={endedAt} />
        </span>
      </span>
      {error === undefined ? null : (
        <span className={styles['short']}>
          {error.title ?? 'Failed'}: {error.detail ?? error.type} (status {error.status})
        </span>
      )}
    </li>
  );
}

/** An error of a run: what happened, and the type that definitions can catch it by. */
export function ErrorText({ error: { title, detail, status, type } }: { error: RunError }) {
  return (
    <div className={styles['error']}>
      <strong>{title ?? 'The step failed'}</strong>
      {detail === undefined ? null : <p>{detail}</p>}
      <p className={styles['type']}>
        <code>{type}</code>, status {status}
      </p>
    </div>
  );
}
