import type { Approval } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import { useNameOf } from '../../app/people';
import { useTitleOf } from '../../app/workflow-titles';
import { ValueView } from '../../json/value-view';
import { Elapsed, Remaining } from '../../ui/elapsed';
import { Prose } from '../../ui/prose';
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
  const { id, title, message, data, status, mine, runId, requestedAt } = approval;
  const heading = useId();
  const titleOf = useTitleOf();
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
            {titleOf(approval)}
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
      {message === undefined ? null : <Prose text={message} />}
      {data === undefined || data === null ? null : (
        <About data={data} isOpen={status === 'pending'} />
      )}
      {status === 'pending' && mine ? <DecisionForm approval={approval} isSeen={isInRun} /> : null}
      <Decision approval={approval} />
    </article>
  );
}

/** What the decision is about; once it is made, folded away. */
function About({ data, isOpen }: { data: Json; isOpen: boolean }) {
  const value = (
    <div className={styles['data']}>
      <ValueView value={data} />
    </div>
  );
  if (isOpen) return value;
  return (
    <details>
      <summary>What it was about</summary>
      {value}
    </details>
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
