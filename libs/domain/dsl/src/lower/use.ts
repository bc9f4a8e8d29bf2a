import { memberOf, textOf, type SourceNode } from '../source/tree.js';

/** What a definition declares under `use`, by kind and name. */
export class Use {
  private readonly node: SourceNode | undefined;
  private readonly kinds = new Map<string, ReadonlyMap<string, SourceNode>>();

  constructor(root: SourceNode) {
    this.node = memberOf(root, 'use');
  }

  get(kind: UseKind, name: string): SourceNode | undefined {
    return this.all(kind).get(name);
  }

  /** Names of the declared secrets. */
  secrets(): string[] {
    const list = memberOf(this.node, 'secrets');
    return list?.kind === 'list' ? list.items.flatMap((item) => textOf(item) ?? []) : [];
  }

  /** Items of `use.extensions` in their order. */
  extensions(): readonly SourceNode[] {
    const list = memberOf(this.node, 'extensions');
    return list?.kind === 'list' ? list.items : [];
  }

  private all(kind: UseKind): ReadonlyMap<string, SourceNode> {
    let found = this.kinds.get(kind);
    if (found === undefined) {
      const node = memberOf(this.node, kind);
      const entries = node?.kind === 'map' ? node.entries : [];
      found = new Map(entries.map(({ key, value }) => [key, value]));
      this.kinds.set(kind, found);
    }
    return found;
  }
}

export type UseKind =
  'authentications' | 'catalogs' | 'errors' | 'functions' | 'retries' | 'timeouts';
