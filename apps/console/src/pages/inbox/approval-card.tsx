import type { Approval } from '@parley/contracts';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import { useNameOf } from '../../app/people';
import { ValueView } from '../../json/value-view';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { StatusPill } from '../../ui/status-pill';
import { When } from '../../ui/when';
import { DecisionForm } from './decision-form';
import styles from './approval-card.module.css';

export interface ApprovalCardProps {
  readonly approval: Approval;
  /** Whether it stands on the page of its run. */
  readonly isInRun?: boolean;
}

/** One decision: what is asked, of whom, about what. */
export function ApprovalCard({ approval, isInRun = false }: ApprovalCardProps) {
  const { id, title, message, data, status, mine, runId, workflowName, requestedAt } = approval;
  const heading = useId();
  return (
    <article
      className={styles['card']}
      aria-labelledby={heading}
      data-testid="approval-card"
      data-status={status}
      data-approval={id}
    >
      <header className={styles['header']}>
        <h3 id={heading}>{title}</h3>
        {status === 'pending' ? null : <StatusPill status={status} />}
      </header>
      {isInRun ? null : (
        <p className={styles['facts']}>
          <Link to="/runs/$run" params={{ run: runId }}>
            {workflowName}
          </Link>
          {status === 'pending' ? (
            <span>
              waiting for <Elapsed from={requestedAt} />
            </span>
          ) : (
            <span>
              asked <When at={requestedAt} />
            </span>
          )}
          <Asked approval={approval} />
        </p>
      )}
      {message === undefined ? null : <p className={styles['message']}>{message}</p>}
      {data === undefined || data === null ? null : (
        <div className={styles['data']}>
          <ValueView value={data} />
        </div>
      )}
      {status === 'pending' && mine ? <DecisionForm approval={approval} /> : null}
      <Decision approval={approval} />
    </article>
  );
}

function Asked({ approval: { assignee, dueAt, status } }: { approval: Approval }) {
  const nameOf = useNameOf();
  return (
    <>
      <span>
        {'role' in assignee ? `asks ${assignee.role}` : `asks ${nameOf(assignee.member)}`}
      </span>
      {dueAt === undefined || status !== 'pending' ? null : (
        <span>
          due <Remaining until={dueAt} />
        </span>
      )}
    </>
  );
}

function Decision({ approval: { status, decidedBy, decidedAt, reason } }: { approval: Approval }) {
  const nameOf = useNameOf();
  if (status === 'pending') return null;
  return (
    <p className={styles['decision']}>
      {status === 'cancelled'
        ? 'No longer needed'
        : status === 'approved'
          ? 'Approved'
          : 'Rejected'}
      {decidedBy === undefined ? null : ` by ${nameOf(decidedBy)}`}
      {decidedAt === undefined ? null : (
        <>
          {', '}
          <When at={decidedAt} />
        </>
      )}
      {reason === undefined || reason === '' ? null : <>: “{reason}”</>}
    </p>
  );
}
