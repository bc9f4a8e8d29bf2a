import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  fold,
  initialState,
  timeline,
  type Entry,
  type RunState,
  type Step,
} from '../src/index.js';
import { errorTypes } from '../src/errors.js';
import { buildIr, MockFailure, runInMemory } from '../src/testing/index.js';

/** A journal as it was once written. Never edited: what is released must fold for ever. */
interface History {
  readonly entries: readonly Entry[];
  readonly state: RunState;
  readonly steps: readonly Step[];
}

const folder = join(import.meta.dirname, 'histories');

/** Recorded once with UPDATE_GOLDEN=1; a new behaviour gets a new name. */
const recordings: Readonly<Record<string, () => History>> = {
  'first-release': recordFirstRelease,
  'whole-language': recordWholeLanguage,
};

describe('recorded histories', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') recordMissing();

  it.each(readdirSync(folder))('%s folds to the state that it had', (file) => {
    const history = JSON.parse(readFileSync(join(folder, file), 'utf8')) as History;
    expect(JSON.parse(JSON.stringify(fold(initialState(), history.entries)))).toEqual(
      history.state,
    );
    expect(JSON.parse(JSON.stringify(timeline(history.entries)))).toEqual(history.steps);
  });

  it.each(readdirSync(folder))('%s: its end tells of steps what all of it tells', (file) => {
    const { entries, steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as History;
    const whole = new Map(steps.map((step) => [step.id, step]));
    for (let cut = 0; cut <= entries.length; cut += 1) {
      const before = fold(initialState(), entries.slice(0, cut));
      const late = timeline(entries.slice(cut), before);
      const told = new Set(late.map(({ id }) => id));
      for (const { id } of timeline(entries.slice(cut))) expect(told).toContain(id);
      for (const { id, kind, name, parent, status, output, endedAt } of late) {
        const { attempts: _attempts, ...step } = whole.get(id)!;
        expect(step).toMatchObject({ kind, name, parent, status });
        expect([output, endedAt]).toEqual([step.output, step.endedAt]);
      }
    }
  });

  it('is there for every recording', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(recordings)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });
});

function recordMissing(): void {
  const present = readdirSync(folder);
  for (const [name, record] of Object.entries(recordings)) {
    if (present.includes(`${name}.json`)) continue;
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(record(), null, 1)}\n`);
  }
}

/** What the language brought: events, functions, maps, limits of attempts, handlers that lead on. */
function recordWholeLanguage(): History {
  const ir = buildIr({
    tell: { emit: { type: 'com.example.told', data: '${ .n }' }, aside: true },
    function: {
      do: { twice: { set: '${ .n * 2 }' } },
      with: { n: '${ .n }' },
      as: '${ { n: . } }',
    },
    safe: {
      try: {
        find: {
          call: 'openapi',
          with: { parameters: { id: '${ .n }' } },
          basic: { username: 'ada', password: 'p' },
          request: {
            documentHash: 'h',
            operation: 'find',
            method: 'GET',
            address: 'https://pets.example/{id}',
            parameters: [{ name: 'id', in: 'path', required: true, explode: false }],
          },
        },
      },
      catch: {
        retry: { delayMs: 5, attemptsMax: 1, attemptDurationMsMax: 1_000 },
        do: { note: { set: '${ $error.status }' } },
        then: 'some',
      },
    },
    never: { set: { never: true } },
    some: {
      map: { in: '[1, 2, 3]' },
      concurrency: 2,
      onError: 'collect',
      do: { odd: { if: '$item == 2', raise: { type: 'https://example.com/odd', status: 418 } } },
    },
    open: { map: { in: '[1, 2]' }, do: { ask: { call: 'human', with: { title: '${ $item }' } } } },
  });
  const failure = new MockFailure({ type: errorTypes.communication, status: 503, title: 'Down' });
  const { entries, state, steps } = runInMemory(ir, {
    input: { n: 3 },
    now: 1_000,
    handlers: { openapi: () => failure, human: () => undefined },
  });
  return { entries, state, steps };
}

/** Something of every kind of task, with a retry, a handler and an open approval at the end. */
function recordFirstRelease(): History {
  const ir = buildIr({
    keep: { set: { list: '${ .list }' }, export: '${ . }' },
    each: {
      for: { in: '.list' },
      do: {
        skip: { if: 'false', set: {} },
        tell: { call: 'connector', with: { n: '${ $item }' } },
      },
    },
    safe: {
      try: { send: { call: 'http', with: { x: 1 } } },
      catch: { retry: { delayMs: 5, attemptsMax: 1 }, do: { note: { set: { gave: 'up' } } } },
    },
    race: {
      compete: true,
      fork: { wait: { wait: 50, timeout: 500 }, call: { call: 'connector' } },
    },
    pick: { switch: { yes: { when: 'true', then: 'inner' } } },
    never: { raise: { type: 'https://example.com/never', status: 500 } },
    inner: {
      do: { ask: { call: 'human', with: { title: 'Ok?', due: 'PT1H' } } },
      timeout: 7_200_000,
    },
  });
  const failure = new MockFailure({ type: errorTypes.communication, status: 503, title: 'Down' });
  const { entries, state, steps } = runInMemory(ir, {
    input: { list: ['a', 'b'] },
    now: 1_000,
    handlers: { connector: (args) => ({ got: args }), http: () => failure, human: () => undefined },
    turnsMax: 7,
  });
  return { entries, state, steps };
}
