import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '@parley/kernel';
import { attemptsMax, type Delivery } from './bus.js';
import type { StoredEvent } from './group-store.js';
import { PartitionWorker, type WorkerHost } from './partition-worker.js';
import { workflowEvents } from './testing/fixtures.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const stored = workflowEvents('unit', 1, 3).map(({ key, envelope }, index): StoredEvent => {
  const at = { topic: 'workflow', partition: 0, position: index + 1 };
  return { ...at, key, envelope: JSON.stringify(envelope), failure: null };
});

function host(handler: WorkerHost['handler']) {
  let attempts = 0;
  return {
    handler,
    onError: jest.fn(),
    handled: jest.fn(),
    countFailure: jest.fn(async (): Promise<number | undefined> => ++attempts),
    bury: jest.fn<WorkerHost['bury']>(async () => true),
  };
}

function work(on: WorkerHost, events = stored) {
  const worker = new PartitionWorker(
    { topic: 'workflow', partition: 0, position: 0 },
    on,
    undefined,
  );
  worker.take(events, () => undefined);
  return worker;
}

describe('a partition worker', () => {
  it('waits out a fault that may pass by itself, however often it shows', async () => {
    const tried: number[] = [];
    const on = host(async ({ position }) => {
      tried.push(position);
      if (tried.length <= 3 * attemptsMax) throw new AppError('unavailable', 'service away');
    });
    const worker = work(on);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(on.countFailure).not.toHaveBeenCalled();
    expect(on.bury).not.toHaveBeenCalled();
    expect(tried.slice(-3)).toEqual([1, 2, 3]);
    expect(worker.done).toBe(3);
  });

  it('hands over together what is there, when the handler takes several', async () => {
    const together: number[][] = [];
    const alone: number[] = [];
    const on = {
      ...host(async ({ position }) => void alone.push(position)),
      batchHandler: async (deliveries: readonly Delivery[]) => {
        together.push(deliveries.map(({ position }) => position));
      },
    };
    const worker = work(on);
    await jest.advanceTimersByTimeAsync(0);
    expect({ together, alone, done: worker.done }).toEqual({
      together: [[1, 2, 3]],
      alone: [],
      done: 3,
    });
    expect(on.handled).toHaveBeenCalledTimes(1);
  });

  it.each([[true], [false]])(
    'gives a dead letter as it is, JSON or not (together: %s)',
    async (isTogether) => {
      const failure = {
        topic: 'workflow',
        partition: 0,
        position: 9,
        attempts: 0,
        error: 'not JSON',
      };
      const texts = ['{"specversion":', '[1]', '{"a":1}'];
      const letters = stored.map((event, index) => {
        const at = { ...event, topic: 'dead-letter.unit', failure: JSON.stringify(failure) };
        return { ...at, envelope: texts[index] ?? '' };
      });
      const given: Delivery[] = [];
      const alone = host(async (delivery) => void given.push(delivery));
      const batchHandler = async (all: readonly Delivery[]) => void given.push(...all);
      const worker = work(isTogether ? { ...alone, batchHandler } : alone, letters);
      await jest.advanceTimersByTimeAsync(0);
      expect(given.map(({ text }) => text)).toEqual(texts);
      expect(given.map(({ envelope }) => envelope)).toEqual([texts[0], [1], { a: 1 }]);
      expect(given[0]?.failure).toEqual(failure);
      expect(worker.done).toBe(3);
    },
  );

  it('hands over one by one what could not be handled together', async () => {
    const tried: number[] = [];
    const on = {
      ...host(async ({ position }) => {
        tried.push(position);
        if (position === 2) throw new Error('wrong');
      }),
      batchHandler: async () => {
        throw new Error('one of them is wrong');
      },
    };
    const worker = work(on);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(tried).toEqual([1, ...Array.from({ length: attemptsMax }, () => 2), 3]);
    expect(on.bury).toHaveBeenCalledTimes(1);
    expect(worker.done).toBe(3);
  });

  it('hands over together only what comes before something unreadable', async () => {
    const together: number[][] = [];
    const on = {
      ...host(async () => undefined),
      batchHandler: async (deliveries: readonly Delivery[]) => {
        together.push(deliveries.map(({ position }) => position));
      },
    };
    const broken = stored.map((event) =>
      event.position === 3 ? { ...event, envelope: '{' } : event,
    );
    const worker = work(on, broken);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(together).toEqual([[1, 2]]);
    expect(on.bury).toHaveBeenCalledTimes(1);
    expect(worker.done).toBe(3);
  });

  it('buries an event after the last attempt, with what is known, and goes on', async () => {
    const on = host(async ({ position }) => {
      if (position === 2) throw new Error('wrong');
    });
    const worker = work(on);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(on.countFailure).toHaveBeenCalledTimes(attemptsMax);
    expect(on.bury.mock.calls.map(([, event, failure]) => [event.position, failure.error])).toEqual(
      [[2, 'wrong']],
    );
    expect(worker.done).toBe(3);
  });

  it('tries to bury until the log takes it, and does not skip the event before', async () => {
    const on = host(() => Promise.reject(new Error('wrong')));
    on.bury.mockRejectedValueOnce(new AppError('unavailable', 'database away'));
    const worker = work(on);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(on.bury.mock.calls.map(([, event]) => event.position)).toEqual([1, 1, 2, 3]);
    expect(worker.done).toBe(3);
  });

  it('stops when the partition belongs to another member, or when it is ended in a pause', async () => {
    const lost = host(() => Promise.reject(new Error('wrong')));
    lost.countFailure.mockResolvedValue(undefined);
    expect(work(lost).done).toBe(0);

    const paused = host(() => Promise.reject(new Error('wrong')));
    const worker = work(paused);
    await jest.advanceTimersByTimeAsync(1);
    worker.end();
    await worker.work;
    expect(worker.done).toBe(0);
    expect(worker.busy).toBe(false);
    expect(paused.handled).not.toHaveBeenCalled();
  });
});
