import type { Draft, DraftRevision } from '@parley/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf } from '../api/client';
import { Notice } from '../ui/notice';
import { Spinner } from '../ui/spinner';
import { DiffView } from './diff-view';
import styles from './diff-tab.module.css';
import { useRevisions } from './use-revisions';

type From = 'in-use' | number;

/** Compares two revisions, or the version in use with one. */
export function DiffTab({ draft, revision }: { draft: Draft; revision: DraftRevision }) {
  const isInUse = draft.workflowId !== undefined && draft.versionInUse !== undefined;
  const { numbers } = useRevisions(draft);
  const [chosenFrom, setFrom] = useState<From>();
  const [chosenTo, setTo] = useState<number>();
  const to = chosenTo ?? revision.number;
  const from = chosenFrom ?? (isInUse ? 'in-use' : to - 1);
  const isPossible = from === 'in-use' || from >= 1;
  const diff = useQuery({
    queryKey: ['draft-diff', draft.id, from, to, from === 'in-use' ? draft.versionInUse : 0],
    queryFn: () => client.call('diffDraft', { params: { draft: draft.id }, query: { from, to } }),
    enabled: isPossible,
    staleTime: Infinity,
  });
  return (
    <div className={styles['tab']}>
      <div className={styles['pickers']}>
        <label>
          From{' '}
          <select
            value={isPossible ? String(from) : ''}
            onChange={(event) => {
              const { value } = event.target;
              setFrom(value === 'in-use' ? value : Number(value));
            }}
          >
            {isPossible ? null : <option value="">nothing before</option>}
            {isInUse ? <option value="in-use">version {draft.versionInUse} in use</option> : null}
            {numbers.map((number) => (
              <option key={number} value={number}>
                revision {number}
              </option>
            ))}
          </select>
        </label>
        <label>
          To{' '}
          <select value={to} onChange={(event) => setTo(Number(event.target.value))}>
            {numbers.map((number) => (
              <option key={number} value={number}>
                revision {number}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isPossible ? null : (
        <p className={styles['none']}>
          This is the first revision: there is nothing before it to compare with.
        </p>
      )}
      {diff.isLoading ? <Spinner label="Comparing" /> : null}
      {diff.isError ? <Notice tone="bad">{messageOf(diff.error)}</Notice> : null}
      {diff.data === undefined || !isPossible ? null : <DiffView diff={diff.data} />}
    </div>
  );
}
