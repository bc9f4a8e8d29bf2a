import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Delivery } from './bus.js';
import type { At, GroupStore, StoredEvent } from './group-store.js';
import { Subscription } from './subscription.js';
import { workflowEvents } from './testing/fixtures.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A log of one partition, and the positions behind which it was read. */
class Log {
  readonly reads: number[] = [];
  private readonly events: StoredEvent[] = [];

  publish(count: number): void {
    const first = this.events.length + 1;
    for (const { key, envelope } of workflowEvents('unit', first, first + count - 1)) {
      const at = { topic: 'workflow', partition: 0, position: this.events.length + 1 };
      this.events.push({ ...at, key, envelope: JSON.stringify(envelope), failure: null });
    }
  }

  get store(): GroupStore {
    const store: Pick<GroupStore, 'claim' | 'read' | 'ack' | 'leave'> = {
      claim: async () => [{ topic: 'workflow', partition: 0, position: 0, share: 1 }],
      read: async (_member: number, [at]: readonly At[], limit: number) => {
        const behind = at?.position ?? 0;
        this.reads.push(behind);
        return this.events.slice(behind, behind + limit);
      },
      ack: async () => true,
      leave: () => Promise.resolve(),
    };
    return store as GroupStore;
  }
}

function subscribe(log: Log, gatherMs: number) {
  const together: number[] = [];
  const subscription = new Subscription(
    {
      topics: ['workflow'],
      group: 'platform',
      gatherMs,
      handler: async () => void together.push(1),
      batchHandler: async (deliveries: readonly Delivery[]) =>
        void together.push(deliveries.length),
    },
    log.store,
    {
      onError: (error) => {
        throw error;
      },
      notifyGroup: () => undefined,
      resetSession: () => undefined,
      buried: () => undefined,
      stopped: () => undefined,
    },
  );
  return { subscription, together };
}

it('takes the first event at once, and what comes soon after it together', async () => {
  const log = new Log();
  const { subscription, together } = subscribe(log, 100);
  log.publish(1);
  await subscription.attach(() => Promise.resolve(1));
  await jest.advanceTimersByTimeAsync(0);
  expect(together).toEqual([1]);
  for (let times = 1; times <= 5; times++) {
    log.publish(2);
    subscription.wake({ topics: ['workflow'] });
    await jest.advanceTimersByTimeAsync(10);
  }
  expect(together).toEqual([1]);
  await jest.advanceTimersByTimeAsync(50);
  expect(together).toEqual([1, 10]);
  expect(log.reads).toEqual([0, 1]);
  await jest.advanceTimersByTimeAsync(1_000);
  log.publish(1);
  subscription.wake({ topics: ['workflow'] });
  await jest.advanceTimersByTimeAsync(0);
  expect(together).toEqual([1, 10, 1]);
  await subscription.stop();
});

it('does not wait while it is behind', async () => {
  const log = new Log();
  const { subscription, together } = subscribe(log, 60_000);
  log.publish(1_200);
  await subscription.attach(() => Promise.resolve(1));
  await jest.advanceTimersByTimeAsync(0);
  expect(together).toEqual([500, 500, 200]);
  await subscription.stop();
});
