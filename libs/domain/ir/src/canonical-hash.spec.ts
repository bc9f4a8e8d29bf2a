import { describe, expect, it } from '@jest/globals';
import { canonicalJson, numberFromText, type Json } from '@parley/kernel';
import fc from 'fast-check';
import { hashCanonical } from './canonical-hash.js';
import { hashText } from './hash.js';

const same = (value: Json) => expect(hashCanonical(value)).toBe(hashText(canonicalJson(value)));

describe('the hash of a canonical text', () => {
  it('is that of the text as a whole', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
        same(value as Json);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Json]>([
    ['nothing', null],
    ['empty ones', [[], {}, '', [{}], { a: [] }]],
    ['escapes', { 'a"b\\c\n': '"\\/\u0000\u007f\u2028\ud800 ü 😀' }],
    ['numbers', [0, -0, 1e21, 1e-7, 0.1, -1]],
    ['members that are absent', { a: undefined, b: 1 } as unknown as Json],
    [
      'many members',
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${(at * 7) % 40}`, at])),
    ],
    ['integer-like keys', { '10': 1, '9': 2, a: 3, __proto__x: 4 }],
  ])('with %s', (_, value) => {
    same(value);
  });

  it('of texts longer than a piece, and pieces that end anywhere', () => {
    for (const length of [8_180, 8_191, 8_192, 16_382, 16_384, 40_000]) {
      same(['x'.repeat(length), '"'.repeat(length), 'ü'.repeat(length)]);
      same(Array.from({ length: 40 }, (_, at) => 'y'.repeat((length + at * 37) % 9_000)));
    }
  });

  it('of numbers that doubles cannot carry', () => {
    same({ id: numberFromText('12345678901234567890') } as Json);
  });
});
