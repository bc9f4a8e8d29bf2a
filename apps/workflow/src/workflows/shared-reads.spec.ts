import { describe, expect, it } from '@jest/globals';
import { SharedReads } from './shared-reads.js';

/** Reads that count and end when they are told to. */
function heldRead() {
  const ends: ((error?: Error) => void)[] = [];
  let count = 0;
  const read = () => {
    const value = ++count;
    return new Promise<number>((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(value)));
    });
  };
  return { read, end: (error?: Error) => ends.shift()?.(error), begun: () => count };
}

const settled = () => new Promise((resume) => setImmediate(resume));

describe('shared reads', () => {
  it('are shared by those who asked before they began, and by nobody who asked later', async () => {
    const { read, end, begun } = heldRead();
    const reads = new SharedReads<number>();
    const first = reads.ask('a', read);
    const later = [reads.ask('a', read), reads.ask('a', read)];
    expect(begun()).toBe(1);
    end();
    expect(await first).toBe(1);
    await settled();
    end();
    expect(await Promise.all(later)).toEqual([2, 2]);
    const last = reads.ask('a', read);
    end();
    expect(await last).toBe(3);
  });

  it('do not hold up what is something else', async () => {
    const one = heldRead();
    const other = heldRead();
    const reads = new SharedReads<number>();
    void reads.ask('a', one.read);
    const answer = reads.ask('b', other.read);
    other.end();
    expect(await answer).toBe(1);
  });

  it('begin anew after one that failed', async () => {
    const { read, end } = heldRead();
    const reads = new SharedReads<number>();
    const failing = reads.ask('a', read);
    const next = reads.ask('a', read);
    end(new Error('gone'));
    await expect(failing).rejects.toThrow('gone');
    await settled();
    end();
    expect(await next).toBe(2);
  });
});
