import { isParleyError, type EventOf, type ParleyError, type StreamId } from '@parley/sdk';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { client } from './client';
import { untilVisible, whileVisible } from './visible';

const retryMsFirst = 500;
const retryMsMax = 5_000;

/** How many live streams are cut off at the moment; the shell shows it. */
const broken = new Set<symbol>();
const listeners = new Set<() => void>();

function setBroken(stream: symbol, isBroken: boolean): void {
  if (broken.has(stream) === isBroken) return;
  if (isBroken) broken.add(stream);
  else broken.delete(stream);
  for (const listener of listeners) listener();
}

/** Whether some live stream of this page is cut off and being connected again. */
export function useDisconnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => broken.size > 0,
  );
}

export interface LiveOptions {
  readonly params?: Record<string, string>;
  /** Pass the last id on reconnect; else every connection begins anew. @default false */
  readonly resume?: boolean;
  readonly enabled?: boolean;
}

export interface LiveStream {
  /** Why the stream cannot be followed: not found, forbidden. */
  readonly refused: ParleyError | undefined;
  /** Connects anew, e.g. because something of the stream is missing. */
  readonly reconnect: () => void;
}

/**
 * Follows a live stream while the component is shown and the tab is looked at: browsers allow six
 * connections to a host, and hidden tabs must not use them up. It reconnects by itself, with the last
 * event's id where the stream can resume; a refusal (not found, forbidden) ends it.
 */
export function useLive<K extends StreamId>(
  id: K,
  options: LiveOptions,
  onEvent: (event: EventOf<K>) => void,
): LiveStream {
  const [refusal, setRefusal] = useState<{ stream: string; error: ParleyError }>();
  const [connection, setConnection] = useState(0);
  const handler = useRef(onEvent);
  useEffect(() => {
    handler.current = onEvent;
  });
  const { resume = false, enabled = true } = options;
  const params = JSON.stringify(options.params ?? {});
  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    const stream = Symbol(id);
    void follow();
    return () => {
      stop.abort();
      setBroken(stream, false);
    };

    async function follow(): Promise<void> {
      let lastEventId: string | undefined;
      for (let failures = 0; !stop.signal.aborted; failures++) {
        await untilVisible(document, stop.signal);
        const look = whileVisible(document, stop.signal);
        try {
          const events = client.events(id, {
            params: JSON.parse(params) as Record<string, string>,
            signal: look.signal,
            ...(resume && lastEventId !== undefined ? { lastEventId } : {}),
          });
          for await (const event of events) {
            failures = 0;
            setBroken(stream, false);
            lastEventId = (event as { id?: string }).id ?? lastEventId;
            handler.current(event);
          }
        } catch (error) {
          if (stop.signal.aborted) return;
          if (isParleyError(error) && !error.retryable && error.code !== 'token-expired') {
            setRefusal({ stream: `${id} ${params} ${connection}`, error });
            return;
          }
        } finally {
          look.end();
        }
        if (stop.signal.aborted) return;
        setBroken(stream, !look.signal.aborted);
        if (look.signal.aborted) failures = -1;
        else await sleep(Math.min(retryMsFirst * 2 ** failures, retryMsMax), stop.signal);
      }
    }
  }, [id, params, resume, enabled, connection]);
  const reconnect = useCallback(() => setConnection((count) => count + 1), []);
  const isCurrent = refusal?.stream === `${id} ${params} ${connection}`;
  return { refused: isCurrent ? refusal.error : undefined, reconnect };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
