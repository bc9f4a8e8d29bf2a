import type { Entry } from '@parley/engine';
import { AppError, type Json } from '@parley/kernel';
import type { ObjectStore } from '@parley/objects';
import { claimsOf, entriesOf, parseTurn, valueOfContent, type ParsedTurn } from './claims.js';
import type { KnownClaims } from './known-claims.js';

/** Objects that are read at the same time. */
const readsAtOnce = 16;

/** @returns the entries of a turn */
type Assemble = () => readonly Entry[];

/** Reads stored turns, with the values that they do not hold themselves. */
export class EntryReader {
  private readonly objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.objects = objects;
  }

  /**
   * The entries of several turns of one tenant; a value that they share is one object. They are put
   * together when they are asked for: lists that grow take far more room than what is stored of them.
   * @param known learns which values are objects
   */
  async read(
    tenantId: string,
    stored: readonly Buffer[],
    known?: KnownClaims,
  ): Promise<readonly Assemble[]> {
    return this.resolve(tenantId, stored.map(parseTurn), known);
  }

  /** The same for turns that were parsed. */
  async resolve(
    tenantId: string,
    turns: readonly ParsedTurn[],
    known?: KnownClaims,
  ): Promise<readonly Assemble[]> {
    const values = await this.values(tenantId, turns.flatMap(claimsOf), known);
    return turns.map((turn) => () => entriesOf(turn, (hash) => values.get(hash) ?? null));
  }

  /** The values that these hashes stand for, each of them one object. */
  async values(
    tenantId: string,
    hashes: readonly string[],
    known?: KnownClaims,
  ): Promise<Map<string, Json>> {
    const wanted = [...new Set(hashes)];
    const values = new Map<string, Json>();
    const read = async (hash: string) => {
      const value = await this.valueOf(tenantId, hash);
      values.set(hash, value);
      if (typeof value === 'object' && value !== null) known?.learn(value, hash);
    };
    for (let at = 0; at < wanted.length; at += readsAtOnce) {
      await Promise.all(wanted.slice(at, at + readsAtOnce).map(read));
    }
    return values;
  }

  async readOne(tenantId: string, stored: Buffer): Promise<readonly Entry[]> {
    const [assemble] = await this.read(tenantId, [stored]);
    return assemble?.() ?? [];
  }

  async content(tenantId: string, hash: string): Promise<Buffer> {
    const content = await this.objects.get({ tenantId, hash });
    if (content === undefined) throw new AppError('internal', `the object ${hash} is missing`);
    return content;
  }

  private async valueOf(tenantId: string, hash: string): Promise<Json> {
    return valueOfContent(await this.content(tenantId, hash));
  }
}
