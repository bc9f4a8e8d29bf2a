import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Timers, type Timer, type TimersOptions } from './timers.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  jest.useRealTimers();
});

const timerAt = (occurrence: string, dueAt: number, tenantId = 'ten_a'): Timer => ({
  tenantId,
  runId: `run_${tenantId}`,
  occurrence,
  generation: 1,
  dueAt,
});

const numbered = (count: number, dueAt: number, tenantId?: string) =>
  Array.from({ length: count }, (_, at) =>
    timerAt(`t${String(at).padStart(6, '0')}`, dueAt, tenantId),
  );

const order = (a: Timer, b: Timer) =>
  a.dueAt - b.dueAt || (a.occurrence < b.occurrence ? -1 : a.occurrence > b.occurrence ? 1 : 0);

/** A table of timers; firing deletes, as the turn of the run does, after a while. */
function timersOn(
  given: readonly Timer[],
  more: Partial<TimersOptions> = {},
  whileRead: () => void = () => undefined,
) {
  const tableOf = (all: readonly Timer[]) =>
    new Map([...all].sort(order).map((timer) => [timer.occurrence, timer]));
  let table = tableOf(given);
  const fired: string[] = [];
  const seen = { read: 0, firing: 0, firingMost: 0 };
  const timers = new Timers({
    tenants: (beforeMs) => {
      const due = [...table.values()].filter(({ dueAt }) => dueAt <= beforeMs);
      return Promise.resolve([...new Set(due.map(({ tenantId }) => tenantId))]);
    },
    load: (beforeMs, limit, after) => {
      const found = after.flatMap((place) => {
        const page: Timer[] = [];
        for (const timer of table.values()) {
          if (page.length === limit) break;
          if (timer.tenantId !== place.tenantId || timer.dueAt > beforeMs) continue;
          if (order(timer, place) > 0) page.push(timer);
        }
        return page;
      });
      seen.read += found.length;
      whileRead();
      return Promise.resolve(found);
    },
    fire: async (timer) => {
      fired.push(timer.occurrence);
      seen.firing += 1;
      seen.firingMost = Math.max(seen.firingMost, seen.firing);
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.firing -= 1;
      table.delete(timer.occurrence);
    },
    onError: () => undefined,
    ...more,
  });
  const write = (written: readonly Timer[]) => {
    table = tableOf([...table.values(), ...written]);
  };
  return { timers, fired, seen, left: () => table.size, write };
}

describe('timers', () => {
  it('fire when they are due, those beyond the window too', async () => {
    const { timers, fired } = timersOn([timerAt('soon', 1_000_050), timerAt('later', 1_050_000)]);
    await timers.start();
    await jest.advanceTimersByTimeAsync(100);
    expect(fired).toEqual(['soon']);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(fired).toEqual(['soon', 'later']);
    timers.stop();
  });

  it('do not fire when they were cancelled', async () => {
    const { timers, fired } = timersOn([]);
    await timers.start();
    timers.arm(timerAt('a', 1_000_100));
    timers.arm(timerAt('b', 1_000_200));
    timers.cancel(timerAt('a', 0));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(fired).toEqual(['b']);
    timers.stop();
  });

  it('fire once each, a few at a time, and are read once, however many are due at the same moment', async () => {
    const many = numbered(2_000, 1_000_500);
    const { timers, fired, seen, left } = timersOn(many, { firingMax: 50 });
    await timers.start();
    expect(seen.read).toBeLessThan(1_000); // T1
    await jest.advanceTimersByTimeAsync(3_000);
    expect(fired).toEqual(many.map(({ occurrence }) => occurrence));
    expect(left()).toBe(0);
    expect(seen.firingMost).toBe(50);
    expect(seen.read).toBe(2_000);
    timers.stop();
  });

  it('of another tenant fire in between', async () => {
    const { timers, fired } = timersOn(
      [...numbered(2_000, 999_000, 'ten_a'), timerAt('b', 999_999, 'ten_b')],
      { firingMax: 4 },
    );
    await timers.start();
    await jest.advanceTimersByTimeAsync(100);
    expect(fired.indexOf('b')).toBeGreaterThanOrEqual(0);
    expect(fired.indexOf('b')).toBeLessThan(8); // T2
    timers.stop();
  });

  it('that are armed while many are due fire too, each once', async () => {
    const { timers, fired, write } = timersOn(numbered(1_500, 1_000_000), { firingMax: 20 });
    await timers.start();
    // More than are kept of one tenant, before, at and behind the place where reading goes on.
    const armed = [999_000, 1_000_000, 1_000_300].flatMap((dueAt) =>
      Array.from({ length: 400 }, (_, at) => timerAt(`x${String(dueAt)}-${String(at)}`, dueAt)),
    );
    write(armed);
    for (const timer of armed) timers.arm(timer);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(fired).toHaveLength(2_700);
    expect(new Set(fired).size).toBe(2_700);
    timers.stop();
  });

  it('that are armed while the table is read are not missed', async () => {
    const late = [
      timerAt('t000100x', 1_000_000),
      ...Array.from({ length: 600 }, (_, at) => timerAt(`y${String(at)}`, 1_000_000 + (at % 2))),
    ];
    const whileRead = () => {
      const armed = late.splice(0);
      write(armed);
      for (const timer of armed) timers.arm(timer);
    };
    const { timers, fired, write } = timersOn(numbered(1_000, 1_000_000), {}, whileRead);
    await timers.start();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(fired).toHaveLength(1_601);
    expect(new Set(fired).size).toBe(1_601);
    timers.stop();
  });

  it('fire again when they could not, and keep nobody else waiting', async () => {
    let refusing = true;
    const done: string[] = [];
    const { timers } = timersOn([timerAt('bad', 1_000_000), timerAt('good', 1_000_001)], {
      firingMax: 1,
      fire: ({ occurrence }) => {
        if (occurrence === 'bad' && refusing) return Promise.reject(new Error('not now'));
        done.push(occurrence);
        return Promise.resolve();
      },
    });
    await timers.start();
    await jest.advanceTimersByTimeAsync(100);
    expect(done).toEqual(['good']);
    refusing = false;
    await jest.advanceTimersByTimeAsync(3_000);
    expect(done).toEqual(['good', 'bad']);
    timers.stop();
  });

  it('do not fire before those who read them anew can take them', async () => {
    const { timers, fired } = timersOn([timerAt('a', 999_000)]);
    let holds = false;
    const held: boolean[] = [];
    const other = timersOn(numbered(1_000, 999_000), {
      fire: () => {
        held.push(holds);
        return Promise.resolve();
      },
    });
    await other.timers.refresh();
    holds = true;
    await jest.advanceTimersByTimeAsync(100);
    expect(held).toHaveLength(1_000);
    expect(held).not.toContain(false);
    expect(fired).toEqual([]);
    timers.stop();
    other.timers.stop();
  });

  it('of runs that another has now do not fire', async () => {
    const { timers, fired } = timersOn([timerAt('a', 1_000_500), timerAt('b', 1_000_500, 'ten_b')]);
    await timers.start();
    timers.drop((runId) => runId === 'run_ten_a');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(fired).toEqual(['b']);
    timers.stop();
  });
});
