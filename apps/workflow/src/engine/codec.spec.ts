import { describe, expect, it } from '@jest/globals';
import { parseJson } from '@parley/kernel';
import { decodePayload, encodePayload } from './codec.js';

describe('a stored payload', () => {
  it.each([
    '{"id":12345678901234567890,"rate":1E+400}',
    '{"10":1,"9":2,"a":3}',
    `[${'1.000000000000000000001,'.repeat(500)}1]`,
  ])('comes back with every digit and in its order: %.40s', (text) => {
    const value = parseJson(text);
    expect(JSON.stringify(decodePayload(encodePayload(value)))).toBe(JSON.stringify(value));
    expect(JSON.stringify(value)).toBe(text);
  });

  it('of a codec that nobody knows is refused', () => {
    expect(() => decodePayload(Buffer.of(9))).toThrow(/codec 9/);
  });
});
