import { useSyncExternalStore } from 'react';
import { durationText } from './duration';

const tickMs = 1_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all, so what is shown together changes together. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** How long something took, or has taken so far while it has no end. */
export function Elapsed({ from, to }: { from: string; to?: string | undefined }) {
  return to === undefined ? (
    <Running from={from} />
  ) : (
    <span>{durationText(Date.parse(to) - Date.parse(from))}</span>
  );
}

function Running({ from }: { from: string }) {
  const seen = useNow();
  return <span>{durationText(Math.max(0, seen - Date.parse(from)), { isRunning: true })}</span>;
}

/** How much time is left until `until`. */
export function Remaining({ until }: { until: string }) {
  const left = Date.parse(until) - useNow();
  return <span>{left <= 0 ? 'due now' : `in ${durationText(left, { isRunning: true })}`}</span>;
}
