import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { assertUsable } from '@parley/json-schema';
import { checkAnswer, checkInput } from './run-input.js';

const check = (inputSchema: Json | undefined, input: Json) =>
  checkInput({ irHash: JSON.stringify(inputSchema), inputSchema }, input);

const order = {
  type: 'object',
  required: ['quantity'],
  properties: { quantity: { type: 'integer', minimum: 1 } },
};

describe('the input of a run', () => {
  it('is anything when the version has no schema', () => {
    expect(() => check(undefined, 'x')).not.toThrow();
  });

  it('has to fit the schema, and every misfit is named', () => {
    expect(() => check(order, { quantity: 2 })).not.toThrow();
    expect(() => check(order, { quantity: 0 })).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        errors: [{ pointer: '/input/quantity', message: 'must be >= 1' }],
      }),
    );
  });

  it('is checked by schemas that name an older dialect or a format that nobody knows', () => {
    const dialect = { $schema: 'http://json-schema.org/draft-07/schema#', ...order };
    expect(() => check(dialect, {})).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    expect(() => check({ type: 'string', format: 'fancy' }, 'x')).not.toThrow();
  });
});

describe('a schema that cannot be used', () => {
  it.each<[string, Json]>([
    ['answers later', { $async: true, type: 'object' }],
    ['answers later in a part', { properties: { a: { $async: true, type: 'object' } } }],
    ['refers to nothing', { $ref: '#/$defs/none' }],
    ['refers to another place', { $ref: 'https://example.org/schema' }],
    ['has a broken pattern', { type: 'string', pattern: '(' }],
    ['has a type that is none', { type: 'nonsense' }],
    ['is a text', 'object'],
  ])('is refused when it %s', (_why, schema) => {
    expect(() => assertUsable(schema, '/input/schema')).toThrow(
      expect.objectContaining({
        code: 'invalid-definition',
        errors: [expect.objectContaining({ pointer: '/input/schema' })],
      }),
    );
    expect(() => check(schema, {})).toThrow(
      expect.objectContaining({ code: 'invalid-definition' }),
    );
  });
});

describe('the data of an approval', () => {
  it('has to fit the form, when there is one', () => {
    expect(() => checkAnswer({}, undefined)).not.toThrow();
    expect(() => checkAnswer({ form: order }, { quantity: 1 })).not.toThrow();
    expect(() => checkAnswer({ form: order }, undefined)).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });
});
