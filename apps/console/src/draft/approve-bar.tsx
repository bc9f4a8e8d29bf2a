import type { Draft, DraftRevision } from '@parley/contracts';
import { isParleyError } from '@parley/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { client, messageOf } from '../api/client';
import { useMay } from '../app/person';
import { StartRun } from '../pages/runs/start-run';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { StatusPill } from '../ui/status-pill';
import styles from './approve-bar.module.css';
import { EffectChanges } from './diff-view';
import { effectWords } from './side-effects';

/** A revision that has just appeared cannot be approved by a click that was meant for another. */
const settleMs = 600;
const changesShownMax = 6;
/** What an approval makes out of date elsewhere. */
const approvedKeys = ['workflows', 'workflow', 'versions', 'version'];

export interface ApproveBarProps {
  readonly draft: Draft;
  readonly latest: DraftRevision;
  /** What holds an approval back on this page, beyond the draft's own obstacles. */
  readonly obstacles: readonly string[];
  /** The agent is working on the draft: what is shown may be replaced any moment. */
  readonly isAnswering: boolean;
  readonly isLatestShown: boolean;
  readonly onShowLatest: () => void;
  readonly onAnswer: () => void;
  readonly onChanged: (draft: Draft) => void;
}

/** What would be approved, exactly, and the button; or what holds it back; or what was approved. */
export function ApproveBar(props: ApproveBarProps) {
  const { draft, latest, obstacles, isLatestShown, onShowLatest } = props;
  if (draft.approvedRevision === latest.number) return <Approved draft={draft} latest={latest} />;
  const all = [...draft.obstacles, ...obstacles];
  return (
    <section className={styles['bar']} aria-label="Approval">
      <div className={styles['facts']}>
        <Heading latest={latest} />
        {all.length > 0 ? (
          <Obstacles obstacles={all} latest={latest} onAnswer={props.onAnswer} />
        ) : (
          <Contents draft={draft} latest={latest} />
        )}
      </div>
      {all.length > 0 ? null : isLatestShown ? (
        <Approve key={latest.hash} {...props} />
      ) : (
        <Button onClick={onShowLatest}>Show revision {latest.number} to approve it</Button>
      )}
    </section>
  );
}

function Heading({ latest }: { latest: DraftRevision }) {
  return (
    <p className={styles['heading']}>
      <strong>Revision {latest.number}</strong>
      <code title={latest.hash}>{latest.hash.slice(0, 8)}</code>
      <span>{latest.trigger}</span>
    </p>
  );
}

function Obstacles(props: {
  obstacles: readonly string[];
  latest: DraftRevision;
  onAnswer: () => void;
}) {
  const { obstacles, latest, onAnswer } = props;
  const hasQuestion = latest.questions.some((one) => one.blocking && one.answer === undefined);
  return (
    <div className={styles['obstacles']} data-testid="obstacles">
      <p>It cannot be approved yet:</p>
      <ul>
        {obstacles.map((obstacle) => (
          <li key={obstacle}>{obstacle}</li>
        ))}
      </ul>
      {hasQuestion ? (
        <Button size="small" className={styles['answer']} onClick={onAnswer}>
          Answer in the chat
        </Button>
      ) : null}
    </div>
  );
}

/** What the approval is about: what it can change, and what is new against the version in use. */
function Contents({ draft, latest }: { draft: Draft; latest: DraftRevision }) {
  const { versionInUse } = draft;
  const isInUse = draft.workflowId !== undefined && versionInUse !== undefined;
  const to = latest.number;
  const diff = useQuery({
    queryKey: ['draft-diff', draft.id, 'in-use', to, versionInUse],
    queryFn: () =>
      client.call('diffDraft', { params: { draft: draft.id }, query: { from: 'in-use', to } }),
    enabled: isInUse,
    staleTime: Infinity,
  });
  const changing = [...new Set(latest.sideEffects.filter((one) => one.changes).map(effectWords))];
  return (
    <div className={styles['contents']}>
      <p>
        {changing.length === 0 ? 'Its calls change nothing.' : 'Calls that can change something: '}
        {changing.map((words, at) => (
          <span key={words}>
            {at === 0 ? '' : ', '}
            <b>{words}</b>
          </span>
        ))}
      </p>
      {isInUse && diff.isError ? (
        <p>
          The comparison with version {versionInUse} failed: {messageOf(diff.error)}
        </p>
      ) : null}
      {isInUse && diff.data !== undefined ? (
        <details open data-testid="approve-diff">
          <summary>Against version {versionInUse}, which is in use</summary>
          <ul>
            <EffectChanges diff={diff.data} />
            {diff.data.changes.slice(0, changesShownMax).map(({ summary }, at) => (
              <li key={at}>{summary}</li>
            ))}
            {diff.data.changes.length > changesShownMax ? (
              <li>and {diff.data.changes.length - changesShownMax} more, see Diff</li>
            ) : null}
            {diff.data.text === '' ? <li>nothing is different</li> : null}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

function Approve({ draft, latest, isAnswering, onChanged }: ApproveBarProps) {
  const mayApprove = useMay('approve-draft');
  const queries = useQueryClient();
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), settleMs);
    return () => clearTimeout(timer);
  }, []);
  const approve = useMutation({
    mutationFn: () =>
      client.call('approveDraft', { params: { draft: draft.id }, ifMatch: latest.hash }),
    onSuccess: async ({ workflowId, version, revision }) => {
      onChanged({ ...draft, workflowId, versionInUse: version, approvedRevision: revision });
      await Promise.all(approvedKeys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
    onError: async (error) => {
      if (!isParleyError(error, 'stale-revision')) return;
      onChanged(await client.call('getDraft', { params: { draft: draft.id } }));
    },
  });
  if (!mayApprove) return <p>Builders and owners may approve this.</p>;
  return (
    <>
      <Button
        kind="primary"
        data-testid="approve"
        disabled={!isSettled || isAnswering}
        title={isAnswering ? 'Parley is working on this draft' : undefined}
        busy={approve.isPending}
        onClick={() => approve.mutate()}
      >
        Approve revision {latest.number}
      </Button>
      {approve.isError ? (
        <div className={styles['refused']}>
          <Notice tone="bad" title="It was not approved">
            <p>{messageOf(approve.error)}</p>
          </Notice>
        </div>
      ) : null}
    </>
  );
}

function Approved({ draft, latest }: { draft: Draft; latest: DraftRevision }) {
  const { workflowId, versionInUse } = draft;
  return (
    <section className={styles['bar']} aria-label="Approval" role="status" data-testid="approved">
      <p className={styles['heading']}>
        <StatusPill status="approved" />
        <strong>Revision {latest.number}</strong>
        <code title={latest.hash}>{latest.hash.slice(0, 8)}</code>
        <span>
          is version {versionInUse} of the workflow. {latest.trigger}.
        </span>
      </p>
      {workflowId === undefined ? null : (
        <div className={styles['next']}>
          <StartRun workflowId={workflowId} title="the workflow" />
          <Link to="/workflows/$workflow" params={{ workflow: workflowId }}>
            Open the workflow
          </Link>
        </div>
      )}
    </section>
  );
}
