import { describe, expect, it } from '@jest/globals';
import type { Catalogue, Operation } from '@parley/contracts';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { LineIndex } from '../source/positions.js';
import { compileDefinition } from './compile.js';

const operation = (id: string, rest: Partial<Operation>): Operation => ({
  id,
  method: 'POST',
  path: `/${id}`,
  tags: [],
  deprecated: false,
  parameters: [],
  delivery: 'once',
  security: [],
  ...rest,
});

const catalogue: Catalogue = {
  connectors: [
    {
      name: 'orders',
      title: 'Orders',
      documentHash: 'h1',
      operations: [
        operation('confirmOrder', {
          path: '/orders/{orderId}/confirm',
          parameters: [
            { name: 'orderId', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'notify', in: 'query', required: false, schema: { type: 'boolean' } },
            { name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string' } },
          ],
          delivery: 'keyed',
          keyHeader: 'idempotency-key',
          body: {
            required: true,
            mediaType: 'application/json',
            schema: {
              type: 'object',
              required: ['quantity'],
              additionalProperties: false,
              properties: {
                quantity: { type: 'integer', minimum: 1 },
                channel: { enum: ['web', 'shop'] },
                lines: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['sku'],
                    properties: { sku: { type: 'string' } },
                  },
                },
              },
            },
          },
        }),
        operation('importOrders', {
          body: {
            required: true,
            mediaType: 'application/json',
            schema: { type: 'array', items: { type: 'string' } },
          },
        }),
        operation('listOrders', { method: 'GET', path: '/orders', delivery: 'safe' }),
      ],
    },
  ],
};

const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";

/** `«…»` marks where the one diagnostic must point. */
function found(marked: string) {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const source = marked.replace('«', '').replace('»', '');
  const { diagnostics } = compileDefinition(source, { catalogue });
  const lines = new LineIndex(source);
  return { source, diagnostics, range: { start: lines.position(start), end: lines.position(end) } };
}

const tasks = (text: string) => `${head}do:\n${text.replaceAll(/^/gm, '  ')}`;
const task = (text: string) => tasks(`- step:\n${text.replaceAll(/^/gm, '    ')}`);
const call = (text: string) => task(`call: connector\nwith:\n${text.replaceAll(/^/gm, '  ')}`);

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
    'PL1060',
    'a schedule after the end',
    `${head}schedule: { «after»: PT1H }\ndo: [{ a: { wait: PT1S } }]`,
  ],
  [
    'PL1060',
    'two schedules',
    `${head}schedule: { «cron»: 0 9 * * *, every: PT1H }\ndo: [{ a: { wait: PT1S } }]`,
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
  ['PL1060', 'listen', task('«listen»: { to: { any: [] } }')],
  ['PL1036', 'secrets', task('set: { a: "${ «$secrets».x }" }')],
  ['PL1060', 'a call of an agent', task('«call»: agent\nwith: { goal: help }')],
];

describe('one mistake, one diagnostic, at its place', () => {
  it.each(cases)('%s %s', (code, _, marked) => {
    const { diagnostics, range, source } = found(marked);
    expect(diagnostics.map((one) => [one.code, one.message])).toHaveLength(1);
    expect({ code: diagnostics[0]?.code, range: diagnostics[0]?.range, source }).toEqual({
      code,
      range,
      source,
    });
  });
});

describe('fixes', () => {
  const fixes: readonly (readonly [string, string])[] = [
    [task('call: http\n«wiht»: { method: get, endpoint: "https://a.example" }'), 'with'],
    [task('set: { a: «12345678901234567890» }'), "'12345678901234567890'"],
    [tasks('- a: { wait: PT1S }\n- «a»: { wait: PT1S }'), 'a2'],
    [task('wait: PT1S\nthen: «ende»'), 'end'],
    [task('wait: «90 seconds»'), 'PT1M30S'],
    [
      head.replace(' }', ', metadata: { timezone: «Berlin» } }') + 'do: [{ a: { wait: PT1S } }]',
      'Europe/Berlin',
    ],
    [
      call('connector: orders\noperation: confirmOrder\ninput: { «orderID»: a, quantity: 2 }'),
      'orderId',
    ],
  ];

  it.each(fixes)('%j → %s makes it valid', (marked, newText) => {
    const { diagnostics, source } = found(marked);
    const fix = diagnostics[0]?.fix;
    expect(fix?.newText).toBe(newText);
    if (fix === undefined) return;
    const lines = new LineIndex(source);
    const repaired =
      source.slice(0, lines.offset(fix.range.start)) +
      newText +
      source.slice(lines.offset(fix.range.end));
    expect(compileDefinition(repaired, { catalogue }).diagnostics).toEqual([]);
  });

  it('splits two tasks in one item', () => {
    const { diagnostics, source } = found(tasks('- a: { wait: PT1S }\n  «b»: { wait: PT1S }'));
    const fix = diagnostics[0]?.fix;
    const lines = new LineIndex(source);
    const repaired =
      fix &&
      source.slice(0, lines.offset(fix.range.start)) +
        fix.newText +
        source.slice(lines.offset(fix.range.end));
    expect(repaired && compileDefinition(repaired).diagnostics).toEqual([]);
  });
});

describe('limits', () => {
  it('refuses more than 1 MiB', () => {
    const { diagnostics } = compileDefinition(`# ${'x'.repeat(1_048_576)}`);
    expect(diagnostics.map((one) => one.code)).toEqual(['PL1002']);
  });

  it('takes 10,000 tasks and no more', () => {
    const list = (count: number) =>
      Array.from({ length: count }, (_, index) => `  - s${index}: { wait: PT1S }`).join('\n');
    expect(compileDefinition(`${head}do:\n${list(10_000)}`).valid).toBe(true);
    const over = compileDefinition(`${head}do:\n${list(10_001)}`);
    expect(over.diagnostics.map((one) => one.code)).toEqual(['PL1061']);
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(50_000)],
    [
      'indentation',
      Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ],
    ['question marks', '? '.repeat(20_000)],
    ['quotes', '"'.repeat(50_001)],
  ])('refuses hostile %s with one located error', (_, source) => {
    const { diagnostics } = compileDefinition(source);
    expect(diagnostics).toHaveLength(1);
    expect(['PL1001', 'PL1003', 'PL1007']).toContain(diagnostics[0]?.code);
  });
});
