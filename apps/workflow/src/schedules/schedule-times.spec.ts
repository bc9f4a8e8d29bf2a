import { describe, expect, it } from '@jest/globals';
import { nextFiring } from './schedule-times.js';

/** The next `count` firings after a moment. */
function firings(schedule: Parameters<typeof nextFiring>[0], after: string, count: number) {
  const found: string[] = [];
  let at: Date | undefined = new Date(after);
  while (found.length < count && at !== undefined) {
    at = nextFiring(schedule, 'Europe/Berlin', at);
    if (at !== undefined) found.push(at.toISOString());
  }
  return found;
}

describe('when a schedule fires', () => {
  it('follows wall time over both clock changes', () => {
    const nine = { cron: '0 9 * * *' };
    expect(firings(nine, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
    ]);
    expect(firings(nine, '2026-10-24T00:00:00Z', 2)).toEqual([
      '2026-10-24T07:00:00.000Z',
      '2026-10-25T08:00:00.000Z',
    ]);
  });

  it('makes up for a time that the clock skips, right after it', () => {
    const [first, second] = firings({ cron: '30 2 * * *' }, '2026-03-28T12:00:00Z', 2);
    expect(first).toBe('2026-03-29T01:00:00.000Z');
    expect(second).toBe('2026-03-30T00:30:00.000Z');
  });

  it('fires once at a time that the clock repeats', () => {
    expect(firings({ cron: '30 2 * * *' }, '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('keeps intervals to one raster, so that they do not drift', () => {
    expect(firings({ every: { ms: 1_800_000 } }, '2026-11-20T10:07:13.5Z', 2)).toEqual([
      '2026-11-20T10:30:00.000Z',
      '2026-11-20T11:00:00.000Z',
    ]);
  });

  it('never fires without a time', () => {
    expect(nextFiring({}, 'Europe/Berlin', new Date(0))).toBeUndefined();
    expect(nextFiring({ cron: '0 0 30 2 *' }, 'Europe/Berlin', new Date(0))).toBeUndefined();
  });
});
