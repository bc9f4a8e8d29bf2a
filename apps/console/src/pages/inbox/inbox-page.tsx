import type { Approval } from '@parley/contracts';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { client } from '../../api/client';
import { useLive } from '../../api/live';
import { Button } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { ApprovalCard } from './approval-card';
import styles from './inbox-page.module.css';

const pageSize = 50;

/** What waits for a decision: the person's own first; then what was decided. */
export function InboxPage() {
  const queries = useQueryClient();
  useLive('approvalEvents', {}, () => {
    void queries.invalidateQueries({ queryKey: ['approvals'] });
  });
  const pending = useApprovals('pending');
  const all = useApprovals();
  const isEmpty = pending.items.length === 0 && all.items.length === 0;
  return (
    <Page title="Inbox">
      {pending.isPending || all.isPending ? <Spinner label="Loading approvals" /> : null}
      {pending.error === null ? null : <Problem error={pending.error} />}
      {pending.isSuccess && all.isSuccess && isEmpty ? (
        <EmptyState title="Nothing waits for a decision">
          <p>When a workflow asks somebody to approve a step, it is shown here at once.</p>
        </EmptyState>
      ) : null}
      <Group
        title="Waiting for you"
        none="Nothing waits for you."
        approvals={pending.items.filter(({ mine }) => mine)}
        isHidden={isEmpty || !pending.isSuccess}
      />
      <Group
        title="Waiting for others"
        approvals={pending.items.filter(({ mine }) => !mine)}
        more={pending.more}
      />
      <Group
        title="Decided"
        approvals={all.items.filter(({ status }) => status !== 'pending')}
        more={all.more}
      />
    </Page>
  );
}

interface More {
  readonly isBusy: boolean;
  readonly load: () => void;
}

function useApprovals(status?: 'pending') {
  const list = useInfiniteQuery({
    queryKey: ['approvals', 'list', status],
    queryFn: ({ pageParam }) =>
      client.call('listApprovals', { query: { pageSize, pageToken: pageParam, status } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });
  const more: More | undefined = list.hasNextPage
    ? { isBusy: list.isFetchingNextPage, load: () => void list.fetchNextPage() }
    : undefined;
  return {
    items: list.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: list.isPending,
    isSuccess: list.isSuccess,
    error: list.error,
    more,
  };
}

function Group(props: {
  readonly title: string;
  readonly approvals: readonly Approval[];
  /** Said when there is none; without it an empty group is left out. */
  readonly none?: string;
  readonly isHidden?: boolean;
  readonly more?: More | undefined;
}) {
  const { title, approvals, none, isHidden = false, more } = props;
  const id = useId();
  const isEmpty = approvals.length === 0 && more === undefined;
  if (isHidden || (isEmpty && none === undefined)) return null;
  return (
    <section className={styles['group']} aria-labelledby={id}>
      <h2 id={id}>
        {title} {approvals.length === 0 ? null : <small>{approvals.length}</small>}
      </h2>
      {approvals.length === 0 && none !== undefined ? <p>{none}</p> : null}
      {approvals.map((approval) => (
        <ApprovalCard key={approval.id} approval={approval} />
      ))}
      {more === undefined ? null : (
        <Button busy={more.isBusy} onClick={more.load}>
          Show more
        </Button>
      )}
    </section>
  );
}
