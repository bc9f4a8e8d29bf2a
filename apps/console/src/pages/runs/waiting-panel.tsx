import type { Run, RunWait } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { When } from '../../ui/when';
import { ApprovalCard } from '../inbox/approval-card';
import styles from './panels.module.css';

export interface WaitingPanelProps {
  readonly run: Run;
  readonly onReveal: (occurrence: string) => void;
}

/** Whom or what a run waits for. Approvals show at once, the rest when nothing else goes on. */
export function WaitingPanel({ run, onReveal }: WaitingPanelProps) {
  const waits = run.waitingFor.filter(
    ({ kind }) => kind === 'approval' || (run.status === 'waiting' && kind !== 'call'),
  );
  if (waits.length === 0) return null;
  return (
    <section
      className={`${styles['panel'] ?? ''} ${styles['waiting'] ?? ''}`}
      aria-label="What the run waits for"
      data-testid="waiting-panel"
    >
      {waits.map((wait) => (
        <Wait key={wait.step} wait={wait} onReveal={onReveal} />
      ))}
    </section>
  );
}

function Wait({ wait, onReveal }: { wait: RunWait } & Pick<WaitingPanelProps, 'onReveal'>) {
  const { kind, name, since, until, approvalId, runId, step } = wait;
  return (
    <div className={styles['wait']}>
      <h2>{headline(wait)}</h2>
      <p className={styles['facts']}>
        <span>
          For <Elapsed from={since} />, since <When at={since} />
        </span>
        {until === undefined ? null : (
          <span>
            {kind === 'approval' ? 'To be decided' : 'Goes on'} <Remaining until={until} /> (
            <When at={until} />)
          </span>
        )}
        <button type="button" className={styles['link']} onClick={() => onReveal(step)}>
          Show the step {name}
        </button>
        {kind === 'approval' ? <Link to="/inbox">Open the inbox</Link> : null}
        {runId === undefined ? null : (
          <Link to="/runs/$run" params={{ run: runId }}>
            Open that run
          </Link>
        )}
      </p>
      {approvalId === undefined ? null : <Mine approvalId={approvalId} />}
    </div>
  );
}

function headline({ kind, name, who }: RunWait): string {
  if (kind === 'approval') return `Waiting for ${who ?? 'a decision'}`;
  if (kind === 'event') return `Waiting at ${name} for an event`;
  return kind === 'run'
    ? `Waiting at ${name} for another run to end`
    : `Waiting at ${name} for the time to come`;
}

/** The decision itself, when it is the person's. */
function Mine({ approvalId }: { approvalId: string }) {
  const approval = useQuery({
    queryKey: ['approvals', approvalId],
    queryFn: () => client.call('getApproval', { params: { approval: approvalId } }),
  });
  return approval.data?.mine === true ? <ApprovalCard approval={approval.data} isInRun /> : null;
}
