import { randomBytesOf } from '@parley/nest-kit';
import { backoffMs } from '@parley/postgres';

/**
 * Time and chance, as the shell of the engine sees them: whatever it does later or at random goes
 * through here, so that a simulation of it can be repeated.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Does `work` in `ms` milliseconds. @returns how to call it off */
  after(ms: number, work: () => void): () => void;
  /** Does `work` as soon as what has already happened was dealt with. */
  soon(work: () => void): void;
  /** Milliseconds that the thread has worked, of all that it has been there. */
  busyMs(): number;
  /** In [0, 1). */
  random(): number;
  randomBytes(count: number): Uint8Array;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  soon: (work) => void setImmediate(work),
  busyMs: () => performance.eventLoopUtilization().active,
  random: () => Math.random(),
  randomBytes: randomBytesOf,
};

/** Waits; ends early, without an error, when `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const callOff = clock.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
    function finish() {
      callOff();
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** Waits longer after each attempt, never quite as long as others do. */
export function pauseBefore(
  clock: Clock,
  attempt: number,
  limits: { readonly baseMs: number; readonly maxMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const ms = backoffMs(attempt, limits, () => clock.random());
  return pause(clock, ms, limits.signal);
}
