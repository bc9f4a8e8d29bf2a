/** What of a document tells whether its tab is looked at. */
export interface Tab extends EventTarget {
  readonly visibilityState: DocumentVisibilityState;
}

const changed = 'visibilitychange';

/** Resolves once the tab is looked at, or `signal` aborts. */
export async function untilVisible(tab: Tab, signal: AbortSignal): Promise<void> {
  if (tab.visibilityState === 'visible' || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const look = () => {
      if (tab.visibilityState !== 'visible' && !signal.aborted) return;
      tab.removeEventListener(changed, look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    tab.addEventListener(changed, look);
    signal.addEventListener('abort', look);
  });
}

export interface Look {
  /** Aborts when the tab is hidden, or with the signal that was given. */
  readonly signal: AbortSignal;
  /** Stops watching the tab. */
  readonly end: () => void;
}

/** A signal for what is only of use while somebody looks. */
export function whileVisible(tab: Tab, signal: AbortSignal): Look {
  const look = new AbortController();
  const check = () => {
    if (tab.visibilityState === 'hidden' || signal.aborted) look.abort();
  };
  tab.addEventListener(changed, check);
  signal.addEventListener('abort', check);
  check();
  return {
    signal: look.signal,
    end: () => {
      tab.removeEventListener(changed, check);
      signal.removeEventListener('abort', check);
    },
  };
}
