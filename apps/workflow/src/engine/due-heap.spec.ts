import { describe, expect, it } from '@jest/globals';
import { DueHeap } from './due-heap.js';

/** Numbers that look random and are always the same. */
const numbers = Array.from({ length: 500 }, (_, at) => (at * 2_654_435_761) % 997);

function takeAll(heap: DueHeap<{ dueAt: number }>): number[] {
  const taken: number[] = [];
  for (let next = heap.take(); next !== undefined; next = heap.take()) taken.push(next.dueAt);
  return taken;
}

describe('a heap of what is due', () => {
  it('gives what is due first, first', () => {
    const heap = new DueHeap<{ dueAt: number }>();
    for (const dueAt of numbers) heap.add({ dueAt });
    expect(heap.size).toBe(500);
    expect(heap.peek()?.dueAt).toBe(Math.min(...numbers));
    expect(takeAll(heap)).toEqual(numbers.toSorted((a, b) => a - b));
    expect(heap.size).toBe(0);
  });

  it('lets go of what is not wanted any more, and keeps the order of the rest', () => {
    const heap = new DueHeap<{ dueAt: number }>();
    for (const dueAt of numbers) heap.add({ dueAt });
    heap.keep(({ dueAt }) => dueAt % 2 === 0);
    heap.add({ dueAt: 5 });
    const wanted = [...numbers.filter((dueAt) => dueAt % 2 === 0), 5];
    expect(takeAll(heap)).toEqual(wanted.toSorted((a, b) => a - b));
  });
});
