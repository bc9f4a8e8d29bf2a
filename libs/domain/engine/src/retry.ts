import type { IrRetry } from '@parley/ir';

export interface RetryMoment {
  /** Retries that were made before. */
  readonly retries: number;
  /** When the first attempt began. */
  readonly startedAt: number;
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
  /** What the receiver asked for. */
  readonly retryAfterMs?: number;
  readonly delayMsMax: number;
}

/** Milliseconds until the next attempt, or undefined when the policy's limits are used up. */
export function retryDelayMs(policy: IrRetry, moment: RetryMoment): number | undefined {
  if (policy.attemptsMax !== undefined && moment.retries >= policy.attemptsMax) return undefined;
  const planned = backoffMs(policy, moment.retries) + jitterMs(policy, moment.random);
  const delayMs = Math.min(
    Math.max(Math.round(planned), moment.retryAfterMs ?? 0),
    moment.delayMsMax,
  );
  const spentMs = moment.now - moment.startedAt + delayMs;
  if (policy.durationMsMax !== undefined && spentMs > policy.durationMsMax) return undefined;
  return delayMs;
}

function backoffMs({ backoff, delayMs }: IrRetry, retries: number): number {
  switch (backoff) {
    case 'constant':
      return delayMs;
    case 'linear':
      return delayMs * (retries + 1);
    case 'exponential':
      return delayMs * 2 ** retries;
  }
}

function jitterMs({ jitter }: IrRetry, random: number): number {
  return jitter === undefined ? 0 : jitter.fromMs + random * (jitter.toMs - jitter.fromMs);
}
