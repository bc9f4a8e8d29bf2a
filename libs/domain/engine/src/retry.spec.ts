import { describe, expect, it } from '@jest/globals';
import type { IrRetry } from '@parley/ir';
import { retryDelayMs } from './retry.js';

const moment = { retries: 0, startedAt: 0, now: 0, random: 0.5, delayMsMax: 100_000 };
const policy: IrRetry = { delayMs: 100, backoff: 'constant' };

describe('retry', () => {
  it.each([
    ['constant', [100, 100, 100]],
    ['linear', [100, 200, 300]],
    ['exponential', [100, 200, 400]],
  ] as const)('%s backoff', (backoff, delays) => {
    const actual = [0, 1, 2].map((retries) =>
      retryDelayMs({ ...policy, backoff }, { ...moment, retries }),
    );
    expect(actual).toEqual(delays);
  });

  it('draws jitter from the given number', () => {
    const jitter = { fromMs: 10, toMs: 30 };
    expect(retryDelayMs({ ...policy, jitter }, { ...moment, random: 0 })).toBe(110);
    expect(retryDelayMs({ ...policy, jitter }, { ...moment, random: 0.5 })).toBe(120);
  });

  it('waits at least as long as the receiver asked', () => {
    expect(retryDelayMs(policy, { ...moment, retryAfterMs: 5_000 })).toBe(5_000);
    expect(retryDelayMs(policy, { ...moment, retryAfterMs: 1 })).toBe(100);
  });

  it('stops after the last attempt', () => {
    const limited = { ...policy, attemptsMax: 2 };
    expect(retryDelayMs(limited, { ...moment, retries: 1 })).toBe(100);
    expect(retryDelayMs(limited, { ...moment, retries: 2 })).toBeUndefined();
  });

  it('stops when the next attempt would begin after the last moment', () => {
    const limited = { ...policy, durationMsMax: 1_000 };
    expect(retryDelayMs(limited, { ...moment, now: 900 })).toBe(100);
    expect(retryDelayMs(limited, { ...moment, now: 901 })).toBeUndefined();
  });

  it('never waits longer than the ceiling', () => {
    const steep = { ...policy, backoff: 'exponential' as const };
    expect(retryDelayMs(steep, { ...moment, retries: 5_000 })).toBe(100_000);
  });
});
