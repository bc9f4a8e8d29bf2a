import { describe, expect, it } from '@jest/globals';
import { Origins } from './origins.js';

describe('the processes of a service', () => {
  it('are asked in turns', () => {
    const origins = new Origins(['a', 'b', 'c']);
    const first = [1, 2, 3, 4].map(() => origins.next()[0]);
    expect(first).toEqual(['b', 'c', 'a', 'b']);
    expect(origins.next().toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('are asked one after the other until one listens, and no further', async () => {
    const origins = new Origins(['a', 'b', 'c']);
    const asked: string[] = [];
    const refuses = (url: string) => {
      asked.push(url);
      return url === 'a'
        ? Promise.resolve(url)
        : Promise.reject(Object.assign(new Error('nobody'), { code: 'ECONNREFUSED' }));
    };
    expect(await origins.ask(refuses)).toBe('a');
    expect(asked).toEqual(['b', 'c', 'a']);
    const cutOff = Object.assign(new Error('cut off'), { code: 'ECONNRESET' });
    asked.length = 0;
    const breaks = (url: string) => {
      asked.push(url);
      return Promise.reject(cutOff);
    };
    await expect(origins.ask(breaks)).rejects.toBe(cutOff);
    expect(asked).toHaveLength(1);
  });

  it('come last for a moment when nobody listened', () => {
    let now = 0;
    const origins = new Origins(['a', 'b', 'c'], () => now);
    origins.refused('b');
    expect([1, 2, 3].map(() => origins.next().at(-1))).toEqual(['b', 'b', 'b']);
    now = 1_000;
    expect(origins.next()[0]).toBe('b');
  });

  it('are what they were as soon as they answer again', () => {
    const origins = new Origins(['a', 'b']);
    origins.refused('b');
    origins.answered('b');
    expect(origins.next()).toEqual(['b', 'a']);
  });

  it('are asked again and again when there is only one', () => {
    const origins = new Origins('a');
    origins.refused('a');
    expect([origins.next(), origins.next()]).toEqual([['a'], ['a']]);
  });
});
