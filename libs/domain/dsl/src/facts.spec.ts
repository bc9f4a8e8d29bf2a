import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { costOf, dataFlowOf, factsOf, topologyOf, type Ir } from '@parley/ir';
import { compileDefinition } from './compile/compile.js';

/** The IR of a list of tasks. */
function compiled(tasks: string): Ir {
  const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\ndo:\n";
  const lines = tasks.trim().split('\n');
  const { ir, diagnostics } = compileDefinition(head + lines.map((line) => `  ${line}\n`).join(''));
  if (ir === undefined) throw new Error(JSON.stringify(diagnostics));
  return ir;
}

const get = '{ call: http, with: { method: get, endpoint: https://a.example } }';

describe('dataFlowOf', () => {
  const flowOf = (task: string) => dataFlowOf(compiled(`- a: ${task}`))['do/a'];
  it.each([
    [
      "{ set: { x: '${ .b.c }', y: '${ $context.k }' } }",
      { input: [['b', 'c']], context: [['k']] },
    ],
    ["{ set: { x: '${ .b + .b.c }' } }", { input: [['b']] }],
    ["{ set: { x: '${ . }' } }", { input: [[]] }],
    ["{ set: { x: '${ $input.q }' } }", { input: [['q']] }],
    [
      "{ set: { x: '${ $task.input.q }' } }",
      { input: [['q']], variables: { task: [['input', 'q']] } },
    ],
    ["{ input: { from: '${ .order }' }, set: { x: '${ .id }' } }", { input: [['order']] }],
    ['{ if: .go, wait: PT1S }', { input: [['go']] }],
    ["{ wait: PT1S, output: { as: '${ .done }' } }", { input: [['done']] }],
    ["{ set: { x: 1 }, output: { as: '${ .x }' } }", { output: [['x']] }],
    ["{ set: { x: 1 }, export: { as: '${ $output.x }' } }", { output: [['x']] }],
    ["{ set: { x: 1 }, export: { as: '${ $context + { k: .x } }' } }", { output: [['x']] }],
    ["{ set: { x: 1 }, export: { as: '${ $context | .k = 1 }' } }", { context: [[]] }],
    [
      "{ for: { each: i, in: '${ .list }' }, do: [{ b: { set: { x: '${ $i }' } } }] }",
      { input: [['list']] },
    ],
    ["{ set: { x: '${ [.list[] | .a] | length }' } }", { input: [['list']] }],
  ])('%s reads', (task, reads) => {
    const none = { input: [], context: [], output: [], variables: {} };
    expect(flowOf(task)?.reads).toEqual({ ...none, ...reads });
  });

  it.each([
    ['{ set: { x: 1 } }', { output: 'new', context: [], variables: [] }],
    ['{ wait: PT1S }', { output: 'input', context: [], variables: [] }],
    ["{ wait: PT1S, input: { from: '${ .a }' } }", { output: 'new', context: [], variables: [] }],
    ["{ set: { x: 1 }, export: { as: '${ { k: .x } }' } }", { output: 'new', context: [[]] }],
    [
      "{ set: { x: 1 }, export: { as: '${ $context + { k: .x, l: 1 } }' } }",
      { context: [['k'], ['l']] },
    ],
    ["{ set: { x: 1 }, export: { as: { k: '${ .x }' } } }", { context: [[]] }],
    [
      '{ for: { each: i, at: n, in: [{}] }, do: [{ b: { wait: PT1S } }] }',
      { output: 'inner', variables: ['i', 'n'] },
    ],
    ["{ raise: { error: { type: 'https://a.example/x', status: 400 } } }", { output: 'none' }],
  ])('%s writes', (task, writes) => {
    expect(flowOf(task)?.writes).toMatchObject(writes);
  });
});

