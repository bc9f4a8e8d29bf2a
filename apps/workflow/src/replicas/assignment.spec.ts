import { describe, expect, it } from '@jest/globals';
import { assign } from './assignment.js';

const partitions = Array.from({ length: 32 }, (_, id) => id);
const free = new Map<number, string | undefined>(partitions.map((id) => [id, undefined]));

const countsOf = (owners: ReadonlyMap<number, string | undefined>) =>
  [...Map.groupBy(owners.values(), (id) => id).values()].map(({ length }) => length).sort();

const movedBetween = (
  before: ReadonlyMap<number, string | undefined>,
  after: ReadonlyMap<number, string>,
) => partitions.filter((id) => before.get(id) !== undefined && before.get(id) !== after.get(id));

describe('the assignment of partitions', () => {
  it.each([
    [['a'], [32]],
    [
      ['a', 'b'],
      [16, 16],
    ],
    [
      ['a', 'b', 'c'],
      [10, 11, 11],
    ],
    [
      ['a', 'b', 'c', 'd', 'e'],
      [6, 6, 6, 7, 7],
    ],
  ])('gives each of %j the same number or one more', (replicas, counts) => {
    const target = assign(replicas, free);
    expect(target.size).toBe(32);
    expect(countsOf(target)).toEqual(counts);
  });

  it('is the same in whatever order the replicas are read', () => {
    const ids = ['c', 'a', 'd', 'b'];
    expect(assign(ids.toReversed(), free)).toEqual(assign(ids, free));
  });

  it('changes nothing that is even already', () => {
    const even = assign(['a', 'b', 'c'], free);
    expect(assign(['c', 'b', 'a'], even)).toEqual(even);
  });

  it('moves to one who joins what is due to it, and nothing else', () => {
    const two = assign(['a', 'c'], free);
    const three = assign(['a', 'b', 'c'], two);
    const moved = movedBetween(two, three);
    expect(moved.map((id) => three.get(id))).toEqual(moved.map(() => 'b'));
    expect(countsOf(three)).toEqual([10, 11, 11]);
    expect(moved).toHaveLength(10);
  });

  it('gives what one had who is gone to the others, who keep theirs', () => {
    const three = assign(['a', 'b', 'c'], free);
    const two = assign(['a', 'c'], three);
    expect(movedBetween(three, two).map((id) => three.get(id))).toEqual(
      partitions.filter((id) => three.get(id) === 'b').map(() => 'b'),
    );
    expect(countsOf(two)).toEqual([16, 16]);
  });

  it('comes to rest from any state in one step', () => {
    const state = new Map(partitions.map((id) => [id, id < 30 ? 'a' : 'gone']));
    const next = assign(['a', 'b', 'c'], state);
    expect(countsOf(next)).toEqual([10, 11, 11]);
    expect(assign(['a', 'b', 'c'], next)).toEqual(next);
  });

  it('leaves more replicas than partitions with nothing', () => {
    const many = Array.from({ length: 40 }, (_, at) => `r${String(at).padStart(2, '0')}`);
    expect(countsOf(assign(many, free))).toEqual(partitions.map(() => 1));
  });

  it('assigns nothing when nobody is there', () => {
    expect(assign([], free).size).toBe(0);
  });
});
