import { describe, expect, it } from '@jest/globals';
import { assert as holds, jsonValue, property, string, array } from 'fast-check';
import { canonicalJson, jsonEquals, makeId, parseId, storableJson, type Json } from './index.js';

const zeros = (count: number) => new Uint8Array(count);

describe('ids', () => {
  it('sort by the time they were made', () => {
    const earlier = makeId('run', 1_700_000_000_000, zeros);
    const later = makeId('run', 1_700_000_000_001, zeros);
    expect(earlier < later).toBe(true);
    expect(earlier).toMatch(/^run_[0-9a-z]{26}$/);
  });

  it('are refused when they are of another kind', () => {
    const id = makeId('run', 1, zeros);
    expect(parseId('run', id).ok).toBe(true);
    expect(parseId('draft', id)).toEqual({ ok: false, error: expect.stringContaining('drf_') });
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, but on that of items', () => {
    expect(canonicalJson({ b: 1, a: [2, { d: null, c: 'x' }] })).toBe(
      '{"a":[2,{"c":"x","d":null}],"b":1}',
    );
    expect(jsonEquals({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(jsonEquals([1, 2], [2, 1])).toBe(false);
  });

  it('is what JSON.stringify writes of a value whose keys are sorted', () => {
    const sorted = (value: Json): string => {
      if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
      if (typeof value !== 'object' || value === null) return JSON.stringify(value);
      const members = Object.keys(value).sort();
      return `{${members.map((key) => `${JSON.stringify(key)}:${sorted(value[key]!)}`).join(',')}}`;
    };
    const texts = array(string({ unit: 'binary' }), { maxLength: 30 });
    holds(
      property(jsonValue(), texts, (value, names) => {
        const wide = Object.fromEntries(names.map((name, index) => [name, index])) as Json;
        const whole = [value as Json, wide, { '\ud800': '\udc00"\n', a: undefined as never }];
        expect(canonicalJson(whole)).toBe(
          `[${sorted(value as Json)},${sorted(wide)},{"\\ud800":"\\udc00\\"\\n"}]`,
        );
      }),
    );
  });

  it('sorts keys as texts, also those that JavaScript would put elsewhere', () => {
    expect(canonicalJson({ b: { '9': 1, '10': 2, '#': 3 }, a: 4 })).toBe(
      '{"a":4,"b":{"#":3,"10":2,"9":1}}',
    );
    expect(canonicalJson({ b: 1, a: undefined as never, '1': [2] })).toBe('{"1":[2],"b":1}');
  });

  it('can be made storable without touching anything else', () => {
    const storable = (value: unknown) => JSON.parse(storableJson(JSON.stringify(value))) as unknown;
    expect(storable({ 'k\0': ['a\0b', '\ud800', 'x\udfff'] })).toEqual({
      'k\ufffd': ['a\ufffdb', '\ufffd', 'x\ufffd'],
    });
    const kept = ['\\u0000', '\\\\ud800', '\u{1f600}', '"\n\u0001', 'C:\\ud8ff'];
    expect(storable(kept)).toEqual(kept);
  });

  it('keeps __proto__ as an ordinary key', () => {
    const value = JSON.parse('{"__proto__": 1}') as never;
    expect(canonicalJson(value)).toBe('{"__proto__":1}');
  });
});
