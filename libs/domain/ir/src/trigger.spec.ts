import { describe, expect, it } from '@jest/globals';
import { describeTrigger } from './index.js';

const ofType = (value: string) => ({
  with: [['type', { kind: 'literal' as const, value }] as const],
});
const [a, b] = [ofType('com.a'), ofType('com.b')];

describe('how runs start, in words', () => {
  it.each([
    [{ cron: '0 9 * * 1-5' }, 'Every weekday at 09:00 (Europe/Berlin)'],
    [{ cron: '30 18 * * *' }, 'Every day at 18:30 (Europe/Berlin)'],
    [{ cron: '0 7 * * 1' }, 'Every Monday at 07:00 (Europe/Berlin)'],
    [{ cron: '0 0 1 * *' }, 'On day 1 of every month at 00:00 (Europe/Berlin)'],
    [{ cron: '*/5 * * * *' }, 'On the schedule */5 * * * * (Europe/Berlin)'],
    [{ every: { ms: 900_000 } }, 'Every 15 minutes'],
    [{ every: { ms: 3_600_000 } }, 'Every hour'],
    [{ after: { ms: 3_600_000 } }, '1 hour after the run before has ended'],
    [
      { cron: '0 9 * * *', every: { ms: 7_200_000 } },
      'Every day at 09:00 (Europe/Berlin); every 2 hours',
    ],
    [{ on: { mode: 'any' as const, filters: [] } }, 'At every event'],
    [
      {
        on: {
          mode: 'one' as const,
          filters: [{ with: [['type', { kind: 'literal' as const, value: 'com.a.b' }] as const] }],
        },
      },
      'At events of com.a.b',
    ],
    [{ on: { mode: 'all' as const, filters: [a, b] } }, 'When com.a and com.b have come'],
    [
      { on: { mode: 'any' as const, filters: [a], until: { source: 'length == 3' } } },
      'With events of com.a, together until length == 3',
    ],
    [
      {
        on: {
          mode: 'any' as const,
          filters: [],
          until: { mode: 'one' as const, filters: [b] },
        },
      },
      'With every event, together until com.b',
    ],
    [undefined, 'Started by a person or a call'],
  ])('%j', (schedule, text) => {
    expect(describeTrigger({ schedule }, 'Europe/Berlin')).toBe(text);
  });

  it('names the zone of the definition before the one of the tenant', () => {
    const ir = { schedule: { cron: '0 9 * * *' }, timezone: 'Asia/Tokyo' };
    expect(describeTrigger(ir, 'UTC')).toBe('Every day at 09:00 (Asia/Tokyo)');
  });
});
