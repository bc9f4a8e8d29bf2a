import { describe, expect, it } from '@jest/globals';
import { durationText } from './duration';

describe('durationText', () => {
  it.each([
    [0, '0 ms', '0 s'],
    [999, '999 ms', '0 s'],
    [1_540, '1.5 s', '1 s'],
    [60_000, '1 min', '1 min'],
    [125_400, '2 min 5 s', '2 min 5 s'],
    [3_600_000, '1 h', '1 h'],
    [3_725_000, '1 h 2 min', '1 h 2 min'],
    [90_000_000, '1 d 1 h', '1 d 1 h'],
  ])('%i ms', (ms, ended, running) => {
    expect(durationText(ms)).toBe(ended);
    expect(durationText(ms, { isRunning: true })).toBe(running);
  });
});
