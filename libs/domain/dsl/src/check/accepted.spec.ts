import { describe, expect, it } from '@jest/globals';
import { findingsOf, head, task, tasks } from './fixtures.js';

/** Right definitions that a stricter reader could take for wrong ones. */
const right: readonly (readonly [string, string])[] = [
  ['no tasks', `${head}do: []`],
  ['empty lists inside', task('fork: { branches: [] }')],
  ['any event', task('listen: { to: { any: [] } }')],
  ['events for ever', task('listen: { to: { any: [], until: "${ false }" } }\nforeach: {}')],
  ['free data', task('set: { a: 1, b: true, c: null, d: [1, {}], e: "" }')],
  ['data of one text', task('set: hello world')],
  [
    'a method in lower case',
    task('call: http\nwith: { method: get, endpoint: "https://a.example" }'),
  ],
  [
    'a computed method',
    task('call: http\nwith: { method: "${ .m }", endpoint: "https://a.example" }'),
  ],
  [
    'a template of many levels',
    task('call: http\nwith: { method: get, endpoint: "https://a.example{/a,b}{?c*}" }'),
  ],
  [
    'an address that begins with a template',
    task('call: http\nwith: { method: get, endpoint: "{+base}/x" }'),
  ],
  [
    'an expression in an address',
    task('call: http\nwith: { method: get, endpoint: "https://a.example/${.id}" }'),
  ],
  ['fractions of seconds', task('wait: PT0.25S')],
  ['a duration of nothing', task('wait: { seconds: 0 }')],
  ['a computed duration', task('wait: "${ .time }"')],
  ['a computed delay', task('try: []\ncatch: { retry: { delay: "${ .time }" } }')],
  [
    'anything in metadata and tags',
    `${head.replace(' }', ', tags: { a: [1] }, metadata: { b: "${ broken" } }')}do: []`,
  ],
  [
    'anything in a backoff',
    task('try: []\ncatch: { retry: { backoff: { constant: { a: "${" } } } }'),
  ],
  [
    'anything beside a scheme that is declared',
    `${head}use: { authentications: { a: { basic: { username: a, password: b }, note: 1 } } }\ndo: []`,
  ],
  [
    'anything beside the attributes of an event',
    task('emit: { event: { with: { type: a, "my": 1 }, note: 1 } }'),
  ],
  [
    'anything in a call of MCP',
    task(
      'call: mcp\nwith: { method: tools/list, note: 1, transport: { stdio: { command: a, b: 1 }, c: 1 } }',
    ),
  ],
  [
    'anything in a filter of errors',
    task('try: []\ncatch: { errors: { with: { code: 1 }, note: 1 } }'),
  ],
  [
    'a negative number of messages',
    task(
      'call: asyncapi\nwith: { document: { endpoint: "{x}" }, channel: a, subscription: { consume: { amount: -1 } } }',
    ),
  ],
  [
    'arguments of a function',
    `${head}use: { functions: { f: { set: { a: 1 } } } }\ndo: [{ s: { call: f, with: { anything: [1] } } }]`,
  ],
  [
    'a function that hides one of the platform',
    `${head}use: { functions: { human: { set: { a: 1 } } } }\ndo: [{ s: { call: human, with: { anything: 1 } } }]`,
  ],
  [
    'a platform function with its catalog',
    task('call: human:1.0.0@default\nwith: { title: t, assignee: { role: r } }'),
  ],
  ['a function that nobody uses', `${head}use: { functions: { f: { wait: PT1S } } }\ndo: []`],
  [
    'a policy that nobody uses',
    `${head}use: { retries: { r: { when: $error.a == $other.b } } }\ndo: []`,
  ],
  [
    'a policy that sees the error of its handler',
    `${head}use: { retries: { r: { when: $e.status == 503 } } }\ndo: [{ a: { try: [], catch: { as: e, retry: r } } }]`,
  ],
  [
    'a token of the item',
    `${head}use: { authentications: { a: { bearer: { token: "\${ $item.token }" } } } }\ndo: [{ l: { for: { in: .x }, do: [{ c: { call: http, with: { method: get, endpoint: { uri: "https://a.example", authentication: { use: a } } } } }] } }]`,
  ],
  [
    'a declared secret',
    `${head}use: { secrets: [key] }\ninput: { from: { key: "\${ $secrets.key }", rest: "\${ . }" } }\ndo: [{ a: { input: { from: $secrets.key }, wait: PT1S } }]`,
  ],
  [
    'texts in loose mode',
    `${head}evaluate: { mode: loose }\ndo: [{ a: { set: { b: just some text, c: ".a +", d: $nothing } } }]`,
  ],
  [
    'variables of a map',
    task('call: map\nwith: { in: .a, each: x, do: [{ a: { set: { b: "${ $x + $index }" } } }] }'),
  ],
  [
    'variables of a subscription',
    task(
      'call: asyncapi\nwith: { document: { endpoint: "{x}" }, channel: a, subscription: { consume: { amount: 1 }, foreach: { item: m, do: [{ a: { set: { b: "${ $m }" } } }] } } }',
    ),
  ],
  [
    'an error in its handler',
    task(
      'try: []\ncatch: { as: e, when: $e.status == 1, do: [{ a: { set: { b: "${ $e }" } } }], then: exit }',
    ),
  ],
  [
    'a way back that has a condition',
    tasks('- a: { wait: PT1S }\n- b: { if: .again, wait: PT1S, then: a }'),
  ],
  [
    'a way back from which a case leads away',
    tasks('- a: { wait: PT1S }\n- b: { switch: [{ x: { when: .x, then: a } }] }'),
  ],
  [
    'listening for ever',
    tasks('- a: { listen: { to: { one: { with: { type: t } } } } }\n- b: { wait: PT1S, then: a }'),
  ],
  [
    'a loop that an error ends',
    tasks('- a: { do: [{ x: { if: .bad, raise: { error: { type: t, status: 1 } } } }], then: a }'),
  ],
  [
    'a task that only a handler leads to',
    tasks('- a: { try: [], catch: { then: c }, then: end }\n- c: { wait: PT1S }'),
  ],
  [
    'a task behind a condition',
    tasks('- a: { if: .x, wait: PT1S, then: end }\n- b: { wait: PT1S }'),
  ],
];

describe('what is right is not refused', () => {
  it.each(right)('%s', (_, source) => {
    expect(findingsOf(source)).toEqual([]);
  });
});
