import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { importOpenApi } from '../index.js';
import { limits } from '../limits.js';

/** The schema as it comes out of an import. */
function read(schema: Json, schemas: JsonObject = {}): Json {
  const result = importOpenApi(
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      components: { schemas },
      paths: { '/x': { get: { parameters: [{ name: 'q', in: 'query', schema }], responses: {} } } },
    }),
  );
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.operations[0]?.parameters[0]?.schema ?? null;
}

function count(schema: Json): number {
  if (Array.isArray(schema)) return schema.reduce<number>((sum, one) => sum + count(one), 0);
  if (!isJsonObject(schema)) return 0;
  return Object.values(schema).reduce<number>((sum, one) => sum + count(one), 1);
}

describe('schemas of OpenAPI 3.0 in JSON Schema 2020-12', () => {
  it.each<[Json, Json]>([
    [{ type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      { type: 'string', enum: ['a'], nullable: true },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      { nullable: true, description: 'd', allOf: [{ type: 'object' }] },
      { description: 'd', anyOf: [{ allOf: [{ type: 'object' }] }, { type: 'null' }] },
    ],
    [
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      { type: 'integer', exclusiveMinimum: 1 },
    ],
    [
      { type: 'integer', maximum: 9, exclusiveMaximum: false },
      { type: 'integer', maximum: 9 },
    ],
    [
      { type: 'integer', exclusiveMinimum: 4 },
      { type: 'integer', exclusiveMinimum: 4 },
    ],
    [
      { type: 'string', example: 'x' },
      { type: 'string', examples: ['x'] },
    ],
    [{ type: 'object', required: true, xml: {}, discriminator: {}, 'x-a': 1 }, { type: 'object' }],
    [{ type: 'datetime' }, {}],
    [true, true],
    [
      { $ref: '#/components/schemas/A', description: 'own' },
      { type: 'string', description: 'own' },
    ],
    [
      { $ref: '#/components/schemas/A', maxLength: 3 },
      { allOf: [{ type: 'string', description: 'of A' }, { maxLength: 3 }] },
    ],
    [
      { allOf: [{ $ref: '#/components/schemas/A' }, { minLength: 1 }] },
      { allOf: [{ type: 'string', description: 'of A' }, { minLength: 1 }] },
    ],
  ])('%j becomes %j', (schema, expected) => {
    expect(read(schema, { A: { type: 'string', description: 'of A' } })).toEqual(expected);
  });

  it('keeps __proto__ as a name of a property', () => {
    const schema = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}') as Json;
    expect(JSON.stringify(read(schema))).toBe('{"properties":{"__proto__":{"type":"string"}}}');
  });
});

describe('references into themselves', () => {
  const tree = {
    Node: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
      },
    },
  };

  it('are cut to their type', () => {
    expect(read({ $ref: '#/components/schemas/Node' }, tree)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: {
          type: 'array',
          items: { type: 'object', $comment: 'Not written out: refers to itself.' },
        },
      },
    });
  });

  it('a cut never refuses what the original accepts', () => {
    const node = { $ref: '#/components/schemas/Node' };
    expect(read({ not: { properties: { a: node } } }, tree)).toEqual({});
    expect(JSON.stringify(read({ oneOf: [node, { type: 'null' }] }, tree))).toMatch(/^{"anyOf"/);
  });

  it('and doublings stay within the limit of nodes', () => {
    const doubling: JsonObject = { S0: { type: 'string' } };
    for (let i = 1; i < 40; i++) {
      const $ref = `#/components/schemas/S${i - 1}`;
      doubling[`S${i}`] = { type: 'object', properties: { a: { $ref }, b: { $ref } } };
    }
    // Whoever wrote it out and cut it afterwards would not come to an end: it has 2^39 nodes.
    const schema = read({ $ref: '#/components/schemas/S39' }, doubling);
    expect(count(schema)).toBeLessThan(limits.schemaNodesMax * 3);
  });

  it('wide schemas lose members, and with them what closes them', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, i) => [`p${i}`, { type: 'string' }]),
    );
    const schema = read({ type: 'object', properties, additionalProperties: false });
    expect(count(schema)).toBeLessThan(limits.schemaNodesMax * 2);
    expect(schema).not.toHaveProperty('additionalProperties');
  });
});
