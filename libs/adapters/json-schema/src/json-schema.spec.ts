import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { JsonSchema, schemaCheck, schemaLimits } from './json-schema.js';

const faultsOf = (schema: Json, value: Json) => new JsonSchema(schema).faultsOf(value);

describe('a schema', () => {
  it('tells its faults place by place', () => {
    const check = schemaCheck({ required: ['a', 'b'], properties: { c: { minItems: 1 } } });
    expect(check.ok && check.value({ c: [] })).toBe(
      "must have required property 'a' and must have required property 'b'; /c must NOT have fewer than 1 items",
    );
  });

  it('names all faults of a small value, one of a large one', () => {
    const texts = { items: { type: 'string' } };
    expect(faultsOf(texts, [1, 'a', 2]).map(({ pointer }) => pointer)).toEqual(['/0', '/2']);
    expect(
      faultsOf(
        texts,
        Array.from({ length: 5_000 }, () => 1),
      ),
    ).toEqual([{ pointer: '/0', message: 'must be string' }]);
  });

  it('may refer to itself', () => {
    const tree = { type: 'object', properties: { child: { $ref: '#' } } };
    expect(faultsOf(tree, { child: { child: {} } })).toEqual([]);
    expect(faultsOf(tree, { child: { child: 1 } })).toMatchObject([{ pointer: '/child/child' }]);
  });

  it('takes no memory for the faults of many parts', () => {
    const parts = Array.from({ length: 500 }, () => ({ items: { type: 'string' } }));
    const value = Array.from({ length: 200_000 }, () => 1);
    expect(faultsOf({ allOf: parts }, value)).toHaveLength(1);
  });
});

describe('a check ends', () => {
  const tooLong = [{ pointer: '', message: expect.stringMatching(/longer than 1 s.*simplify/) }];
  const tooDeep = [{ pointer: '', message: expect.stringMatching(/refers to itself/) }];

  it('whatever the pattern', () => {
    const value = `${'a'.repeat(40)}!`;
    expect(faultsOf({ pattern: '^(a+)+$' }, value)).toEqual(tooLong);
    expect(faultsOf({ patternProperties: { '^(a+)+$': {} } }, { [value]: 1 })).toEqual(tooLong);
    expect(faultsOf({ pattern: '^(a+)+$' }, 'aaa')).toEqual([]);
  });

  it('whatever has to be compared', () => {
    const value = Array.from({ length: 100_000 }, (_, n) => ({ n: [n] }));
    expect(faultsOf({ uniqueItems: true }, value)).toEqual(tooLong);
  });

  it('whatever the schema refers to', () => {
    expect(faultsOf({ allOf: [{ $ref: '#' }] }, 1)).toEqual(tooDeep);
    const check = schemaCheck({ properties: { a: { $ref: '#' } }, allOf: [{ $ref: '#' }] });
    expect(check.ok && check.value({})).toMatch(/without end/);
  });

  it('and the next one has its time', () => {
    expect(schemaLimits.checkMsMax).toBeLessThanOrEqual(1_000);
    expect(faultsOf({ pattern: '^a$' }, 'b')).toHaveLength(1);
    expect(faultsOf({ pattern: '^a$' }, 'a')).toEqual([]);
  });
});
