import { createHash } from 'node:crypto';

/** What an object is found by: whose it is, and what is in it. */
export interface ObjectKey {
  readonly tenantId: string;
  /** SHA-256 of the content, in hex. */
  readonly hash: string;
}

/**
 * Where large values lie: written once, found by their content, never changed.
 *
 * O1  An object is durable when `put` resolves, and whole or not there at all before.
 * O2  Putting what is there already is harmless, also from several processes at a time.
 * O3  `get` gives what was put, or says that it is not there; content that does not have its hash any
 *     more is an error and never an answer.
 * O4  A tenant's objects are found by that tenant alone.
 */
export interface ObjectStore {
  put(key: ObjectKey, content: Buffer): Promise<void>;
  get(key: ObjectKey): Promise<Buffer | undefined>;
  /** Removing what is not there is harmless. */
  delete(key: ObjectKey): Promise<void>;
}

export function hashOfObject(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Keys become names of files and addresses: nothing else may be in them. @throws TypeError */
export function assertObjectKey({ tenantId, hash }: ObjectKey): void {
  if (!/^[0-9a-zA-Z_-]{1,80}$/.test(tenantId)) throw new TypeError('not a tenant id');
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new TypeError('not the SHA-256 of an object');
}
