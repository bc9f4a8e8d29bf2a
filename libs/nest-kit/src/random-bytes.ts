import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4_096);
let at = pool.length;

/**
 * Random bytes for ids, from a supply: to ask the system for every few bytes costs more than all else
 * that is done with them. Not for keys and secrets, which should not lie about in memory.
 * @param count at most 4,096
 */
export function randomBytesOf(count: number): Buffer {
  if (at + count > pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += count;
  return Buffer.from(pool.subarray(at - count, at));
}