describe('topologyOf', () => {
  const dependencies = (tasks: string, by: 'control' | 'data') =>
    topologyOf(compiled(tasks))
      .dependencies.filter((one) => one.by === by)
      .map(({ task, on, via }) => `${task} < ${on}${via === undefined ? '' : ` (${via})`}`);

  it('follows control into and out of lists, cases and handlers', () => {
    const tasks = `
- decide: { switch: [{ yes: { when: .a, then: last } }, { no: { then: mid } }] }
- mid: { try: [{ call: ${get} }], catch: { do: [{ tell: { set: { x: 1 } } }] } }
- last: { fork: { branches: [{ one: { wait: PT1S } }, { two: { wait: PT1S } }] } }
`;
    expect(dependencies(tasks, 'control')).toEqual([
      'do/last < do/decide',
      'do/mid < do/decide',
      'do/last < do/mid',
      'do/mid/try/call < do/mid',
      'do/mid/catch/do/tell < do/mid',
      'do/last/fork/branches/one < do/last',
      'do/last/fork/branches/two < do/last',
    ]);
  });

  it.each([
    [
      'a value from step to step, past those that hand it on',
      `
- a: { set: { x: 1 } }
- pause: { wait: PT1S }
- b: { set: { y: '\${ .x }' } }`,
      ['do/b < do/a (input)'],
    ],
    [
      'nothing where nothing is read',
      `
- a: ${get}
- b: ${get}`,
      [],
    ],
    [
      'a member of the context, from its last writers only',
      `
- a: { set: { x: 1 }, export: { as: '\${ $context + { k: .x } }' } }
- b: { set: { x: 2 }, export: { as: '\${ $context + { k: .x } }' } }
- c: { set: { x: 3 }, export: { as: '\${ $context + { l: .x } }' } }
- d: { set: { y: '\${ $context.k }' } }`,
      ['do/d < do/b (context)'],
    ],
    [
      'both writers when one may be skipped',
      `
- a: { set: { x: 1 }, export: { as: '\${ $context + { k: .x } }' } }
- b: { if: $context.z, set: { x: 2 }, export: { as: '\${ $context + { k: .x } }' } }
- d: { set: { y: '\${ $context.k }' } }`,
      ['do/b < do/a (input)', 'do/d < do/a (context)', 'do/d < do/b (context)'],
    ],
    [
      'what a loop writes in one round, in the next',
      `
- loop:
    for: { each: item, in: '\${ .items }' }
    do:
      - read: { set: { y: '\${ $context.k }' } }
      - write: { set: { x: '\${ $item }' }, export: { as: '\${ $context + { k: .x } }' } }`,
      [
        'do/loop < do/loop/do/write (input)',
        'do/loop/do/read < do/loop/do/write (context)',
        'do/loop/do/write < do/loop (variable)',
      ],
    ],
    [
      'what was written before an error, in its handler',
      `
- t:
    try:
      - a: { set: { x: 1 }, export: { as: '\${ $context + { k: .x } }' } }
      - b: ${get}
    catch: { do: [{ h: { set: { y: '\${ $context.k }', e: '\${ $error.status }' } } }] }`,
      ['do/t/catch/do/h < do/t/try/a (context)', 'do/t/catch/do/h < do/t (variable)'],
    ],
    [
      'what a task has made for a list inside it',
      `
- a: { set: { x: 1 }, export: { as: '\${ $context + { k: .x } }' } }
- g: { input: { from: '\${ { y: $context.k } }' }, do: [{ b: { set: { z: '\${ .y }' } } }] }`,
      ['do/g < do/a (context)', 'do/g/do/b < do/g (input)'],
    ],
    [
      'the branches of a fork, for the fork',
      `
- f: { fork: { branches: [{ one: ${get} }, { two: ${get} }] } }
- g: { set: { y: '\${ .[0] }' } }`,
      [
        'do/f < do/f/fork/branches/one (input)',
        'do/f < do/f/fork/branches/two (input)',
        'do/g < do/f (input)',
      ],
    ],
  ])('finds by data %s', (_, tasks, expected) => {
    expect(dependencies(tasks, 'data').sort()).toEqual([...expected].sort());
  });

  it('finds the ways with most steps and with most waiting', () => {
    const { longestPath, criticalPath, fanOut } = topologyOf(
      compiled(`
- decide: { switch: [{ yes: { when: .a, then: slow } }, { no: { then: many } }] }
- many: { do: [{ a: ${get} }, { b: ${get} }], then: end }
- slow: { wait: PT5M }
- both: { fork: { branches: [{ one: { wait: PT1S } }, { two: { wait: PT2S } }] }, then: end }
`),
    );
    expect(longestPath).toEqual({
      tasks: ['do/decide', 'do/slow', 'do/both', 'do/both/fork/branches/two'],
      steps: 4,
      waitMs: 302_000,
      repeats: false,
    });
    expect(criticalPath).toEqual(longestPath);
    expect(fanOut['do/decide']).toEqual({ next: 2, parallel: 1 });
    expect(fanOut['do/both']).toEqual({ next: 0, parallel: 2 });
  });
});

