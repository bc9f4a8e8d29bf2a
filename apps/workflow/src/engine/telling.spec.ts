import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '@parley/kernel';
import type { StimulusBody } from '@parley/engine';
import type { Hold } from '../replicas/partitions.js';
import { systemClock } from './clock.js';
import { Telling } from './telling.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** A run that takes whatever `refuses` has no error for. */
function runThat(refuses: (stimulus: StimulusBody) => Error | undefined) {
  const told: StimulusBody[] = [];
  const hold = { draining: false } as Hold;
  const telling = new Telling({
    take: (_runId, stimulus) => {
      told.push(stimulus);
      const error = refuses(stimulus);
      return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
    },
    holdOf: () => hold,
    onError: () => undefined,
    clock: systemClock,
  });
  return { told, telling };
}

const pass = (minutes: number) => jest.advanceTimersByTimeAsync(minutes * 60_000);
const tooLarge = new AppError('too-large', 'the data is too large or too deeply nested');

describe('a run that is told to go on', () => {
  it('is suspended and told why, when what it has to do can never be done', async () => {
    const { told, telling } = runThat(({ kind }) => (kind === 'continue' ? tooLarge : undefined));
    telling.tell('run_1', { kind: 'continue' });
    await pass(10);
    expect(told.map(({ kind }) => kind)).toEqual(['continue', 'continue', 'continue', 'suspend']);
    expect(told.at(-1)).toMatchObject({
      by: 'workflow',
      reason: expect.stringContaining('the data is too large or too deeply nested'),
    });
  });

  it('is told again and again when something else is in the way', async () => {
    let isAway = true;
    const away = new AppError('unavailable', 'the database is away');
    const { told, telling } = runThat(() => (isAway ? away : undefined));
    telling.tell('run_1', { kind: 'continue' });
    await pass(10);
    isAway = false;
    await pass(10);
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['continue']));
    expect(told.length).toBeGreaterThan(5);
    const { length } = told;
    await pass(10);
    expect(told).toHaveLength(length);
  });
});

it('an answer that cannot be kept fails its call at once', async () => {
  const { told, telling } = runThat(({ kind }) => (kind === 'completed' ? tooLarge : undefined));
  telling.tell('run_1', { kind: 'completed', occurrence: 'call', attempt: 2, output: 1 });
  await pass(1);
  expect(told).toMatchObject([
    { kind: 'completed' },
    { kind: 'failed', outcome: 'ambiguous', occurrence: 'call', attempt: 2 },
  ]);
});
