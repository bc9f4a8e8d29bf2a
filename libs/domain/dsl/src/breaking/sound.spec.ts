import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@parley/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { gapsBetween } from './compare-schemas.js';

const names = ['a', 'b', 'c'];
const scalars = fc.constantFrom<Json>(null, true, false, 0, 1, 2.5, 3, -1, '', 'x', 'xy');

const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const typeNames = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];
const small = fc.integer({ min: -1, max: 3 });
const size = fc.integer({ min: 0, max: 3 });

const schemas = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(true, {}),
    fc
      .record({
        type: maybe(
          fc.oneof(
            fc.constantFrom(...typeNames),
            fc.uniqueArray(fc.constantFrom(...typeNames), { minLength: 1, maxLength: 3 }),
          ),
        ),
        enum: maybe(fc.uniqueArray(scalars, { minLength: 1, maxLength: 3 })),
        minimum: maybe(small),
        exclusiveMaximum: maybe(small),
        multipleOf: maybe(fc.constantFrom(1, 2)),
        minLength: maybe(size),
        maxItems: maybe(size),
        uniqueItems: maybe(fc.boolean()),
        items: maybe(tie('schema')),
        required: maybe(fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 })),
        properties: maybe(
          fc.dictionary(fc.constantFrom(...names), tie('schema'), { noNullPrototype: true }),
        ),
        // Always said, so that no member is outside of the agreement (J2).
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        anyOf: maybe(fc.array(tie('schema'), { minLength: 1, maxLength: 2 })),
        allOf: maybe(fc.array(tie('schema'), { minLength: 1, maxLength: 2 })),
        not: maybe(tie('schema')),
      })
      .map((schema) => JSON.parse(JSON.stringify(schema)) as JsonObject),
  ),
})).schema;

/** The same schema with one member taken away, which is often wider. */
const pairs = fc.oneof(
  fc.tuple(schemas, schemas),
  fc.tuple(schemas, fc.nat(12)).map(([schema, at]): [Json, Json] => {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [schema, {}];
    const keys = Object.keys(schema).filter((key) => key !== 'additionalProperties');
    const { [keys[at % Math.max(1, keys.length)] ?? '']: _, ...rest } = schema;
    return [schema, rest];
  }),
);

describe('a claim that schemas fit', () => {
  it('holds for every value', () => {
    const ajv = new Ajv2020({
      strict: false,
      logger: false,
      unevaluated: false,
      code: { optimize: false },
    });
    let claims = 0;
    fc.assert(
      fc.property(
        pairs,
        fc.array(values, { minLength: 20, maxLength: 20 }),
        ([given, taken], tried) => {
          if (gapsBetween(given, taken, 'given').length > 0) return;
          claims += 1;
          const [fitsGiven, fitsTaken] = [given, taken].map((schema) =>
            ajv.compile(schema as JsonObject | boolean),
          );
          for (const value of tried) {
            if (fitsGiven?.(value) === true)
              expect([value, fitsTaken?.(value)]).toEqual([value, true]);
          }
        },
      ),
      { seed: 11, numRuns: 400 },
    );
    expect(claims).toBeGreaterThan(80);
  });
});
