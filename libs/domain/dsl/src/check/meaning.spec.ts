import { describe, expect, it } from '@jest/globals';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { call, head, lone, task, tasks } from './fixtures.js';

const cases: readonly (readonly [DiagnosticCode, string, string])[] = [
  ['PL1020', 'a repeated name', tasks('- a: { wait: PT1S }\n- «a»: { wait: PT1S }')],
  [
    'PL1029',
    'a repeated case',
    task('switch:\n  - a: { when: .x, then: end }\n  - «a»: { then: exit }'),
  ],
  ['PL1021', 'an unknown target', task('wait: PT1S\nthen: «nowhere»')],
  [
    'PL1021',
    'a target outside of the list',
    tasks('- a: { do: [{ b: { wait: PT1S, then: «c» } }] }\n- c: { wait: PT1S }'),
  ],
  ['PL1021', 'an unknown target of a case', task('switch: [{ a: { when: .x, then: «stepp» } }]')],
  [
    'PL1022',
    'a branch that goes to another',
    task('fork:\n  branches:\n    - a: { wait: PT1S, then: «b» }\n    - b: { wait: PT1S }'),
  ],
  ['PL1023', 'a reserved name', tasks('- «end»: { wait: PT1S }')],
  [
    'PL1024',
    'an undeclared policy',
    task('try: [{ a: { wait: PT1S } }]\ncatch: { retry: «usual» }'),
  ],
  ['PL1030', 'broken jq', task('set:\n  a: ${ .a + «»}').replace(' «»}', '«» }')],
  ['PL1030', 'an empty expression', task('if: "${ «»}"\nwait: PT1S')],
  ['PL1031', 'an unknown variable', task("set:\n  a: 'it''s ${ «$inptu».a }'")],
  ['PL1031', 'an error variable outside of its handler', task('if: «$error» != null\nwait: PT1S')],
  ['PL1031', 'a variable in a folded text', task('if: >-\n  .a\n  and «$b»\nwait: PT1S')],
  [
    'PL1031',
    'a variable behind escapes',
    task('if: "\\x2ea == \\"\\u00e9\\" and «$b»"\nwait: PT1S'),
  ],
  ['PL1032', 'an unknown function', task('set: { a: "${ .a | «lenght» }" }')],
  ['PL1033', 'the environment', task('set: { a: "${ «env» }" }')],
  ['PL1034', 'an unclosed expression', task('set: { a: "so «${ .a"» }')],
  ['PL1035', 'a computed operation', call('connector: orders\noperation: «${ .op }»')],
  [
    'PL1035',
    'a computed schedule',
    `${head}schedule: { every: «"\${ .x }"» }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  ['PL1036', 'secrets', task('set: { a: "${ «$secrets».x }" }')],
  ['PL1021', 'a target of a handler', task('try: []\ncatch: { then: «nowhere» }')],
  [
    'PL1021',
    'a target that several tasks miss, once',
    tasks('- a: { wait: PT1S, then: «c» }\n- b: { wait: PT1S, then: c }'),
  ],
  [
    'PL1021',
    'a target of a function',
    `${head}use: { functions: { f: { wait: PT1S, then: «f» } } }\ndo: []`,
  ],
  ['PL1024', 'an undeclared secret', task('input: { from: "${ «$secrets».key }" }\nwait: PT1S')],
  [
    'PL1024',
    'an undeclared secret of an authentication',
    `${head}use: { secrets: [key], authentications: { a: { bearer: { use: «kye» } } } }\ndo: []`,
  ],
  [
    'PL1024',
    'an undeclared authentication',
    task(
      'call: openapi\nwith: { document: { endpoint: "{x}" }, operationId: a, authentication: { use: «a» } }',
    ),
  ],
  ['PL1024', 'an undeclared error', task('raise: { error: «gone» }')],
  ['PL1024', 'an undeclared catalog', task('call: «log:1.0.0@global»')],
  ['PL1024', 'an undeclared timeout of the workflow', `${head}timeout: «short»\ndo: []`],
  [
    'PL1026',
    'functions in a circle',
    `${head}use: { functions: { a: { call: b }, b: { do: [{ c: { call: «a» } }] } } }\ndo: []`,
  ],
  [
    'PL1027',
    'a task behind a raised error',
    tasks('- a: { raise: { error: { type: a, status: 1 } } }\n- «b»: { wait: PT1S }'),
  ],
  [
    'PL1027',
    'tasks behind the last case',
    tasks('- a: { switch: [{ x: { then: end } }] }\n- «b»: { wait: PT1S }\n- c: { wait: PT1S }'),
  ],
  [
    'PL1027',
    'a case behind one that always holds',
    task('switch: [{ a: { then: exit } }, { «b»: { when: .x, then: end } }]'),
  ],
  [
    'PL1028',
    'a loop without a way out',
    tasks('- a: { wait: PT1S }\n- b: { switch: [{ x: { when: .x, then: «a» } }], then: a }'),
  ],
  ['PL1031', 'an output where there is none', task('if: «$output».a\nwait: PT1S')],
  [
    'PL1031',
    'a variable that is missed twice, once',
    task('set: { a: "${ «$x».a }", b: "${ $x.b }" }'),
  ],
  [
    'PL1031',
    'the variable of a handler in what it handles',
    task('try: [{ a: { if: «$error», wait: PT1S } }]\ncatch: {}'),
  ],
  [
    'PL1031',
    'another name for the error of a policy',
    `${head}use: { retries: { r: { when: «$error».a } } }\ndo: [{ a: { try: [], catch: { as: e, retry: r } } }]`,
  ],
  [
    'PL1031',
    'the context in a schedule',
    `${head}schedule: { on: { one: { with: { type: a, data: "\${ «$context».a }" } } } }\ndo: []`,
  ],
  ['PL1035', 'a computed function', task('call: «${ .f }»')],
  [
    'PL1035',
    'a computed filter of errors',
    task('try: []\ncatch: { errors: { with: { type: «"${ .a }"» } } }'),
  ],
  [
    'PL1036',
    'a secret in the output',
    task('wait: PT1S\noutput: { as: «$secrets».key }').replace(
      'do:',
      'use: { secrets: [key] }\ndo:',
    ),
  ],
  [
    'PL1031',
    'the input in a timeout of the workflow',
    `${head}timeout: t\nuse: { timeouts: { t: { after: "\${ «$input».t }" } } }\ndo: []`,
  ],
];

describe('names, flow and expressions: one mistake, one diagnostic, at its place', () => {
  it.each(cases)('%s %s', (code, _, marked) => {
    const { found, expected } = lone(code, marked);
    expect(found).toEqual(expected);
  });
});
