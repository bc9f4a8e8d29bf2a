import { describe, expect, it } from '@jest/globals';
import { parseJson } from '@parley/kernel';
import { shareEqual } from './share-equal';

const text = (n: number) =>
  `{"run":{"n":${String(n)},"m":{"2":1,"1":${String(n)}},"__proto__":{"n":${String(n)}}},"same":[{"b":1,"0":2}]}`;

describe('what is shared between two answers', () => {
  it('is everything that is equal, and nothing is lost', () => {
    const before = parseJson(text(1)) as { same: unknown };
    expect(shareEqual(before, parseJson(text(1)))).toBe(before);
    const after = shareEqual(before, parseJson(text(2))) as { same: unknown };
    expect(JSON.stringify(after)).toBe(text(2));
    expect(after.same).toBe(before.same);
  });

  it.each([
    ['[1,2]', '[1]'],
    ['{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['{"a":{}}', '{"a":[]}'],
    ['{"a":null}', '{}'],
    ['{"a":12345678901234567890}', '{"a":12345678901234567891}'],
  ])('of %s and %s is what came last', (before, now) => {
    expect(JSON.stringify(shareEqual(parseJson(before), parseJson(now)))).toBe(now);
  });

  it('leaves alone what is no JSON', () => {
    const now = { when: new Date(0) };
    expect(shareEqual({ when: new Date(0) }, now)).toEqual(now);
    expect(shareEqual(undefined, undefined)).toBeUndefined();
  });
});
