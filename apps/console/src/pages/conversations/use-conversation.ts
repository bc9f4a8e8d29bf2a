import type { Draft } from '@parley/contracts';
import type { ParleyError } from '@parley/sdk';
import { useCallback, useEffect, useState } from 'react';
import { useLive } from '../../api/live';
import { viewAfter, type ConversationView } from './conversation-view';

export interface LiveConversation {
  readonly view: ConversationView | undefined;
  readonly refused: ParleyError | undefined;
  /** Shows the answer to one's own change without waiting for its event. */
  readonly showDraft: (draft: Draft) => void;
}

/** A conversation as it is right now. */
export function useConversation(id: string): LiveConversation {
  const [view, setView] = useState<ConversationView>();
  const { refused, reconnect } = useLive(
    'conversationEvents',
    { params: { conversation: id } },
    (event) => setView((shown) => viewAfter(shown, event)),
  );
  const hasGap = view?.hasGap === true;
  useEffect(() => {
    if (hasGap) reconnect();
  }, [hasGap, reconnect]);
  const showDraft = useCallback((draft: Draft) => {
    setView((shown) => viewAfter(shown, { event: 'draft', data: draft }));
  }, []);
  return { view: view?.conversation.id === id ? view : undefined, refused, showDraft };
}
