import { createHash } from 'node:crypto';
import { makeId } from '@parley/kernel';
import type { Clock } from './clock.js';

/** Fixed at install: runs carry their partition in their id, so it can never be cut again. */
export const partitionCount = 32;

const partitionDigits = '0123456789abcdefghjkmnpqrstvwxyz';

/** The partition that every start with this key meets, so that two of them meet one owner. */
export function partitionOfKey(tenantId: string, key: string): number {
  const digest = createHash('sha256').update(`${tenantId}\0${key}`).digest();
  return digest.readUInt32BE(0) % partitionCount;
}

/** A run id: `run_`, the time and randomness of every id, and one last digit, the partition. */
export function makeRunId(
  partition: number,
  nowMs: number,
  clock: Pick<Clock, 'randomBytes'>,
): string {
  return `${makeId('run', nowMs, (count) => clock.randomBytes(count))}${partitionDigits.charAt(partition)}`;
}

/**
 * The id of a child run. It follows from what the parent's journal says about the step, so the child
 * can be told something, and found again, before it has answered.
 * @param startedAt of the attempt, in milliseconds since the epoch
 */
export function childRunId(key: string, startedAt: number): string {
  const digest = createHash('sha256').update(`child\0${key}`).digest();
  const random = (count: number) => digest.subarray(0, count);
  const partition = digest.readUInt32BE(digest.length - 4) % partitionCount;
  return `${makeId('run', startedAt, random)}${partitionDigits.charAt(partition)}`;
}

/** The partition that is written into a run id, or undefined when this is not a run id. */
export function partitionOfRun(runId: string): number | undefined {
  if (!/^run_[0-9a-z]{27}$/.test(runId)) return undefined;
  const partition = partitionDigits.indexOf(runId.charAt(runId.length - 1));
  return partition < 0 ? undefined : partition;
}
