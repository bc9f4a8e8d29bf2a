import type { Draft, DraftRevision } from '@parley/contracts';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { client } from '../api/client';

const pageSize = 100;

interface Revisions {
  /** Numbers of all revisions, the latest first. They have no holes. */
  readonly numbers: readonly number[];
  readonly list: UseQueryResult<{ items: DraftRevision[]; nextPageToken?: string }>;
}

/** The latest revisions of a draft. */
export function useRevisions(draft: Draft): Revisions {
  const latest = draft.latest?.number ?? 0;
  const list = useQuery({
    queryKey: ['draft-revisions', draft.id, latest],
    queryFn: () =>
      client.call('listDraftRevisions', { params: { draft: draft.id }, query: { pageSize } }),
    staleTime: Infinity,
  });
  const numbers = Array.from({ length: latest }, (_, at) => latest - at);
  return { numbers, list };
}

/** The revision to show: a chosen one, or always the latest. */
export function useRevision(
  draft: Draft | undefined,
  chosen: number | undefined,
): { revision: DraftRevision | undefined; isLatest: boolean; error: Error | null } {
  const latest = draft?.latest;
  const isLatest = chosen === undefined || chosen === latest?.number;
  const earlier = useQuery({
    queryKey: ['draft-revision', draft?.id, chosen],
    queryFn: () =>
      client.call('getDraftRevision', {
        params: { draft: draft?.id ?? '', revision: chosen ?? 0 },
      }),
    enabled: draft !== undefined && !isLatest,
    staleTime: Infinity,
  });
  return { revision: isLatest ? latest : earlier.data, isLatest, error: earlier.error };
}
