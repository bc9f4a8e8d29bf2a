import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Timers, type Timer } from './timers.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  jest.useRealTimers();
});

const timerAt = (occurrence: string, dueAt: number): Timer => ({
  runId: 'run_a',
  occurrence,
  generation: 1,
  dueAt,
});

/** A table of timers; firing deletes, as the turn of the run does. */
function timersOn(table: Timer[]) {
  const fired: string[] = [];
  const timers = new Timers({
    load: (beforeMs, limit) => {
      const due = table.filter(({ dueAt }) => dueAt <= beforeMs);
      return Promise.resolve(due.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit));
    },
    fire: (timer) => {
      fired.push(timer.occurrence);
      table.splice(table.indexOf(timer), 1);
    },
    onError: () => undefined,
  });
  return { timers, fired };
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

  it('fire without pause when many are due at once', async () => {
    const many = Array.from({ length: 25_000 }, (_, at) =>
      timerAt(`t${String(at)}`, 999_000 + at / 100),
    );
    const { timers, fired } = timersOn(many);
    await timers.start();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(fired).toHaveLength(25_000);
    timers.stop();
  });
});
