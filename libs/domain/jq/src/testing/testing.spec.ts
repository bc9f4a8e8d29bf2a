import { describe, expect, it } from '@jest/globals';
import { compile } from '../index.js';
import { typicalExpressions } from './index.js';

describe('typical expressions', () => {
  it.each(typicalExpressions.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const compiled = compile(one.source);
    expect(compiled.ok && compiled.value.run(one.input)).toEqual([one.expected]);
    expect(one.byHand(one.input)).toEqual(one.expected);
  });
});
