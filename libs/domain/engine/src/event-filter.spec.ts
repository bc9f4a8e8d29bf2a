import { describe, expect, it } from '@jest/globals';
import type { IrEventFilter } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { compileEventTest } from './event-filter.js';

const event = {
  specversion: '1.0',
  id: '1',
  source: 'https://shop.example/orders',
  type: 'com.example.order.placed',
  data: { id: 'o-1', total: 250, tags: ['new'] },
};

const literal = (value: Json) => ({ kind: 'literal', value }) as const;
const jq = (source: string) => ({ kind: 'expression', source }) as const;

describe('an event filter', () => {
  it.each<[string, IrEventFilter['with'], boolean]>([
    ['an equal attribute', [['type', literal('com.example.order.placed')]], true],
    ['another value', [['type', literal('com.example.order')]], false],
    ['an attribute that is not there', [['subject', literal('x')]], false],
    ['an expression that holds', [['data', jq('.total > 200')]], true],
    ['an expression that does not', [['data', jq('.total > 300')]], false],
    ['an expression that fails', [['data', jq('.total | keys')]], false],
    ['an expression over a text', [['source', jq('startswith("https://shop.")')]], true],
    ['equal data', [['data', literal({ tags: ['new'], total: 250, id: 'o-1' })]], true],
    ['a part of the data only', [['data', literal({ id: 'o-1' })]], false],
    [
      'members with expressions, and others that do not matter',
      [['data', { kind: 'object', entries: [['total', jq('. >= 250')]] }]],
      true,
    ],
    [
      'a list with an expression',
      [
        [
          'data',
          { kind: 'object', entries: [['tags', { kind: 'array', items: [jq('length == 3')] }]] },
        ],
      ],
      true,
    ],
    [
      'a text around an expression',
      [['type', { kind: 'text', parts: ['com.example.', { source: '"order.placed"' }] }]],
      true,
    ],
    [
      'all of them',
      [
        ['type', literal('com.example.order.placed')],
        ['id', literal('2')],
      ],
      false,
    ],
    ['a name that everything has', [['constructor', literal(null)]], true],
  ])('with %s', (_case, wanted, passes) => {
    const test = compileEventTest({ with: wanted });
    expect(test.ok && test.value(event, { now: 0 })).toBe(passes);
  });

  it('that does not compile says why', () => {
    expect(compileEventTest({ with: [['data', jq('.a |')]] })).toMatchObject({ ok: false });
  });
});
