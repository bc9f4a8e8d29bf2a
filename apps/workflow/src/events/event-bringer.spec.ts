import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Message } from '../engine/turn-record.js';
import type { Subscription } from './event-store.pg.js';
import { EventBringer, type EventBringerOptions } from './event-bringer.js';

const sweepMs = 10_000;
const subscription: Subscription = {
  tenantId: 'ten_a',
  runId: 'run_a',
  occurrence: 'do/wait',
  attempt: 1,
  interests: [{ attributes: [['type', 'paid']], keys: [] }],
};
const event = { id: 'e', source: 'shop', type: 'paid', specversion: '1.0' };
const arrived = { tenantId: 'ten_a', id: 'e', source: 'shop', type: 'paid', event };

afterEach(() => {
  jest.useRealTimers();
});

describe('partitions that are taken while the process runs', () => {
  async function bringer(freshSubscriptions: EventBringerOptions['store']['freshSubscriptions']) {
    jest.useFakeTimers();
    const messages: Message[] = [];
    const errors: string[] = [];
    const made = new EventBringer({
      store: {
        freshSubscriptions,
        eventsBefore: () => Promise.resolve([arrived]),
        bring: (some) => Promise.resolve([...some]),
        leftBehind: () => Promise.resolve([]),
        forgetBefore: () => Promise.resolve(),
        remember: () => Promise.resolve(),
        unbrought: (events) => Promise.resolve([...events]),
        subscriptionsTo: () => Promise.resolve([]),
        markBrought: () => Promise.resolve(),
      },
      now: () => 0,
      onError: (_error, message) => errors.push(message),
    });
    await made.start([], (some) => messages.push(...some));
    return { made, messages, errors };
  }

  it('are searched for tasks that began to listen when their owner died', async () => {
    const asked: (readonly number[])[] = [];
    const { made, messages } = await bringer((partitions) => {
      asked.push(partitions);
      return Promise.resolve([subscription]);
    });
    made.taken([3, 4]);
    await jest.advanceTimersByTimeAsync(0);
    expect(messages.map(({ runId }) => runId)).toEqual(['run_a']);
    await jest.advanceTimersByTimeAsync(2 * sweepMs);
    expect(asked).toEqual([[3, 4]]);
    made.stop();
  });

  it('are searched again when that failed', async () => {
    let isAway = true;
    const { made, messages, errors } = await bringer(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve([subscription]),
    );
    made.taken([3]);
    await jest.advanceTimersByTimeAsync(sweepMs);
    expect(messages).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    isAway = false;
    await jest.advanceTimersByTimeAsync(sweepMs);
    expect(messages.map(({ runId }) => runId)).toEqual(['run_a']);
    made.stop();
  });
});
