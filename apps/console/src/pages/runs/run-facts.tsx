import type { Run } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { Link } from '@tanstack/react-router';
import { useNameOf } from '../../app/people';
import { JsonView } from '../../json/json-view';
import { Elapsed } from '../../ui/elapsed';
import { When } from '../../ui/when';
import styles from './run-page.module.css';

/** Which version runs since when, who started it, what it was given and gave. */
export function RunFacts({ run }: { run: Run }) {
  const nameOf = useNameOf();
  return (
    <>
      <dl className={styles['facts']}>
        <div>
          <dt>Workflow</dt>
          <dd>
            <Link to="/workflows/$workflow" params={{ workflow: run.workflowId }}>
              {run.workflowName}
            </Link>
            , version {run.version}
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <When at={run.createdAt} /> by {nameOf(run.startedBy)}
          </dd>
        </div>
        <div>
          <dt>{run.endedAt === undefined ? 'Going on for' : 'Took'}</dt>
          <dd>
            <Elapsed from={run.createdAt} to={run.endedAt} />
          </dd>
        </div>
        {run.priority === undefined ? null : (
          <div data-testid="run-priority">
            <dt>Priority</dt>
            <dd>{run.priority}</dd>
          </div>
        )}
        {run.rerunOf === undefined ? null : (
          <div>
            <dt>Rerun of</dt>
            <dd>
              <Link to="/runs/$run" params={{ run: run.rerunOf }}>
                an earlier run
              </Link>
            </dd>
          </div>
        )}
        {run.parent === undefined ? null : (
          <div>
            <dt>Part of</dt>
            <dd>
              <Link to="/runs/$run" params={{ run: run.parent.runId }}>
                the run that started it
              </Link>
            </dd>
          </div>
        )}
        <div>
          <dt>Id</dt>
          <dd>
            <code>{run.id}</code>
          </dd>
        </div>
      </dl>
      <div className={styles['values']}>
        <Value title="Input" value={run.input} testId="run-input" />
        <Value title="Output" value={run.output} testId="run-output" />
      </div>
    </>
  );
}

function Value(props: { title: string; value: Json | undefined; testId: string }) {
  const { title, value, testId } = props;
  if (value === undefined) return null;
  return (
    <details className={styles['value']} data-testid={testId}>
      <summary>{title}</summary>
      <div>
        <JsonView value={value} />
      </div>
    </details>
  );
}
