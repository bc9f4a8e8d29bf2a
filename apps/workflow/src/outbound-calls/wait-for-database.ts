import { isAppError } from '@parley/kernel';
import { backoffMs, sleep } from '@parley/postgres';

/** A call waits this long for the database to come back: nothing was sent yet. */
const waitMsMax = 120_000;
const backoff = { baseMs: 100, maxMs: 2_000 };

/**
 * Reads what a call needs, also when the database is away for a while.
 * @throws AppError `unavailable` after two minutes, or when the call is given up
 */
export async function waitingForDatabase<R>(
  read: () => Promise<R>,
  signal: AbortSignal,
): Promise<R> {
  const started = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      const isAway = isAppError(error) && error.code === 'unavailable';
      const isLate = performance.now() - started > waitMsMax;
      if (!isAway || isLate || signal.aborted) throw error;
      await sleep(backoffMs(attempt, backoff), signal);
    }
  }
}
