import { describe, expect, it } from '@jest/globals';
import { GatheredReads } from './gathered-reads.js';

/** Reads that end when they are told to. */
function heldReads() {
  const asked: (readonly string[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const reads = new GatheredReads<string, string>((keys) => {
    asked.push(keys);
    return new Promise((resolve, reject) => {
      ends.push((error) => (error ? reject(error) : resolve(keys.map((key) => `${key}!`))));
    });
  });
  return { reads, asked, end: (error?: Error) => ends.shift()?.(error) };
}

const settled = () => new Promise((resume) => setImmediate(resume));

describe('gathered reads', () => {
  it('ask for everything of one tick at once', async () => {
    const { reads, asked, end } = heldReads();
    const answers = Promise.all([reads.ask('a'), reads.ask('b')]);
    await settled();
    end();
    expect(await answers).toEqual(['a!', 'b!']);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('never answer from a read that began before the question', async () => {
    const { reads, asked, end } = heldReads();
    const first = reads.ask('a');
    await settled();
    const later = [reads.ask('a'), reads.ask('c')];
    end();
    await first;
    await settled();
    expect(asked).toEqual([['a'], ['a', 'c']]);
    end();
    expect(await Promise.all(later)).toEqual(['a!', 'c!']);
  });

  it('fail those who asked for what could not be read, and nobody else', async () => {
    const { reads, end } = heldReads();
    const failing = reads.ask('a');
    await settled();
    const next = reads.ask('b');
    end(new Error('gone'));
    await expect(failing).rejects.toThrow('gone');
    await settled();
    end();
    expect(await next).toBe('b!');
  });
});
