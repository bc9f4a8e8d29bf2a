import { describe, expect, it } from '@jest/globals';
import { parseDefinition } from '../source/parse.js';
import { catalogAddress, rawAddress } from './addresses.js';
import { externalsOf } from './externals.js';
import type { Json } from '@parley/kernel';
import type { Lock, LockedExternal } from './lock.js';

const source = `
input: { schema: { resource: { endpoint: https://a.example/input.json } } }
use:
  catalogs:
    shop: { endpoint: { uri: https://github.com/shop/functions/tree/main } }
    computed: { endpoint: '\${ .catalog }' }
  functions:
    own: { call: openapi, with: { document: { endpoint: https://a.example/api.json }, operationId: get } }
  extensions:
    - log: { extend: all, before: [{ tell: { call: 'log:1.0.0@shop' } }] }
do:
  - data: { set: { call: openapi, with: { document: { endpoint: https://a.example/data.json } } } }
  - computed: { call: 'log:1.0.0@computed' }
  - dynamic: { call: openapi, with: { document: { endpoint: '\${ .url }' }, operationId: get } }
  - nested:
      fork:
        branches:
          - each:
              for: { in: .items }
              do:
                - caught:
                    try: [{ a: { call: grpc, with: { proto: { endpoint: https://a.example/a.proto } } } }]
                    catch: { do: [{ b: { call: a2a, with: { agentCard: { endpoint: https://a.example/card.json } } } }] }
  - listening:
      listen: { to: { any: [] } }
      foreach:
        do: [{ run: { run: { script: { language: js, source: { endpoint: https://a.example/a.js } } } } }]
        output: { schema: { resource: { endpoint: https://a.example/output.json } } }
  - subscribed:
      call: asyncapi
      with:
        document: { endpoint: https://a.example/events.json }
        subscription: { foreach: { do: [{ c: { call: https://a.example/functions/c/1.0.0/function.yaml } }] } }
  - mapped: { call: map, with: { in: .x, do: [{ d: { call: own } }, { e: { call: human, with: { title: x } } }] } }
`;

function listed(text: string, lock?: Lock): string[] {
  const { root } = parseDefinition(text);
  if (root === undefined) throw new Error('unreadable');
  return externalsOf(root, lock).map(({ kind, uri, pointer, span }) => {
    const written = text.slice(span.start, span.end);
    return `${kind} ${uri} ${pointer} ${written === uri ? '' : written}`.trim();
  });
}

describe('externalsOf', () => {
  it('finds every document, where it is named, in the order of the text', () => {
    expect(listed(source)).toEqual([
      'schema https://a.example/input.json /input/schema/resource/endpoint',
      'openapi https://a.example/api.json /use/functions/own/with/document/endpoint',
      "function https://raw.githubusercontent.com/shop/functions/refs/heads/main/functions/log/1.0.0/function.yaml /use/extensions/0/log/before/0/tell/call 'log:1.0.0@shop'",
      'proto https://a.example/a.proto /do/3/nested/fork/branches/0/each/do/0/caught/try/0/a/with/proto/endpoint',
      'agent-card https://a.example/card.json /do/3/nested/fork/branches/0/each/do/0/caught/catch/do/0/b/with/agentCard/endpoint',
      'script https://a.example/a.js /do/4/listening/foreach/do/0/run/run/script/source/endpoint',
      'schema https://a.example/output.json /do/4/listening/foreach/output/schema/resource/endpoint',
      'asyncapi https://a.example/events.json /do/5/subscribed/with/document/endpoint',
      'function https://a.example/functions/c/1.0.0/function.yaml /do/5/subscribed/with/subscription/foreach/do/0/c/call',
    ]);
  });

  it('finds what locked functions need, at their calls, and ends', () => {
    const [a, b] = ['https://a.example/a.yaml', 'https://a.example/b.yaml'];
    const sha256 = '0'.repeat(64);
    const script = {
      run: { script: { language: 'js', source: { endpoint: 'https://a.example/x.js' } } },
    };
    const content: Json = { do: [{ other: { call: b } }, { script }] };
    const externals: LockedExternal[] = [
      { kind: 'function', uri: a, sha256, content },
      { kind: 'function', uri: b, sha256, content: { do: [{ again: { call: a } }] } },
    ];
    const text = `do: [{ first: { call: ${a} } }, { second: { call: ${a} } }]`;
    expect(listed(text, { externals })).toEqual([
      `function ${a} /do/0/first/call`,
      `function ${b} /do/0/first/call ${a}`,
      `script https://a.example/x.js /do/0/first/call ${a}`,
      `function ${a} /do/1/second/call`,
    ]);
  });

  it.each([
    'a text',
    '[]',
    '{}',
    'do: 1',
    'do: [1, [], { a: 1 }, { b: { call: {}, with: [] } }]',
    'use: []',
  ])('bears %s', (text) => {
    expect(listed(text)).toEqual([]);
  });
});

describe('addresses', () => {
  it.each([
    [
      'https://github.com/a/b/tree/main/x/y.yaml',
      'https://raw.githubusercontent.com/a/b/refs/heads/main/x/y.yaml',
    ],
    [
      'https://github.com/a/b/blob/0123456789012345678901234567890123456789/y.yaml',
      'https://raw.githubusercontent.com/a/b/0123456789012345678901234567890123456789/y.yaml',
    ],
    ['https://gitlab.com/a/b/c/-/tree/main/y.yaml', 'https://gitlab.com/a/b/c/-/raw/main/y.yaml'],
    ['https://a.example/tree/main/y.yaml', 'https://a.example/tree/main/y.yaml'],
  ])('%s is the file %s', (page, file) => {
    expect(rawAddress(page)).toBe(file);
  });

  it('of catalogs may be those of a whole repository', () => {
    expect(catalogAddress('https://github.com/a/b', 'log', '1.0.0')).toBe(
      'https://raw.githubusercontent.com/a/b/HEAD/functions/log/1.0.0/function.yaml',
    );
    expect(catalogAddress('https://a.example/', 'log', '1.0.0')).toBe(
      'https://a.example/functions/log/1.0.0/function.yaml',
    );
  });
});
