import type { Lineage } from '@parley/kernel';

/** The beginning of a list that grows, as objects that hold one stretch of its items each. */
export interface KeptList {
  /** Hashes, in order. */
  readonly parts: readonly string[];
  /** Items in all of them. */
  readonly length: number;
  /** Items of the longest list that was written down. */
  readonly seen: number;
}

/** What of a run's values its journal refers to already, and the objects that it is kept in. */
export class KnownClaims {
  /** Made when there is something to know: most runs have no large values. */
  private hashes: WeakMap<object, string> | undefined;
  private lists: WeakMap<Lineage, KeptList> | undefined;

  hashOf(value: object): string | undefined {
    return this.hashes?.get(value);
  }

  learn(value: object, hash: string): void {
    this.hashes = (this.hashes ?? new WeakMap()).set(value, hash);
  }

  listOf(lineage: Lineage): KeptList | undefined {
    return this.lists?.get(lineage);
  }

  learnList(lineage: Lineage, list: KeptList): void {
    this.lists = (this.lists ?? new WeakMap()).set(lineage, list);
  }
}
