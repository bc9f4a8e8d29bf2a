import { describe, expect, it } from '@jest/globals';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { call, findingsIn, head, task, tasks } from './fixtures.js';

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
    'PL1048',
    'a method that is unusual',
    task('call: http\nwith: { method: «fetch», endpoint: "https://a.example" }'),
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
  [
    'PL1044',
    'an error type that is no URI',
    task('raise: { error: { type: «not found», status: 404 } }'),
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
  ['PL1040', 'a duration in words', task('wait: «5 minutes»')],
  [
    'PL1040',
    'a schedule like a hammer',
    `${head}schedule: { every: «PT0.1S» }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1041',
    'a cron expression with a wrong hour',
    `${head}schedule: { cron: 0 «25» * * * }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1041',
    'a cron expression with six fields',
    `${head}schedule: { cron: «0 0 9 * * 1» }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1041',
    'a day that does not exist',
    `${head}schedule: { cron: 0 9 «31» 2 * }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1042',
    'a city as time zone',
    `${head.replace(' }', ', metadata: { timezone: «Berlin» } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1043',
    'an old version',
    `${head.replace("'1.0.3'", "«'0.8.0'»")}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1044',
    'an address without scheme',
    task('call: http\nwith: { method: get, endpoint: «a.example/x» }'),
  ],
  [
    'PL1044',
    'an address with an open brace',
    task('call: http\nwith: { method: get, endpoint: «"https://a.example/{q"» }'),
  ],
  [
    'PL1045',
    'an unknown schema type',
    `${head}input: { schema: { document: { properties: { a: { type: «text» } } } } }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  ['PL1046', 'a month', task('wait: «P1M»')],
  ['PL1050', 'an unknown function', task('call: «htp»\nwith: {}')],
  ['PL1051', 'an unknown connector', call('connector: «order»\noperation: listOrders')],
  ['PL1052', 'an unknown operation', call('connector: orders\noperation: «confirmOrders»')],
  [
    'PL1053',
    'a missing parameter',
    call('connector: orders\noperation: confirmOrder\n«input»: { quantity: 2 }'),
  ],
  [
    'PL1053',
    'a missing body',
    task('call: connector\n«with»: { connector: orders, operation: importOrders }'),
  ],
  [
    'PL1054',
    'a misspelt input',
    call('connector: orders\noperation: confirmOrder\ninput: { «orderID»: a, quantity: 2 }'),
  ],
  [
    'PL1054',
    'a body where none is taken',
    call('connector: orders\noperation: listOrders\n«body»: { a: 1 }'),
  ],
  [
    'PL1055',
    'a text for a number',
    call('connector: orders\noperation: confirmOrder\ninput: { orderId: a, quantity: «many» }'),
  ],
  [
    'PL1055',
    'a text around an expression for a number',
    call(
      'connector: orders\noperation: confirmOrder\ninput: { orderId: a, quantity: «"x${ .n }"» }',
    ),
  ],
  [
    'PL1055',
    'a number that is too small',
    call('connector: orders\noperation: confirmOrder\ninput: { orderId: a, quantity: «0» }'),
  ],
  [
    'PL1055',
    'a word that is not among the values',
    call(
      'connector: orders\noperation: confirmOrder\ninput: { orderId: a, quantity: 1, channel: «phone» }',
    ),
  ],
  [
    'PL1055',
    'a misfit deep inside',
    call(
      'connector: orders\noperation: confirmOrder\ninput: { orderId: a, quantity: 1, lines: [{ sku: «7» }] }',
    ),
  ],
  [
    'PL1056',
    'a body member beside a body',
    call(
      'connector: orders\noperation: confirmOrder\ninput: { orderId: a, «quantity»: 1 }\nbody: { quantity: 1 }',
    ),
  ],
  ['PL1036', 'secrets', task('set: { a: "${ «$secrets».x }" }')],
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
    'PL1044',
    'an expression in an address, with spaces',
    task('call: http\nwith: { method: get, endpoint: «"https://a.example/${ .id }"» }'),
  ],
  [
    'PL1045',
    'a bound that is no number',
    task('input: { schema: { document: { minimum: «a» } } }\nwait: PT1S'),
  ],
  ['PL1045', 'a schema that is none', task('input: { schema: { document: «7» } }\nwait: PT1S')],
  [
    'PL1045',
    'a form that is no object',
    task('call: human\nwith: { title: t, assignee: { role: a }, form: { type: «array» } }'),
  ],
  ['PL1047', 'another expression language', `${head}evaluate: { language: «cel» }\ndo: []`],
  [
    'PL1049',
    'a duration of centuries',
    task('wait: { days: 1000000 }').replace('{ days: 1000000 }', '«{ days: 1000000 }»'),
  ],
  ['PL1062', 'an event without attributes', task('emit: { «event»: {} }')],
  [
    'PL1063',
    'a range that runs backwards',
    task('try: []\ncatch: { retry: { jitter: { from: PT5S, to: «PT1S» } } }'),
  ],
];

describe('one mistake, one diagnostic, at its place', () => {
  it.each(cases)('%s %s', (code, _, marked) => {
    const { diagnostics, range, source } = findingsIn(marked);
    expect(diagnostics.map((one) => [one.code, one.message])).toHaveLength(1);
    expect({ code: diagnostics[0]?.code, range: diagnostics[0]?.range, source }).toEqual({
      code,
      range,
      source,
    });
  });
});
