import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json } from '@parley/kernel';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { buildRequest, importOpenApi, inputMembers, mockResponse } from './index.js';
import { limits } from './limits.js';

const folder = new URL('../../../../tools/demo/documents/', import.meta.url);
const documents = ['kitchen.yaml', 'inventory.json', 'pos.yaml', 'staff.json', 'delivery.yaml'].map(
  (file) => parse(readFileSync(new URL(file, folder), 'utf8')) as Json,
);

/** Puts `value` somewhere into a copy of `root`: the numbers choose the way down. */
function damage(root: Json, way: readonly number[], value: Json): Json {
  const [step, ...rest] = way;
  if (step === undefined || typeof root !== 'object' || root === null) return value;
  const keys = Object.keys(root);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return value;
  if (Array.isArray(root)) {
    return root.map((item, index) => (String(index) === key ? damage(item, rest, value) : item));
  }
  return { ...root, [key]: damage(root[key] ?? null, rest, value) };
}

const oddValues = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(
    { $ref: '#' },
    { $ref: '#/paths' },
    { $ref: '#/components/schemas' },
    { $ref: 'https://example.com/x.json' },
    { $ref: '#/%' },
    { $ref: 5 },
    { type: 'array', items: { $ref: '#' } },
    [[[]]],
    '',
    null,
  ),
);

describe('whatever stands in a document', () => {
  it('an import ends with a connector or with located faults, and never throws', () => {
    let imported = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }),
        oddValues,
        fc.boolean(),
        (...[document, way, value, asYaml]) => {
          const damaged = damage(document, way, value);
          const text = asYaml ? stringify(damaged) : JSON.stringify(damaged);
          const result = importOpenApi(text);
          if (!result.ok) {
            expect(result.error.length).toBeGreaterThan(0);
            expect(result.error.length).toBeLessThanOrEqual(limits.faultsMax);
            return;
          }
          imported += 1;
          for (const operation of result.value.operations) {
            const members = inputMembers(operation).map(({ name }) => [name, 'x'] as const);
            const request = buildRequest(operation, { input: Object.fromEntries(members) });
            if (request.ok) expect(request.value.path).toMatch(/^\//);
            expect(isJsonObject(mockResponse(operation) as unknown)).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(imported).toBeGreaterThan(20);
  });

  it('text that is no document is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(importOpenApi(text).ok).toBe(false);
      }),
    );
  });
});
