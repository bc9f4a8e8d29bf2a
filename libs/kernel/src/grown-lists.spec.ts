import { describe, expect, it } from '@jest/globals';
import { appended, KnownOfLists, lineageOf } from './grown-lists.js';

const listOf = (length: number) => Array.from({ length }, (_, at): unknown => at);

describe('lists that grow', () => {
  it('are copies: what they have grown from stays as it is', () => {
    const first = listOf(100);
    const second = appended(first, ['x', 'y']);
    expect(first).toEqual(listOf(100));
    expect(second).toEqual([...listOf(100), 'x', 'y']);
  });

  it('have one lineage as long as each grows from the longest', () => {
    const first = listOf(100);
    const second = appended(first, [1]);
    const third = appended(second, [2]);
    expect(lineageOf(first)).toBeDefined();
    expect(lineageOf(second)).toBe(lineageOf(first));
    expect(lineageOf(third)).toBe(lineageOf(first));
    expect(lineageOf(third)?.length).toBe(102);
  });

  it('a second one that grows from the same list has a lineage of its own', () => {
    const first = appended(listOf(100), [1]);
    const one = appended(first, ['one']);
    const other = appended(first, ['other']);
    expect(lineageOf(one)).toBe(lineageOf(first));
    expect(lineageOf(other)).not.toBe(lineageOf(first));
    expect(lineageOf(appended(other, [2]))).toBe(lineageOf(other));
    expect(lineageOf(appended(one, [2]))).toBe(lineageOf(one));
  });

  it('short ones are not followed', () => {
    expect(lineageOf(appended(listOf(3), [1]))).toBeUndefined();
  });

  it('what is known of one is known of the beginning of all that grow from it', () => {
    const known = new KnownOfLists<{ readonly length: number }>();
    const first = listOf(100);
    const second = appended(first, [1]);
    known.learn(second, { length: second.length });
    const third = appended(second, [2]);
    expect(known.of(third)).toEqual({ length: 101 });
    expect(known.of(first)).toBeUndefined();
    expect(known.of(listOf(100))).toBeUndefined();
    const branch = appended(second, ['other']);
    expect(known.of(branch)).toBeUndefined();
  });
});
