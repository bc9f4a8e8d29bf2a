import { describe, expect, it } from '@jest/globals';
import type { IrSchedule } from '@parley/ir';
import { dueTimes, missedMax, overlapDecision } from './schedule-policy.js';

const hourly: IrSchedule = { cron: '0 * * * *' };

function due(
  spec: IrSchedule,
  times: { next?: string; last?: string; now: string; zone?: string },
) {
  const { next, last, now, zone = 'UTC' } = times;
  const found = dueTimes(
    {
      spec,
      timezone: zone,
      ...(next && { nextAt: new Date(next) }),
      ...(last && { lastAt: new Date(last) }),
    },
    new Date(now),
  );
  return {
    fire: found.fire.map((time) => time.toISOString().slice(0, 19)),
    ...(found.leftOut && {
      leftOut: [found.leftOut.from, found.leftOut.to].map((at) => at.toISOString().slice(0, 19)),
    }),
    next: found.next?.toISOString().slice(0, 19),
  };
}

describe('what is due', () => {
  it.each<[string, IrSchedule, Parameters<typeof due>[1], ReturnType<typeof due>]>([
    [
      'nothing, before its time',
      hourly,
      { next: '2026-11-20T10:00:00Z', now: '2026-11-20T09:59:59Z' },
      { fire: [], next: '2026-11-20T10:00:00' },
    ],
    [
      'a time that has come',
      hourly,
      { next: '2026-11-20T10:00:00Z', now: '2026-11-20T10:00:00Z' },
      { fire: ['2026-11-20T10:00:00'], next: '2026-11-20T11:00:00' },
    ],
    [
      'a time that is a little late, even where missed ones are skipped',
      { ...hourly, missed: 'skip' },
      { next: '2026-11-20T10:00:00Z', now: '2026-11-20T10:00:59Z' },
      { fire: ['2026-11-20T10:00:00'], next: '2026-11-20T11:00:00' },
    ],
    [
      'nothing of a missed window that is skipped',
      { ...hourly, missed: 'skip' },
      { next: '2026-11-20T07:00:00Z', now: '2026-11-20T10:30:00Z' },
      {
        fire: [],
        leftOut: ['2026-11-20T07:00:00', '2026-11-20T10:00:00'],
        next: '2026-11-20T11:00:00',
      },
    ],
    [
      'only what is in time, of a window that is skipped',
      { ...hourly, missed: 'skip' },
      { next: '2026-11-20T08:00:00Z', now: '2026-11-20T10:00:30Z' },
      {
        fire: ['2026-11-20T10:00:00'],
        leftOut: ['2026-11-20T08:00:00', '2026-11-20T09:00:00'],
        next: '2026-11-20T11:00:00',
      },
    ],
    [
      'the latest of a missed window, if nothing is said',
      hourly,
      { next: '2026-11-20T07:00:00Z', now: '2026-11-20T10:30:00Z' },
      {
        fire: ['2026-11-20T10:00:00'],
        leftOut: ['2026-11-20T07:00:00', '2026-11-20T09:00:00'],
        next: '2026-11-20T11:00:00',
      },
    ],
    [
      'the one time that was missed',
      hourly,
      { next: '2026-11-20T10:00:00Z', now: '2026-11-20T10:30:00Z' },
      { fire: ['2026-11-20T10:00:00'], next: '2026-11-20T11:00:00' },
    ],
    [
      'each of a missed window',
      { ...hourly, missed: 'all' },
      { next: '2026-11-20T08:00:00Z', now: '2026-11-20T10:30:00Z' },
      {
        fire: ['2026-11-20T08:00:00', '2026-11-20T09:00:00', '2026-11-20T10:00:00'],
        next: '2026-11-20T11:00:00',
      },
    ],
    [
      'each of many that are only late',
      { every: { ms: 20_000 } },
      { next: '2026-11-20T10:00:00Z', now: '2026-11-20T10:00:50Z' },
      {
        fire: ['2026-11-20T10:00:00', '2026-11-20T10:00:20', '2026-11-20T10:00:40'],
        next: '2026-11-20T10:01:00',
      },
    ],
    [
      'the hour that the clock skips, once, in wall time',
      { cron: '30 2 * * *', missed: 'all' },
      { next: '2026-03-28T01:30:00Z', now: '2026-03-30T01:00:00Z', zone: 'Europe/Berlin' },
      {
        fire: ['2026-03-28T01:30:00', '2026-03-29T01:00:00', '2026-03-30T00:30:00'],
        next: '2026-03-31T00:30:00',
      },
    ],
    [
      'the hour that the clock repeats, once',
      { cron: '30 2 * * *', missed: 'all' },
      { next: '2026-10-24T00:30:00Z', now: '2026-10-26T01:00:00Z', zone: 'Europe/Berlin' },
      {
        fire: ['2026-10-24T00:30:00', '2026-10-25T00:30:00'],
        next: '2026-10-26T01:30:00',
      },
    ],
    [
      'nothing again after the clock went back a little',
      hourly,
      { next: '2026-11-20T11:00:00Z', last: '2026-11-20T10:00:00Z', now: '2026-11-20T09:59:58Z' },
      { fire: [], next: '2026-11-20T11:00:00' },
    ],
    [
      'the next hour after the clock was a year ahead',
      hourly,
      { next: '2027-11-20T11:00:00Z', last: '2027-11-20T10:00:00Z', now: '2026-11-20T10:10:00Z' },
      { fire: [], next: '2026-11-20T11:00:00' },
    ],
    [
      'nothing without a time',
      { after: { ms: 5_000 } },
      { now: '2026-11-20T10:00:00Z' },
      { fire: [], next: undefined },
    ],
  ])('is %s', (_case, spec, times, expected) => {
    expect(due(spec, times)).toEqual(expected);
  });

  it('is a bounded number, the newest ones', () => {
    const spec: IrSchedule = { every: { ms: 1_000 }, missed: 'all' };
    const found = due(spec, { next: '2026-11-20T09:00:00Z', now: '2026-11-20T10:00:00Z' });
    expect(found.fire).toHaveLength(missedMax);
    expect(found.fire.at(-1)).toBe('2026-11-20T10:00:00');
    expect(found.leftOut).toEqual(['2026-11-20T09:00:00', '2026-11-20T09:58:20']);
  });
});

describe('a run beside others of its schedule', () => {
  const run = { runId: 'run_1', backfill: false };
  const made = { runId: 'run_2', backfill: true };
  it.each([
    ['allow', 'time', [run], 'start'],
    ['allow', 'backfill', [run], 'start'],
    ['skip', 'time', [], 'start'],
    ['skip', 'time', [run], 'skip'],
    ['skip', 'event', [run], 'skip'],
    ['skip', 'time', [made], 'skip'],
    ['skip', 'after', [run], 'wait'],
    ['skip', 'backfill', [run], 'wait'],
    ['cancel', 'time', [], 'start'],
    ['cancel', 'time', [run], 'cancel'],
    ['cancel', 'after', [run], 'cancel'],
    ['cancel', 'time', [run, made], 'wait'],
    ['cancel', 'backfill', [run], 'wait'],
    [undefined, 'time', [run], 'start'],
  ] as const)('under %s, of kind %s, beside %j: %s', (overlap, kind, going, decided) => {
    const spec = overlap === undefined ? {} : { overlap };
    expect(overlapDecision(spec, kind, going).do).toBe(decided);
  });
});
