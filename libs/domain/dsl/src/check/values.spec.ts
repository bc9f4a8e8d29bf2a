import { describe, expect, it } from '@jest/globals';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { call, head, lone, task } from './fixtures.js';

const cases: readonly (readonly [DiagnosticCode, string, string])[] = [
  [
    'PL1048',
    'a method that is unusual',
    task('call: http\nwith: { method: «fetch», endpoint: "https://a.example" }'),
  ],
  [
    'PL1044',
    'an error type that is no URI',
    task('raise: { error: { type: «not found», status: 404 } }'),
  ],
  ...["'-v'", 'dir:/etc', 'alpine:3:4', 'Not an image'].map(
    (image) =>
      ['PL1013', `an image ${image}`, task(`run: { container: { image: «${image}» } }`)] as const,
  ),
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
    'PL1064',
    'a schedule that gives no input',
    `${head}input: { schema: { document: { required: [scheduledAt, id] } } }\n«schedule»: { cron: 0 9 * * * }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1042',
    'a city as time zone',
    `${head.replace(' }', ', metadata: { timezone: «Berlin» } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1013',
    'a policy of a schedule that does not exist',
    `${head.replace(' }', ', metadata: { schedule: { overlap: «forbid» } } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1011',
    'a policy of a schedule with a slip',
    `${head.replace(' }', ', metadata: { schedule: { «misssed»: skip } } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1012',
    'a policy of a schedule that is no word',
    `${head.replace(' }', ', metadata: { schedule: { missed: «true» } } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1013',
    'a priority that does not exist',
    `${head.replace(' }', ', metadata: { priority: «urgent» } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1013',
    'a history that does not exist',
    `${head.replace(' }', ', metadata: { history: «quick» } }')}do: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1012',
    'a priority that is no word',
    `${head.replace(' }', ', metadata: { priority: «1» } }')}do: [{ a: { wait: PT1S } }]`,
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

describe('values and calls: one mistake, one diagnostic, at its place', () => {
  it.each(cases)('%s %s', (code, _, marked) => {
    const { found, expected } = lone(code, marked);
    expect(found).toEqual(expected);
  });
});
