import type { Draft, DraftRevision } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { client, messageOf } from '../api/client';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import { StatusPill } from '../ui/status-pill';
import { Time } from '../ui/time';
import { useToasts } from '../ui/toast';
import styles from './revisions-tab.module.css';
import { useRevisions } from './use-revisions';

export interface RevisionsTabProps {
  readonly draft: Draft;
  readonly shown: number;
  /** Why nothing can be restored right now. */
  readonly blocked: string | undefined;
  readonly onShow: (revision: number) => void;
  readonly onChanged: (draft: Draft) => void;
}

function originWords({ origin, restoredFrom, author }: DraftRevision): string {
  switch (origin) {
    case 'turn':
      return `proposed by ${author.name}`;
    case 'edit':
      return `edited by ${author.name}`;
    case 'restore':
      return `revision ${String(restoredFrom ?? '')} restored by ${author.name}`;
    case 'workflow':
      return 'the version in use, to begin with';
  }
}

/** Every state that the draft has had; any of them can be the latest again. */
export function RevisionsTab({ draft, shown, blocked, onShow, onChanged }: RevisionsTabProps) {
  const { list } = useRevisions(draft);
  const toasts = useToasts();
  const restore = useMutation({
    mutationFn: (revision: number) =>
      client.call('restoreDraft', { params: { draft: draft.id }, body: { revision } }),
    onSuccess: (changed, revision) => {
      onChanged(changed);
      toasts.success(`Revision ${String(revision)} is the latest again.`);
    },
    onError: (error) => toasts.failure(error),
  });
  if (list.isPending) return <Spinner label="Loading revisions" />;
  if (list.isError) return <Notice tone="bad">{messageOf(list.error)}</Notice>;
  return (
    <ol className={styles['list']}>
      {list.data.items.map((revision) => {
        const { number, hash, summary, createdAt } = revision;
        const isLatest = number === draft.latest?.number;
        return (
          <li
            key={number}
            aria-current={number === shown}
            data-testid={`revision-${String(number)}`}
          >
            <div className={styles['head']}>
              <strong>Revision {number}</strong>
              <code>{hash.slice(0, 8)}</code>
              {number === draft.approvedRevision ? <StatusPill status="approved" /> : null}
              <span className={styles['when']}>
                <Time at={createdAt} />
              </span>
            </div>
            <p className={styles['origin']}>{originWords(revision)}</p>
            {summary.length === 0 ? null : (
              <ul className={styles['summary']}>
                {summary.map((line, at) => (
                  <li key={at}>{line}</li>
                ))}
              </ul>
            )}
            <div className={styles['actions']}>
              <Button size="small" disabled={number === shown} onClick={() => onShow(number)}>
                {number === shown ? 'Shown' : 'Show'}
              </Button>
              {isLatest ? null : (
                <Button
                  size="small"
                  disabled={blocked !== undefined || restore.isPending}
                  title={blocked}
                  onClick={() => restore.mutate(number)}
                >
                  Restore
                </Button>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
