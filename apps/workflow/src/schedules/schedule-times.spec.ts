import { describe, expect, it } from '@jest/globals';
import { firingsFrom, firingsIn, nextFiring } from './schedule-times.js';

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

  it('fires at each time of both rules, and once where they meet', () => {
    const both = { cron: '0 9 * * *', every: { ms: 14_400_000 } };
    expect(firings(both, '2026-11-20T03:00:00Z', 4)).toEqual([
      '2026-11-20T04:00:00.000Z',
      '2026-11-20T08:00:00.000Z',
      '2026-11-20T12:00:00.000Z',
      '2026-11-20T16:00:00.000Z',
    ]);
    expect(firings({ ...both, cron: '30 9 * * *' }, '2026-11-20T04:00:00Z', 2)).toEqual([
      '2026-11-20T08:00:00.000Z',
      '2026-11-20T08:30:00.000Z',
    ]);
  });

  it('waits for leap days', () => {
    expect(firings({ cron: '0 12 29 2 *' }, '2026-01-01T00:00:00Z', 2)).toEqual([
      '2028-02-29T11:00:00.000Z',
      '2032-02-29T11:00:00.000Z',
    ]);
  });

  it('never fires without a time', () => {
    expect(nextFiring({}, 'Europe/Berlin', new Date(0))).toBeUndefined();
    expect(nextFiring({ cron: '0 0 30 2 *' }, 'Europe/Berlin', new Date(0))).toBeUndefined();
  });
});

describe('times in a range', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ];
  const rules = [
    { cron: '*/7 * * * *' },
    { cron: '30 2 * * *' },
    { cron: '0 0 1 * *' },
    { every: { ms: 1_000 } },
    { every: { ms: 5_400_000 }, cron: '15 3 * * 0' },
  ];

  it.each(zones.flatMap((zone) => rules.map((rule) => [zone, rule] as const)))(
    'are the newest ones of those that there are, in %s: %j',
    (timezone, rule) => {
      for (const end of ['2026-03-29T04:00:00Z', '2026-10-25T03:00:00Z', '2026-11-01T08:00:00Z']) {
        const to = new Date(end);
        const hours = rule.every?.ms === 1_000 ? 1 : 60;
        const from = new Date(to.getTime() - hours * 3_600_000);
        const all = firingsFrom(rule, { timezone, from, to, limit: Number.POSITIVE_INFINITY });
        for (const limit of [1, 3, 50]) {
          expect(firingsIn(rule, { timezone, from, to, limit })).toEqual(all.slice(-limit));
        }
      }
    },
  );

  it('include both ends', () => {
    const [from, to] = [new Date('2026-11-20T10:00:00Z'), new Date('2026-11-20T10:02:00Z')];
    const range = { timezone: 'UTC', from, to, limit: 10 };
    expect(firingsIn({ cron: '* * * * *' }, range)).toHaveLength(3);
    expect(firingsFrom({ cron: '* * * * *' }, range)).toHaveLength(3);
  });

  it('of years of seconds cost no more than those that are wanted', () => {
    const [from, to] = [new Date('2016-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z')];
    const found = firingsIn({ every: { ms: 1_000 } }, { timezone: 'UTC', from, to, limit: 100 });
    expect(found).toHaveLength(100);
    expect(found.at(-1)).toEqual(to);
  });
});
