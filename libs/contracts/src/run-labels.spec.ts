import { describe, expect, it } from '@jest/globals';
import { RunListQuery } from './run-search.js';
import { StartRun } from './run-start.js';

const problemOf = (body: unknown) => StartRun.safeParse(body).error?.issues[0];

describe('labels of a run', () => {
  it.each([
    [{ tags: ['a\u0000b'] }, ['tags', 0], /control characters such as U\+0000/],
    [{ tags: ['\ud800'] }, ['tags', 0], /control/],
    [{ attributes: { customer: 'a\u0000' } }, ['attributes', 'customer'], /Invalid input|control/],
    [{ attributes: { 'no name': 1 } }, ['attributes', 'no name'], /./],
    [{ tags: Array.from({ length: 33 }, (_, n) => `t${String(n)}`) }, ['tags'], /32/],
  ])('%j is refused with its place', (body, path, message) => {
    expect(problemOf(body)?.path).toEqual(path);
    expect(JSON.stringify(problemOf(body))).toMatch(message);
  });

  it('have any other text', () => {
    expect(problemOf({ tags: ['Über 100 € 🎉'], attributes: { due: '2027-01-31', n: 1 } })).toBe(
      undefined,
    );
  });
});

describe('a search for runs', () => {
  it('takes one filter or several', () => {
    expect(RunListQuery.safeParse({ tag: 'a', attribute: 'n>=1' }).success).toBe(true);
    expect(RunListQuery.safeParse({ tag: ['a', 'b'], version: '3' }).success).toBe(true);
    expect(RunListQuery.safeParse({ attribute: 'n' }).error?.issues[0]?.message).toMatch(/./);
    expect(RunListQuery.safeParse({ tag: Array.from({ length: 11 }, () => 'a') }).success).toBe(
      false,
    );
  });
});
