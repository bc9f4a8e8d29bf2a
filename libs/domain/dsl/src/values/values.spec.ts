import { describe, expect, it } from '@jest/globals';
import { templateProblem } from './address.js';
import { parseCron } from './cron.js';
import { describeDuration, durationMsMax, formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['PT5M', 300_000, '5 minutes'],
    ['P1DT2H', 93_600_000, '1 day 2 hours'],
    ['P2W', 1_209_600_000, '14 days'],
    ['PT0.5S', 500, '500 milliseconds'],
    ['PT0S', 0, '0 seconds'],
    ['P1Y', 31_536_000_000, '365 days'],
  ])('%s', (text, ms, words) => {
    const parsed = parseDuration(text);
    expect(parsed.ok && parsed.value.ms).toBe(ms);
    expect(describeDuration(ms)).toBe(words);
    const again = parseDuration(formatDuration(ms));
    expect(again.ok && again.value.ms).toBe(ms);
  });

  it.each(['P', 'PT', '5M', 'PT5', 'P1H', 'pt5m', '', 'P-1D'])('refuses %j', (text) => {
    expect(parseDuration(text).ok).toBe(false);
  });

  it('cuts what is longer than 100 years', () => {
    const parsed = parseDuration('P101Y');
    expect(parsed.ok && parsed.value).toEqual({ ms: durationMsMax, calendar: true, cut: true });
  });
});

describe('cron', () => {
  it('reads lists, ranges, steps and names', () => {
    const parsed = parseCron('*/20,7 9-17/4 1,15 jan-mar mon-fri');
    expect(parsed.ok && parsed.value).toEqual({
      minutes: [0, 7, 20, 40],
      hours: [9, 13, 17],
      daysOfMonth: [1, 15],
      months: [1, 2, 3],
      daysOfWeek: [1, 2, 3, 4, 5],
      eitherDay: true,
    });
  });

  it('knows Sunday as 0 and 7', () => {
    const parsed = parseCron('0 0 * * 7');
    expect(parsed.ok && parsed.value.daysOfWeek).toEqual([0]);
  });

  it.each([
    ['0 9 * *', 0],
    ['60 9 * * *', 0],
    ['0 9-8 * * *', 2],
    ['0 9 * * mon-xyz', 8],
    ['0 9 * */0 *', 6],
    ['@daily', 0],
    ['0 9 L * *', 4],
  ])('refuses %j at %i', (text, offset) => {
    const parsed = parseCron(text);
    expect(parsed.ok ? undefined : parsed.error.offset).toBe(offset);
  });
});

describe('templates in addresses', () => {
  it.each([
    'https://a.example/x',
    '/a/{b}/c{d}',
    'https://a.example{/area,shop}/orders{?page,size*}{&more}{#part:3}',
    '{+base}/x',
    '/{a.b}/{c-d}/{%20e}',
  ])('%s', (text) => {
    expect(templateProblem(text)).toBeUndefined();
  });

  it.each(['{}', '{a', 'a}', '{a b}', '{a,}', '{?}', '{a{b}}', '{=a}'])('refuses %j', (text) => {
    expect(templateProblem(text)).toBeDefined();
  });
});
