import type { Draft } from '@parley/contracts';
import { isParleyError } from '@parley/sdk';
import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client } from '../api/client';
import { useSessionValue } from '../ui/session-value';
import { useToasts } from '../ui/toast';

/** An unsaved text and the revision that it began from. */
interface Unsaved {
  readonly text: string;
  readonly hash: string;
  readonly number: number;
}

export interface DraftEdit {
  readonly unsaved: Unsaved | undefined;
  /** The draft has another latest revision than the text began from. */
  readonly isStale: boolean;
  readonly change: (text: string) => void;
  readonly discard: () => void;
  /** Saves the text as a revision; `over` takes the place of whatever is the latest now. */
  readonly save: UseMutationResult<Draft, Error, { over: boolean }>;
}

/**
 * The text that a person is changing.
 *
 * E1  It survives reloads, other pages and revisions by others; only saving or discarding ends it.
 * E2  It is saved against the revision that it began from. If there is a newer one, the person
 *     decides, having seen what is different.
 */
export function useEdit(draft: Draft | undefined, onChanged: (draft: Draft) => void): DraftEdit {
  const [unsaved, setUnsaved] = useSessionValue<Unsaved>(`parley.edit.${draft?.id ?? ''}`);
  const toasts = useToasts();
  const latest = draft?.latest;
  const hasUnsaved = unsaved !== undefined;

  useEffect(() => {
    if (!hasUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [hasUnsaved]);

  const save = useMutation({
    mutationFn: ({ over }: { over: boolean }) =>
      client.call('editDraft', {
        params: { draft: draft?.id ?? '' },
        body: { source: unsaved?.text ?? '' },
        ifMatch: over ? (latest?.hash ?? '') : (unsaved?.hash ?? ''),
      }),
    onSuccess: (changed) => {
      setUnsaved(undefined);
      onChanged(changed);
      toasts.success(`Saved as revision ${String(changed.latest?.number ?? '')}.`);
    },
    onError: async (error) => {
      if (!isParleyError(error, 'stale-revision') || draft === undefined) return;
      onChanged(await client.call('getDraft', { params: { draft: draft.id } }));
    },
  });

  function change(text: string) {
    if (latest === undefined) return;
    if (text === latest.source) setUnsaved(undefined);
    else if (unsaved !== undefined) setUnsaved({ ...unsaved, text });
    else setUnsaved({ text, hash: latest.hash, number: latest.number });
  }

  return {
    unsaved,
    isStale: unsaved !== undefined && unsaved.hash !== latest?.hash,
    change,
    discard: () => {
      setUnsaved(undefined);
      save.reset();
    },
    save,
  };
}