describe('costOf', () => {
  const amounts = (tasks: string) => {
    const cost = costOf(compiled(tasks));
    return Object.fromEntries(
      Object.entries(cost).map(([name, { min, formula }]) => [name, `${String(min)}..${formula}`]),
    );
  };
  it.each([
    [
      'a list',
      `- a: ${get}\n- b: { wait: PT2S }`,
      { tasks: '2..2', calls: '1..1', waitMs: '2000..2000' },
    ],
    [
      'a condition',
      `- a: { if: .x, call: http, with: { method: get, endpoint: https://a.example } }`,
      { calls: '0..1' },
    ],
    [
      'a decision',
      `
- d: { switch: [{ yes: { when: .a, then: b } }, { no: { then: end } }] }
- b: ${get}`,
      { tasks: '1..2', calls: '0..1' },
    ],
    [
      'a loop over a list',
      `- l: { for: { in: [{}, {}, {}] }, do: [{ a: ${get} }] }`,
      { tasks: '4..4', calls: '3..3' },
    ],
    [
      'loops over data',
      `
- l:
    for: { each: x, in: .xs }
    do:
      - m: { for: { each: y, in: .ys }, do: [{ a: ${get} }] }
      - b: ${get}`,
      { calls: '0..items(do/l) × items(do/l/do/m) + items(do/l)' },
    ],
    [
      'retries',
      `- t: { try: [{ a: ${get} }], catch: { retry: { limit: { attempt: { count: 3 } } } } }`,
      { calls: '1..4' },
    ],
    [
      'retries without a limit',
      `- t: { try: [{ a: ${get} }], catch: { retry: { delay: PT1S } } }`,
      { calls: '1..unbounded' },
    ],
    [
      'a jump backwards',
      `
- a: ${get}
- d: { switch: [{ again: { when: .x, then: a } }, { no: { then: end } }] }`,
      { calls: '1..unbounded', waits: '0..0' },
    ],
    [
      'branches side by side',
      '- f: { fork: { branches: [{ one: { wait: PT1S } }, { two: { wait: PT2S } }] } }',
      { waits: '2..2', waitMs: '2000..2000' },
    ],
    [
      'branches that compete',
      '- f: { fork: { compete: true, branches: [{ one: { wait: PT1S } }, { two: { wait: PT2S } }] } }',
      { waits: '1..2', waitMs: '1000..2000' },
    ],
    [
      'an end inside',
      `
- g: { do: [{ stop: { if: .x, set: { a: 1 }, then: end } }] }
- a: ${get}`,
      { calls: '0..1' },
    ],
    [
      'an error that is always raised and handled',
      `
- t:
    try:
      - r: { raise: { error: { type: 'https://a.example/x', status: 400 } } }
      - a: ${get}
    catch: { do: [{ h: { wait: PT1S } }] }`,
      { waits: '1..1' },
    ],
    [
      'a question',
      '- q: { call: human, with: { title: Ok, assignee: { role: manager } } }',
      { asks: '1..1', calls: '0..0' },
    ],
  ])('%s', (_, tasks, expected) => {
    expect(amounts(tasks)).toMatchObject(expected);
  });
});

describe('facts of many tasks', () => {
  it('take time in proportion', () => {
    const step = (at: number) =>
      `- s${String(at)}: { set: { x: '\${ .x + $context.k${String(at - 1)} }' }, export: { as: '\${ $context + { k${String(at)}: .x } }' } }`;
    const ir = compiled(Array.from({ length: 1_000 }, (_, at) => step(at)).join('\n'));
    const { dependencies, longestPath, complete } = topologyOf(ir);
    expect(longestPath.steps).toBe(1_000);
    expect(complete).toBe(true);
    expect(dependencies).toHaveLength(3 * 999);
    expect(costOf(ir).tasks).toEqual({ min: 1_000, max: 1_000, formula: '1000' });
  });
});

describe('golden facts', () => {
  const goldens = join(import.meta.dirname, '../goldens');
  it.each(['order', 'control-flow', 'resilience'])('%s', (name) => {
    const { ir } = compileDefinition(readFileSync(join(goldens, `${name}.yaml`), 'utf8'));
    if (ir === undefined) throw new Error('the golden does not compile');
    const file = join(goldens, `${name}.facts.json`);
    const actual = `${JSON.stringify(factsOf(ir), null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, actual);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(actual));
  });
});
