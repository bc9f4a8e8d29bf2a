import type { RunSummary } from '@parley/contracts';
import { Link } from '@tanstack/react-router';
import { useNameOf } from '../../app/people';
import { useTitleOf } from '../../app/workflow-titles';
import { Elapsed } from '../../ui/elapsed';
import { StatusPill } from '../../ui/status-pill';
import { When } from '../../ui/when';
import { waitText } from './wait-text';
import styles from './runs-page.module.css';

/** Runs, one a row; the whole row leads to the run. */
export function RunTable({ runs, label }: { runs: readonly RunSummary[]; label: string }) {
  const nameOf = useNameOf();
  const titleOf = useTitleOf();
  return (
    <ul className={styles['runs']} aria-label={label}>
      {runs.map((run) => {
        const note = noteOf(run);
        return (
          <li key={run.id} data-testid="run-row" data-status={run.status}>
            <Link to="/runs/$run" params={{ run: run.id }} className={styles['run']}>
              <span className={styles['status']}>
                <StatusPill status={run.status} />
              </span>
              <span className={styles['name']}>
                {titleOf(run)} <small>version {run.version}</small>
                {run.priority === undefined ? null : <small> · {run.priority} priority</small>}
                {run.tags.map((tag) => (
                  <span key={tag} className={styles['tag']}>
                    {tag}
                  </span>
                ))}
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

function noteOf({ status, stalledSince, error, waitingFor }: RunSummary): string | undefined {
  if (stalledSince !== undefined) return 'stalled: nothing moves it any more';
  const isFailed = status === 'failed' || status === 'compensation-failed';
  return isFailed ? error?.title : waitText(waitingFor);
}
