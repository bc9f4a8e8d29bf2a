import type { Ir } from '@parley/ir';
import { buildIr, type Tasks, type TaskSpec } from './ir-builder.js';
import type { Random } from './random.js';

const depthMax = 3;

/** A workflow of any shape whose output depends on its input alone, not on what happens when. */
export function randomWorkflow(random: Random): Ir {
  return buildIr(randomTasks(random));
}

/** The tasks of such a workflow. */
export function randomTasks(random: Random): Tasks {
  return tasks(random, 0);
}

function tasks(random: Random, depth: number): Tasks {
  const count = 1 + random.below(3);
  const list = Array.from({ length: count }, (_, index): [string, TaskSpec][] => {
    const made = task(random, depth);
    if (made.call === undefined || random.chance(0.5)) return [[`t${index}`, made]];
    return [
      [`u${index}`, undoing(random)],
      [`t${index}`, { ...made, compensate: `u${index}` }],
    ];
  });
  return Object.fromEntries(list.flat());
}

function undoing(random: Random): TaskSpec {
  const undo: TaskSpec = { call: 'connector', with: { of: '${ .input }', got: '${ .output }' } };
  return random.chance(0.5) ? undo : { do: { look: { set: '${ . }' }, pause: { wait: 5 }, undo } };
}

function task(random: Random, depth: number): TaskSpec {
  const shape = random.below(depth < depthMax ? 12 : 6);
  switch (shape) {
    case 0:
      return { wait: random.below(300) };
    case 1:
      return { set: '${ { n: .n, set: (. | tostring | length) } }', export: '${ .n }' };
    case 2:
      return { call: 'human', with: { title: 'Ok?' }, as: '${ $input + { said: .decision } }' };
    case 3:
      return { if: `(.n // 0) > ${random.below(6)}`, ...call(random) };
    case 4:
      return call(random);
    case 5:
      return { emit: { type: 'com.example.seen', data: '${ .n }' }, aside: true };
    case 6:
      return {
        do: tasks(random, depth + 1),
        ...(random.chance(0.3) ? { with: { n: '${ .n }' } } : {}),
        as: '${ . | if type == "object" then . else { n: 1 } end }',
      };
    case 7:
      return {
        for: { in: `[range(${random.below(4)})]` },
        do: tasks(random, depth + 1),
      };
    case 8:
      return { fork: branches(random, depth), as: '${ { n: length, all: . } }' };
    case 9:
      return {
        map: { in: `[range(${random.below(4)})]` },
        do: { each: withoutExport(random, depth) },
        ...(random.chance(0.5) ? { concurrency: 1 + random.below(2), onError: 'collect' } : {}),
        as: '${ { n: length, all: . } }',
      };
    case 10:
      return flaky(random, depth);
    default:
      return {
        try: {
          ...tasks(random, depth + 1),
          broken: { raise: { type: 'https://x/y', status: 418 } },
        },
        catch: { as: 'e', do: { note: { set: '${ { n: $e.status } }' } } },
      };
  }
}

function call(random: Random): TaskSpec {
  return {
    call: 'connector',
    with: { n: '${ .n }', context: '${ $context }' },
    delivery: random.chance(0.5) ? 'keyed' : 'idempotent',
    as: '${ { n: (($input.n // 0) + 1), got: (.answer.context // "none") } }',
  };
}

function branches(random: Random, depth: number): Tasks {
  const count = 1 + random.below(3);
  // Branches do not export: which of them did so last would depend on timing.
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`b${index}`, withoutExport(random, depth)]),
  );
}

function withoutExport(random: Random, depth: number): TaskSpec {
  return random.chance(0.5)
    ? { call: 'connector', with: { n: '${ .n }' }, as: '${ { n: (.answer.n // 0) } }' }
    : {
        do: {
          pause: { wait: random.below(200) },
          ask: { call: 'human', with: { title: `Level ${depth}` }, as: '${ $input }' },
        },
      };
}

/** A body that fails twice at its end and is retried as a whole. */
function flaky(random: Random, depth: number): TaskSpec {
  return {
    try: {
      ...tasks(random, Math.max(depth + 1, depthMax)),
      shaky: {
        call: 'connector',
        with: { failures: 2, refuse: random.chance(0.5) },
        as: '${ $input }',
      },
    },
    catch: { retry: { delayMs: random.below(50), backoff: 'linear' } },
  };
}
