import type { StartTurn, Turn } from '@parley/contracts';
import { useCallback, useEffect } from 'react';
import { client, messageOf } from '../../api/client';
import { readSessionValue, useSessionValue, writeSessionValue } from '../../ui/session-value';

/**
 * What a person said and the platform has not shown back yet.
 *
 * O1  It is stored before it is sent, with its idempotency key: a reload sends it again, and the
 *     platform answers the first time's turn. Nothing is said twice or lost.
 * O2  It is shown until the message itself has arrived (`hasArrived`).
 */
export interface OutgoingTurn {
  readonly key: string;
  readonly body: StartTurn;
  /** The last message that there was when this was said. */
  readonly after: string;
  /** Set once the platform has it. */
  readonly messageId?: string;
  /** Why it could not be sent. */
  readonly failure?: string;
}

export interface Outbox {
  readonly outgoing: OutgoingTurn | undefined;
  readonly say: (body: StartTurn, after: string) => void;
  readonly sendAgain: () => void;
  /** Takes back what could not be sent. */
  readonly discard: () => void;
}

const storageKey = (conversation: string) => `parley.outbox.${conversation}`;
const saidKey = (turn: string) => `parley.said.${turn}`;
const sending = new Set<string>();

/** Leaves something to be said when the page of the conversation opens. */
export function sayOnOpening(conversation: string, body: StartTurn): void {
  const outgoing: OutgoingTurn = { key: crypto.randomUUID(), body, after: '' };
  writeSessionValue(storageKey(conversation), outgoing);
}

/** What was said to start a turn of this tab, with its answers. */
export function saidIn(turn: string): StartTurn | undefined {
  return readSessionValue<StartTurn>(saidKey(turn));
}

export function useOutbox(conversation: string): Outbox {
  const [outgoing, setOutgoing] = useSessionValue<OutgoingTurn>(storageKey(conversation));
  const isDue = outgoing?.messageId === undefined && outgoing?.failure === undefined;
  useEffect(() => {
    if (outgoing === undefined || !isDue || sending.has(outgoing.key)) return;
    sending.add(outgoing.key);
    void send(conversation, outgoing).then((result) => {
      sending.delete(outgoing.key);
      setOutgoing(result);
    });
  }, [conversation, outgoing, isDue, setOutgoing]);
  const say = useCallback(
    (body: StartTurn, after: string) => setOutgoing({ key: crypto.randomUUID(), body, after }),
    [setOutgoing],
  );
  const sendAgain = useCallback(() => {
    if (outgoing !== undefined) setOutgoing({ ...outgoing, failure: undefined });
  }, [outgoing, setOutgoing]);
  const discard = useCallback(() => setOutgoing(undefined), [setOutgoing]);
  return { outgoing, say, sendAgain, discard };
}

async function send(conversation: string, outgoing: OutgoingTurn): Promise<OutgoingTurn> {
  try {
    const turn: Turn = await client.call('startTurn', {
      params: { conversation },
      body: outgoing.body,
      idempotencyKey: outgoing.key,
    });
    writeSessionValue(saidKey(turn.id), outgoing.body);
    return { ...outgoing, messageId: turn.userMessageId };
  } catch (error) {
    return { ...outgoing, failure: messageOf(error) };
  }
}
