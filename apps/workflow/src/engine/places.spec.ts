import { describe, expect, it } from '@jest/globals';
import type { RunPriority } from '@parley/ir';
import { Places } from './places.js';

/** Who got places, in order. */
class Queue {
  most = 10;
  readonly got: string[] = [];
  readonly places = new Places(() => this.most);

  async wants(name: string, wanted: number, priority: RunPriority = 'medium'): Promise<void> {
    void this.places.take(wanted, priority).then(() => this.got.push(name));
    await Promise.resolve();
  }

  async back(count: number): Promise<string[]> {
    for (let at = 0; at < count; at += 1) this.places.giveBack();
    await Promise.resolve();
    return this.got;
  }
}

describe('places', () => {
  it('are given while there are some, to a group when there is room for all of it (P1, P2)', async () => {
    const queue = new Queue();
    await queue.wants('a', 6);
    await queue.wants('b', 4);
    await queue.wants('c', 5);
    expect(queue.got).toEqual(['a', 'b']);
    expect(await queue.back(4)).toEqual(['a', 'b']);
    expect(await queue.back(1)).toEqual(['a', 'b', 'c']);
  });

  it('go to those that wait before those that come (P2)', async () => {
    const queue = new Queue();
    await queue.wants('a', 8);
    await queue.wants('b', 5);
    await queue.wants('late', 1);
    expect(queue.got).toEqual(['a']);
    expect(await queue.back(4)).toEqual(['a', 'b', 'late']);
  });

  it('go to the higher priority first (P2)', async () => {
    const queue = new Queue();
    await queue.wants('a', 10);
    await queue.wants('low', 5, 'low');
    await queue.wants('medium', 5);
    await queue.wants('high', 5, 'high');
    expect(await queue.back(10)).toEqual(['a', 'high', 'medium']);
    expect(await queue.back(5)).toEqual(['a', 'high', 'medium', 'low']);
  });

  it('may become fewer than are out (P1)', async () => {
    const queue = new Queue();
    await queue.wants('a', 10);
    queue.most = 4;
    await queue.wants('b', 2);
    expect(await queue.back(7)).toEqual(['a']);
    expect(await queue.back(1)).toEqual(['a', 'b']);
    await queue.wants('many', 6);
    expect(await queue.back(4)).toEqual(['a', 'b', 'many']);
    expect(queue.places.areFree).toBe(false);
    await queue.back(6);
    expect(queue.places.areFree).toBe(true);
  });
});
