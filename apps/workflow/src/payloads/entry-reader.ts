import type { Entry } from '@parley/engine';
import { AppError, type Json } from '@parley/kernel';
import type { ObjectStore } from '@parley/objects';
import { claimsIn, decodeEntries, valueOfContent } from './claims.js';

/** Objects that are read at the same time. */
const readsAtOnce = 16;

/** Reads stored turns, with the values that they do not hold themselves. */
export class EntryReader {
  private readonly objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.objects = objects;
  }

  /** The entries of several turns of one tenant; a value that they share is one object. */
  async read(tenantId: string, stored: readonly Buffer[]): Promise<(readonly Entry[])[]> {
    const hashes = [...new Set(stored.flatMap(claimsIn))];
    const values = new Map<string, Json>();
    for (let at = 0; at < hashes.length; at += readsAtOnce) {
      const some = hashes.slice(at, at + readsAtOnce);
      await Promise.all(
        some.map(async (hash) => values.set(hash, await this.valueOf(tenantId, hash))),
      );
    }
    return stored.map((turn) => decodeEntries(turn, (hash) => values.get(hash) ?? null));
  }

  async readOne(tenantId: string, stored: Buffer): Promise<readonly Entry[]> {
    const [entries = []] = await this.read(tenantId, [stored]);
    return entries;
  }

  private async valueOf(tenantId: string, hash: string): Promise<Json> {
    const content = await this.objects.get({ tenantId, hash });
    if (content === undefined) throw new AppError('internal', `the object ${hash} is missing`);
    return valueOfContent(content);
  }
}
