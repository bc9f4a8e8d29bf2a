import { describe, expect, it } from '@jest/globals';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { head, lone, task, tasks } from './fixtures.js';

const cases: readonly (readonly [DiagnosticCode, string, string])[] = [
  ['PL1001', 'unclosed', 'do: [«»'],
  ['PL1003', 'deep brackets', `do: ${'['.repeat(100)}«[»`],
  ['PL1004', 'a repeated key', task('set:\n  a: 1\n  «a»: 2')],
  ['PL1005', 'an anchor', task('set: &x «{ a: 1 }»')],
  ['PL1005', 'an alias', task('set: { a: «*x» }')],
  ['PL1005', 'a merge key', task('set: { «<<»: { a: 1 } }')],
  ['PL1006', 'nothing', '«»'],
  ['PL1006', 'two documents', `${head}do: [{ a: { wait: PT1S } }]\n«»---\na: 1`],
  ['PL1007', 'not a number', task('set: { a: «.nan» }')],
  ['PL1008', 'a long number', task('set: { a: «12345678901234567890» }')],
  ['PL1010', 'no with', tasks('- «step»:\n    call: http')],
  ['PL1010', 'no endpoint', task('call: http\n«with»: { method: get }')],
  [
    'PL1011',
    'a misspelt member',
    task('call: http\n«wiht»: { method: get, endpoint: "https://a.example" }'),
  ],
  [
    'PL1011',
    'a misspelt required member',
    task('call: http\nwith: { method: get, «endpont»: "https://a.example" }'),
  ],
  ['PL1011', 'a foreign member', task('set: { a: 1 }\n«foo»: bar')],
  [
    'PL1012',
    'a wrong type',
    task('fork:\n  compete: «maybe»\n  branches: [{ a: { wait: PT1S } }]'),
  ],
  [
    'PL1012',
    'a number as header',
    task('call: http\nwith: { method: get, endpoint: "https://a.example", headers: { n: «1» } }'),
  ],
  [
    'PL1012',
    'an inline item that is no object',
    task('for: { in: [«red»] }\ndo: [{ a: { wait: PT1S } }]'),
  ],
  [
    'PL1013',
    'a dollar sign in a variable name',
    task('for: { each: «$item», in: .items }\ndo: [{ a: { set: { b: "${ $item }" } } }]'),
  ],
  [
    'PL1013',
    'a version that is none',
    `${head.replace('0.1.0', '«v1»')}do: [{ a: { wait: PT1S } }]`,
  ],
  ['PL1010', 'several missing members', task('call: http\n«with»: {}')],
  ['PL1011', 'an object of something else', task('call: http\nwith: { «a»: 1 }')],
  [
    'PL1013',
    'a broken loop variable, and nothing inside',
    task('for: { each: «7 up», in: .x }\ndo: [{ a: { set: { b: "${ $up }" } } }]'),
  ],
  ['PL1014', 'no keyword', tasks('- «step»: { if: .ok }')],
  ['PL1014', 'a misspelt keyword', tasks('- step: { «swich»: [] }')],
  ['PL1015', 'two keywords', task('set: { a: 1 }\n«wait»: PT1S')],
  ['PL1016', 'two tasks in one item', tasks('- a: { wait: PT1S }\n  «b»: { wait: PT1S }')],
  ['PL1017', 'an empty set', task('«set»: {}')],
  [
    'PL1018',
    'two assignees',
    task('call: human\nwith: { title: t, assignee: { role: a, «member»: b } }'),
  ],
  [
    'PL1018',
    'two backoffs',
    task(
      'try: [{ a: { wait: PT1S } }]\ncatch: { retry: { backoff: { linear: {}, «constant»: {} } } }',
    ),
  ],
  ['PL1009', 'a member that a definition does not have', `${head}«ouput»: { as: .a }\ndo: []`],
  [
    'PL1010',
    'a handler without what it handles',
    task('«try»: []').replace('«try»', 'try').replace('- step', '- «step»'),
  ],
  [
    'PL1010',
    'a filter without attributes',
    task('listen: { to: { one: «{» correlate: { a: { from: .a } } } } }').replace(
      'one: «{»',
      '«one»: {',
    ),
  ],
  [
    'PL1010',
    'a container that is kept for no time',
    task('run: { container: { image: a, «lifetime»: { cleanup: eventually } } }'),
  ],
  [
    'PL1011',
    'a member one level too high',
    task('call: http\n«method»: get\nwith: { endpoint: "https://a.example" }'),
  ],
  [
    'PL1011',
    'a member one level too deep',
    task(
      'call: http\nwith: { method: get, endpoint: { uri: "https://a.example", «headers»: {} } }',
    ),
  ],
  [
    'PL1011',
    'a value under the name of another member',
    task('call: http\nwith: { «output»: get, endpoint: "https://a.example" }'),
  ],
  ['PL1011', 'nothing of what it may have', task('run: { «a»: 1, b: 2 }')],
  [
    'PL1011',
    'a misspelt scheme',
    task(
      'call: http\nwith: { method: get, endpoint: { uri: "https://a.example", authentication: { «baerer»: { token: a } } } }',
    ),
  ],
  [
    'PL1011',
    'a misspelt use',
    `${head}«uses»: { retries: { r: { delay: PT1S } } }\ndo: [{ a: { try: [], catch: { retry: r } } }, { b: { try: [], catch: { retry: r } } }]`,
  ],
  ['PL1012', 'a secret that is no name', `${head}use: { secrets: [«1»] }\ndo: []`],
  ['PL1012', 'an extension that is no list', `${head}use: { extensions: «{}» }\ndo: []`],
  [
    'PL1013',
    'a protocol that AsyncAPI does not have',
    task(
      'call: asyncapi\nwith: { document: { endpoint: "{x}" }, operation: o, protocol: «kafak», message: {} }',
    ),
  ],
  [
    'PL1013',
    'a port that is too high',
    task(
      'call: grpc\nwith: { proto: { endpoint: "{x}" }, service: { name: a, host: b, port: «70000» }, method: c }',
    ),
  ],
  [
    'PL1013',
    'a bare expression where `${ }` is needed',
    task(
      'call: asyncapi\nwith: { document: { endpoint: "{x}" }, operation: o, subscription: { filter: «.a», consume: { amount: 1 } } }',
    ),
  ],
  [
    'PL1013',
    'a method that cannot be one',
    task('call: http\nwith: { method: «get it», endpoint: "https://a.example" }'),
  ],
  [
    'PL1013',
    'a time that is none',
    task('emit: { event: { with: { type: a, time: «yesterday» } } }'),
  ],
  [
    'PL1013',
    'an instance that is no pointer',
    task('raise: { error: { type: a, status: 1, instance: «here» } }'),
  ],
  [
    'PL1014',
    'another keyword for a call',
    task('«do»: http\nwith: { method: get, endpoint: "https://a.example" }'),
  ],
  ['PL1014', 'another keyword for what it says', task('«run»: { event: { with: { type: a } } }')],
  [
    'PL1015',
    'an unfitting second keyword',
    task('«fork»: { from: .a }\nrun: { shell: { command: ls } }'),
  ],
  ['PL1017', 'an empty filter', task('try: []\ncatch: { errors: { «with»: {} } }')],
  [
    'PL1017',
    'an empty secret',
    task(
      'call: http\nwith: { method: get, endpoint: { uri: "https://a.example", authentication: { basic: { «use»: "" } } } }',
    ),
  ],
  [
    'PL1018',
    'two processes',
    task('run: { shell: { command: ls }, «script»: { language: js, code: a } }'),
  ],
  ['PL1018', 'no process', task('«run»: { await: true }')],
  [
    'PL1018',
    'a secret beside properties',
    task(
      'call: http\nwith: { method: get, endpoint: { uri: "https://a.example", authentication: { basic: { use: a, «username»: b } } } }\n',
    ).replace('do:', 'use: { secrets: [a] }\ndo:'),
  ],
  ['PL1018', 'neither agent card nor server', task('call: a2a\n«with»: { method: message/send }')],
  [
    'PL1019',
    'until without any',
    task('listen: { to: { one: { with: { type: a } }, «until»: .a } }'),
  ],
  [
    'PL1019',
    'a container that is removed at once and kept',
    task('run: { container: { image: a, lifetime: { cleanup: always, «after»: PT1H } } }'),
  ],
];

describe('shape: one mistake, one diagnostic, at its place', () => {
  it.each(cases)('%s %s', (code, _, marked) => {
    const { found, expected } = lone(code, marked);
    expect(found).toEqual(expected);
  });
});
