import { describe, expect, it } from '@jest/globals';
import { Breaths } from './breaths.js';
import type { Clock } from './clock.js';

/** A thread on which time passes only by work, and what is to be done on it later. */
class Thread {
  busy = 0;
  idle = 0;
  spares = false;
  readonly begun: string[][] = [];
  private readonly soon: (() => void)[] = [];
  private readonly rests: { readonly ms: number; readonly work: () => void }[] = [];
  readonly breaths: Breaths;

  constructor() {
    const clock: Partial<Clock> = {
      soon: (work) => void this.soon.push(work),
      after: (ms, work) => {
        this.rests.push({ ms, work });
        return () => undefined;
      },
      busyMs: () => this.busy,
    };
    this.breaths = new Breaths(clock as Clock, () => this.spares);
  }

  wants(tenantId: string, count: number, pieceMs: number): void {
    for (let at = 0; at < count; at += 1) {
      void this.breaths.take(tenantId).then(() => {
        this.begun.at(-1)?.push(tenantId);
        this.busy += pieceMs;
      });
    }
  }

  /** What is to be done soon, without the rest that follows. */
  goOn(): void {
    for (const work of this.soon.splice(0)) work();
  }

  /** One turn of the event loop, and the rest when there is nothing else. */
  async turn(): Promise<void> {
    this.begun.push([]);
    this.goOn();
    await Promise.resolve();
    if (this.soon.length > 0) return;
    for (const { ms, work } of this.rests.splice(0)) {
      this.idle += ms;
      work();
      await Promise.resolve();
    }
  }

  async turns(count: number): Promise<number[]> {
    for (let at = 0; at < count; at += 1) await this.turn();
    return this.begun.splice(0).map(({ length }) => length);
  }
}

describe('breaths', () => {
  it('are of one piece while pieces are long, in turns of their tenants', async () => {
    const thread = new Thread();
    thread.wants('loud', 5, 10);
    thread.wants('quiet', 1, 10);
    for (let at = 0; at < 6; at += 1) await thread.turn();
    expect(thread.begun.flat().slice(0, 2)).toEqual(['loud', 'quiet']);
    expect(Math.max(...thread.begun.map(({ length }) => length))).toBe(1);
  });

  it('are of more and more pieces while those are short, until they are not', async () => {
    const thread = new Thread();
    thread.wants('one', 60, 0.05);
    expect(await thread.turns(6)).toEqual([1, 2, 4, 8, 16, 16]);
    thread.wants('one', 30, 1.5);
    expect(await thread.turns(4)).toEqual([16, 1, 2, 1]);
  });

  it('leave two thirds of the time to whoever may come', async () => {
    const thread = new Thread();
    thread.spares = true;
    thread.wants('loud', 20, 5);
    await thread.turns(60);
    expect(thread.busy).toBe(100);
    expect(thread.idle).toBe(200);
  });

  it('do not wait for the end of a rest when somebody else comes', async () => {
    const thread = new Thread();
    thread.spares = true;
    thread.wants('loud', 2, 5);
    await thread.turn();
    thread.goOn();
    thread.begun.push([]);
    thread.wants('loud', 1, 5);
    await Promise.resolve();
    expect(thread.begun.at(-1)).toEqual([]);
    thread.wants('quiet', 1, 5);
    await Promise.resolve();
    expect(thread.begun.at(-1)).not.toEqual([]);
  });
});
