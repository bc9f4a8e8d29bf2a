import type { IrExternal } from '@parley/ir';
import type { Json } from '@parley/kernel';

/** The documents outside of a definition that it is compiled with. */
export interface Lock {
  readonly externals: readonly LockedExternal[];
}

/** A document as it was when it was fetched. */
export interface LockedExternal {
  readonly kind: ExternalKind;
  /** Where the definition says that it is; what `externalsOf` gives. */
  readonly uri: string;
  /** SHA-256 (hex) of the document's bytes. */
  readonly sha256: string;
  /** JSON and YAML as values, everything else (proto, scripts) as one text. */
  readonly content: Json;
}

export type ExternalKind = IrExternal['kind'];

/** Finds a document in a lock by kind and address. */
export class LockIndex {
  private readonly found = new Map<string, LockedExternal>();

  constructor(lock: Lock | undefined) {
    for (const external of lock?.externals ?? []) {
      this.found.set(`${external.kind} ${external.uri}`, external);
    }
  }

  get(kind: ExternalKind, uri: string): LockedExternal | undefined {
    return this.found.get(`${kind} ${uri}`);
  }
}
