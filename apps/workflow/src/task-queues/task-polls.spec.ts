import { describe, expect, it } from '@jest/globals';
import type { LeasedTask } from '@parley/contracts';
import { TaskPolls, type PollOf } from './task-polls.js';
import type { TaskPoll } from './worker-task-store.pg.js';

/** A queue in memory whose looks are answered when the test says so. */
class Queue {
  readonly asked: (readonly TaskPoll[])[] = [];
  readonly returned: string[] = [];
  private readonly answers: (() => void)[] = [];
  private readonly work: string[] = [];

  put(...ids: string[]): void {
    this.work.push(...ids);
  }

  lease(_of: object, polls: readonly TaskPoll[]): Promise<LeasedTask[][]> {
    this.asked.push(polls);
    return new Promise((resolve) => {
      this.answers.push(() =>
        resolve(polls.map(({ max }) => this.work.splice(0, max).map(taskOf))),
      );
    });
  }

  async giveBack(_tenantId: string, tokens: readonly string[]): Promise<void> {
    this.returned.push(...tokens);
    this.work.unshift(...tokens);
  }

  async answer(): Promise<void> {
    this.answers.shift()?.();
    await new Promise((done) => setImmediate(done));
  }
}

const taskOf = (id: string) => ({ id, leaseToken: id }) as LeasedTask;

function pollsOn(queue: Queue): TaskPolls {
  return new TaskPolls({
    store: queue,
    onError: (error) => {
      throw error;
    },
  });
}

const ask = (more: Partial<PollOf> = {}): PollOf => ({
  ...{ tenantId: 'ten_1', queue: 'q', worker: 'w', max: 1, leaseMs: 1_000, waitMs: 60_000 },
  ...more,
});

const idsOf = (tasks: readonly LeasedTask[]) => tasks.map(({ id }) => id);

describe('polls that wait', () => {
  it('are served by one look after the other, in their order', async () => {
    const queue = new Queue();
    const polls = pollsOn(queue);
    const [first, second, third] = [polls.poll(ask()), polls.poll(ask()), polls.poll(ask())];
    queue.put('a', 'b');
    await queue.answer();
    expect(idsOf(await first)).toEqual(['a']);
    await queue.answer();
    expect(idsOf(await second)).toEqual(['b']);
    expect(queue.asked.map((asking) => asking.length)).toEqual([1, 2]);
    queue.put('c');
    polls.wake('ten_1', 'other');
    polls.wake('ten_1', 'q');
    await queue.answer();
    expect(idsOf(await third)).toEqual(['c']);
    polls.wake('ten_1', 'q');
    expect(queue.asked).toHaveLength(3);
  });

  it('look again when there was a word of work while they looked', async () => {
    const queue = new Queue();
    const polls = pollsOn(queue);
    const waiting = polls.poll(ask());
    polls.wake('ten_1', 'q');
    await queue.answer();
    queue.put('a');
    await queue.answer();
    expect(idsOf(await waiting)).toEqual(['a']);
  });

  it('look once when they do not wait', async () => {
    const queue = new Queue();
    const waiting = pollsOn(queue).poll(ask({ waitMs: 0 }));
    await queue.answer();
    expect(await waiting).toEqual([]);
    expect(queue.asked).toHaveLength(1);
  });

  it('give back what they do not hear of because they have hung up (P2)', async () => {
    const queue = new Queue();
    const polls = pollsOn(queue);
    const hungUp = new AbortController();
    const gone = polls.poll(ask({ signal: hungUp.signal }));
    const there = polls.poll(ask());
    hungUp.abort();
    queue.put('a');
    await queue.answer();
    expect(await gone).toEqual([]);
    expect(queue.returned).toEqual(['a']);
    await queue.answer();
    expect(idsOf(await there)).toEqual(['a']);
  });

  it('end with nothing when the process does, and fail with the database', async () => {
    const queue = new Queue();
    const polls = pollsOn(queue);
    const waiting = polls.poll(ask());
    await queue.answer();
    polls.stop();
    expect(await waiting).toEqual([]);
    expect(await polls.poll(ask())).toEqual([]);
    const down = new TaskPolls({
      store: { lease: () => Promise.reject(new Error('down')), giveBack: queue.giveBack },
      onError: () => undefined,
    });
    await expect(down.poll(ask())).rejects.toThrow('down');
  });

  it('are refused when a tenant has too many, and no other tenant is', async () => {
    const queue = new Queue();
    const polls = pollsOn(queue);
    const waiting = Array.from({ length: 500 }, () => polls.poll(ask()));
    await expect(polls.poll(ask())).rejects.toMatchObject({ code: 'overloaded' });
    const other = polls.poll(ask({ tenantId: 'ten_2', waitMs: 0 }));
    for (let left = 3; left > 0; left -= 1) await queue.answer();
    expect(await other).toEqual([]);
    polls.stop();
    expect((await Promise.all(waiting)).flat()).toEqual([]);
  });
});
