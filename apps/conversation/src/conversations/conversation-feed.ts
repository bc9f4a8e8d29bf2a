import type { ConversationEvent } from '@parley/contracts';

type Listener = (event: ConversationEvent) => void;

/** Tells the open pages of a conversation what happens in it, within this process. */
export class ConversationFeed {
  private readonly listeners = new Map<string, Set<Listener>>();

  publish(conversationId: string, event: ConversationEvent): void {
    for (const listener of this.listeners.get(conversationId) ?? []) listener(event);
  }

  /** @returns the end of the subscription */
  subscribe(conversationId: string, listener: Listener): () => void {
    const listeners = this.listeners.get(conversationId) ?? new Set<Listener>();
    this.listeners.set(conversationId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(conversationId);
    };
  }
}
