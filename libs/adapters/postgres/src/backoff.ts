/** Exponential, capped, with up to a quarter of jitter so that processes do not retry in step. */
export function backoffMs(
  attempt: number,
  limits: { baseMs: number; maxMs: number },
  random: () => number = Math.random,
): number {
  const full = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.75 + random() * 0.25));
}

/** Waits; ends early, without an error, when `signal` is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}
