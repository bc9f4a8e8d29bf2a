import { describe, expect, it } from '@jest/globals';
import { errorTypes } from './errors.js';
import { Timeline, timeline } from './timeline.js';
import { buildIr, MockFailure, runInMemory } from './testing/index.js';

const down = new MockFailure({ type: errorTypes.communication, status: 503, title: 'Down' });

describe('timeline', () => {
  it('shows the attempts of one step as one row', () => {
    const ir = buildIr({
      safe: {
        try: { send: { call: 'http', with: { x: 1 } } },
        catch: { retry: { delayMs: 10, attemptsMax: 2 } },
      },
    });
    const http = (_: unknown, { attempt }: { attempt: number }) => (attempt < 3 ? down : { ok: 1 });
    const { steps } = runInMemory(ir, { now: 100, handlers: { http } });
    expect(steps.map(({ id, status }) => [id, status])).toEqual([
      ['do/safe', 'completed'],
      ['do/safe/try/send', 'completed'],
    ]);
    expect(steps[1]).toMatchObject({
      name: 'send',
      kind: 'call',
      parent: 'do/safe',
      startedAt: 100,
      endedAt: 120,
      attempts: [
        { attempt: 1, startedAt: 100, endedAt: 100, error: { title: 'Down' } },
        { attempt: 2, startedAt: 110, endedAt: 110, error: { title: 'Down' } },
        { attempt: 3, startedAt: 120, endedAt: 120 },
      ],
      call: { function: 'http', args: { x: 1 } },
      output: { ok: 1 },
    });
  });

  it('says who decided, which case was taken, and what was skipped', () => {
    const ir = buildIr({
      ask: { call: 'human', with: { title: 'Ok?' } },
      pick: { switch: { yes: { when: '.approved', then: 'skip' } } },
      skip: { if: 'false', set: { never: true } },
    });
    const { steps } = runInMemory(ir);
    expect(steps).toMatchObject([
      { status: 'completed', decidedBy: 'dry-run' },
      { status: 'completed', case: 'yes' },
      { status: 'skipped' },
    ]);
  });

  it('fails what an error passed through and cancels what ran beside it', () => {
    const ir = buildIr({
      safe: {
        try: { all: { fork: { bad: { do: { send: { call: 'http' } } }, slow: { wait: 1_000 } } } },
        catch: {},
      },
      last: { set: { ok: true } },
    });
    const { steps } = runInMemory(ir, { handlers: { http: () => down } });
    expect(steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'safe completed',
      'all failed',
      'bad failed',
      'send failed',
      'slow cancelled',
      'last completed',
    ]);
  });

  it('can be followed: only what changed, and the same rows in the end', () => {
    const ir = buildIr({ a: { set: { n: 1 } }, wait: { wait: 10 }, b: { set: { n: 2 } } });
    const { entries } = runInMemory(ir);
    const followed = new Timeline();
    const batches = entries.map((entry) => {
      followed.apply(entry);
      return followed.takeChanged().map(({ name, status }) => `${name} ${status}`);
    });
    expect(batches.filter((batch) => batch.length > 0)).toEqual([
      ['a completed'],
      ['wait waiting'],
      ['wait waiting'],
      ['wait completed'],
      ['b completed'],
    ]);
    expect(followed.steps()).toEqual(timeline(entries));
  });
});
