import type { Ir } from '@parley/ir';
import { buildIr, type Tasks } from './ir-builder.js';

const call = (name: string, more: Record<string, number | boolean | string> = {}) =>
  ({ call: 'connector', with: { name, ...more } }) as const;

const retried = (tasks: Tasks) => ({
  try: tasks,
  catch: {
    retry: { delayMs: 50, backoff: 'exponential' as const, jitter: { fromMs: 0, toMs: 20 } },
  },
});

/** Workflows whose output does not depend on timing, so every history must end the same way. */
export const workflows: Readonly<Record<string, Ir>> = {
  sequence: buildIr({
    first: call('first'),
    keep: { set: { first: '${ .answer.name }' }, export: '${ . }' },
    second: { ...call('second'), as: '${ { second: .answer.name, first: $context.first } }' },
  }),
  retries: buildIr({
    flaky: retried({
      before: { ...call('before'), as: '${ $input }' },
      down: { ...call('down', { failures: 2 }), as: '${ { down: .answer.name } }' },
    }),
    refused: retried({ sent: call('sent', { failures: 1, refuse: true }) }),
  }),
  loop: buildIr({
    each: {
      for: { in: '[range(.n)]' },
      do: {
        tell: {
          call: 'connector',
          with: { name: 'tell', item: '${ $item }' },
          as: '${ $input + { sum: (($input.sum // 0) + .answer.item) } }',
        },
      },
    },
    again: { switch: { more: { when: '.sum < 6', then: 'each' } } },
  }),
  fork: buildIr({
    all: {
      fork: {
        calls: { do: { a: call('a'), b: call('b') } },
        waits: { do: { pause: { wait: 200, timeout: 10_000 }, c: call('c') } },
        asks: {
          do: {
            ask: {
              call: 'human',
              with: { title: 'Ok?', assignee: { role: 'chef' } },
              as: '${ .decision }',
            },
          },
        },
        shaky: retried({ d: call('d', { failures: 1 }) }),
      },
    },
  }),
  race: buildIr({
    race: {
      compete: true,
      fork: { fast: { set: { won: 'fast' } }, slow: call('slow') },
    },
    rest: { wait: 100, timeout: 5_000 },
    spin: { set: { n: '${ (.n // 0) + 1 }' } },
    more: { switch: { more: { when: '.n < 12', then: 'spin' } } },
    last: { ...call('last'), as: '${ .answer.name }' },
  }),
  repaired: buildIr({
    all: {
      fork: {
        broken: { do: { a: call('a'), refused: call('refused', { broken: 2 }) } },
        beside: {
          do: { pause: { wait: 100 }, b: call('b'), ask: { call: 'human' } },
          as: '${ .decision }',
        },
      },
    },
    last: { ...call('last', { broken: 1 }), as: '${ [$input, .answer.name] }' },
  }),
  events: buildIr({
    each: {
      for: { in: [1, 2, 3] },
      do: {
        told: {
          emit: { type: 'com.example.told', subject: '${ $workflow.id }', data: '${ $item }' },
          as: '${ .data }',
        },
        heard: { ...call('heard'), as: '${ .answer.name }' },
      },
    },
    flaky: retried({
      trying: { emit: { type: 'com.example.trying' }, aside: true },
      down: { ...call('down', { failures: 2 }), as: '${ .answer.name }' },
    }),
    ended: { emit: { type: 'com.example.ended', time: '2026-01-01T00:00:00Z' }, as: '${ .type }' },
  }),
  handlers: buildIr({
    safe: {
      try: { bad: call('bad', { failures: 1, refuse: true }) },
      catch: {
        as: 'e',
        do: { note: { ...call('note'), as: '${ { n: $e.status } }' } },
        then: 'elsewhere',
      },
    },
    never: { set: { never: true } },
    elsewhere: {
      do: { twice: { set: '${ .n * 2 }' } },
      with: { n: '${ .n }' },
      as: '${ { twice: . } }',
    },
    limited: {
      try: {
        beside: { ...call('beside'), aside: true },
        slow: { switch: { first: { when: '$task.name == "slow"', then: 'exit' } } },
      },
      catch: { retry: { attemptDurationMsMax: 60_000 } },
    },
  }),
  repairedMap: buildIr({
    all: {
      map: { in: '[range(.n)]' },
      concurrency: 2,
      do: {
        pause: { wait: 30 },
        a: { ...call('a', { item: '${ $item }', broken: 1 }), as: '${ .answer.item }' },
        told: { emit: { type: 'com.example.told', data: '${ . }' }, as: '${ .data }' },
      },
    },
    last: { ...call('last', { broken: 1 }), as: '${ [$input, .answer.name] }' },
  }),
  map: buildIr({
    all: {
      map: { in: '[range(.n)]' },
      concurrency: 2,
      do: {
        tell: { ...call('tell', { item: '${ $item }' }), as: '${ { item: .answer.item } }' },
        shaky: retried({ d: { ...call('d', { failures: 1 }), as: '${ $input.item }' } }),
      },
    },
    some: {
      map: { in: [1, 2, 3], each: 'x' },
      onError: 'collect',
      do: {
        pause: { wait: 50 },
        odd: { if: '$x == 2', ...call('odd', { failures: 1, refuse: true }) },
        named: { set: '${ $x }' },
      },
      as: '${ map(.output // .error.status) }',
    },
    last: { ...call('last'), as: '${ $input }' },
  }),
  timeout: buildIr({
    safe: {
      try: { slow: { timeout: 100, do: { long: { wait: 100_000 } } } },
      catch: { as: 'late', do: { note: { set: { late: '${ $late.status }' } } } },
    },
    after: { ...call('after'), as: '${ $input }' },
  }),
};

/** A call that must not be repeated: a crash in flight may end in the handler. */
export const onceWorkflow: Ir = buildIr({
  safe: {
    try: { post: { ...call('post'), delivery: 'once', as: '${ { sent: true } }' } },
    catch: { as: 'problem', do: { note: { set: { unknown: '${ $problem.type }' } } } },
  },
  after: { ...call('after'), as: '${ $input }' },
});
