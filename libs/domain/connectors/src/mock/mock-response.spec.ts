import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json } from '@parley/kernel';
import { importOpenApi } from '../index.js';
import { mockResponse } from './mock-response.js';
import { sampleOf } from './sample.js';

describe('samples', () => {
  it.each<[Json, Json]>([
    [{ type: 'string', examples: ['x', 'y'] }, 'x'],
    [{ type: 'string', default: 'd' }, 'd'],
    [{ const: 4 }, 4],
    [{ enum: ['a', 'b'] }, 'a'],
    [{ type: ['string', 'null'], format: 'date' }, '2026-01-15'],
    [{ type: 'string', minLength: 6, maxLength: 8 }, 'textxx'],
    [{ type: 'integer', minimum: 7 }, 7],
    [{ type: 'integer', minimum: 7, multipleOf: 5 }, 10],
    [{ type: 'number', exclusiveMinimum: 0 }, 1],
    [{ type: 'integer', maximum: -2 }, -2],
    [{ type: 'boolean' }, true],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
    [{ properties: { a: { type: 'string' }, b: { writeOnly: true } } }, { a: 'text' }],
    [{ oneOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
    [
      {
        allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }],
        type: 'object',
      },
      { a: 1, b: 2 },
    ],
    [true, null],
    [{}, null],
  ])('%j → %j', (schema, expected) => {
    expect(sampleOf(schema)).toEqual(expected);
  });
});

describe('mock answers', () => {
  it.each(['kitchen.yaml', 'inventory.json', 'pos.yaml', 'staff.json', 'delivery.yaml'])(
    'of every operation in %s fit their schemas',
    (file) => {
      const url = new URL(`../../../../../tools/demo/documents/${file}`, import.meta.url);
      const imported = importOpenApi(readFileSync(url, 'utf8'));
      if (!imported.ok) throw new Error(JSON.stringify(imported.error));
      for (const operation of imported.value.operations) {
        const { status, body } = mockResponse(operation);
        expect(String(status)).toBe(operation.response?.status);
        const schema = operation.response?.schema;
        if (schema === undefined) continue;
        const ajv = new Ajv2020({ strict: false, validateFormats: false });
        const validate = ajv.compile(schema as object);
        expect({ id: operation.id, fits: validate(body), errors: validate.errors }).toEqual({
          id: operation.id,
          fits: true,
          errors: null,
        });
        expect(mockResponse(operation)).toEqual({ status, body });
      }
    },
  );
});
