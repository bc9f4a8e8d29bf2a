import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { durationToMs, isoTime } from './durations.js';

describe('durations', () => {
  it.each([
    ['PT5M', 300_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['P2W', 1_209_600_000],
    ['PT0S', 0],
    [{ minutes: 1, milliseconds: 5 }, 60_005],
  ])('%j is %d ms', (value, ms) => {
    expect(durationToMs(value)).toBe(ms);
  });

  it.each<Json>([
    'P',
    'PT',
    'P1Y',
    'P1M',
    '5m',
    '-PT1S',
    'P1DT',
    7,
    null,
    {},
    { years: 1 },
    { days: -1 },
  ])('%j is no duration', (value) => {
    expect(durationToMs(value)).toBeUndefined();
  });

  it.each([0, 951_782_400_000, 1_709_164_800_123, 1_795_190_400_000, 4_102_444_799_999, -1])(
    'writes %d like RFC 3339',
    (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    },
  );
});
