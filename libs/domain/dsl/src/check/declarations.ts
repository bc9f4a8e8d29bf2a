import { declaredKinds, type Declared } from '../language/shape.js';
import { workflow } from '../language/workflow.js';
import { memberOf, textOf, type MapEntry, type SourceNode } from '../source/tree.js';

/** What a definition declares under `use`, whatever state it is in. */
export class Declarations {
  private readonly kinds = new Map<Declared, ReadonlyMap<string, SourceNode>>();
  private readonly unreadable = new Set<Declared>();
  /** Keys of `use` that it cannot have: a declaration may have slipped out of its kind. */
  private readonly slipped = new Set<string>();

  /** A member of the definition that was probably meant to be `use`. */
  readonly mislaid: MapEntry | undefined;

  constructor(root: SourceNode) {
    const use = memberOf(root, 'use');
    const misspelt =
      (use !== undefined && use.kind !== 'map') ||
      (use?.kind === 'map' && use.entries.some(({ key }) => !known.has(key))) ||
      (use === undefined && root.kind === 'map' && root.entries.some(holdsUse));
    this.mislaid =
      use === undefined && root.kind === 'map'
        ? root.entries.find(({ key }) => !Object.hasOwn(workflow.members, key) && near.has(key))
        : undefined;
    for (const { key } of use?.kind === 'map' ? use.entries : []) {
      if (!known.has(key)) this.slipped.add(key);
    }
    for (const kind of declaredKinds) {
      const node = memberOf(use, kind);
      this.kinds.set(kind, namesIn(node));
      if ((node === undefined && misspelt) || isUnreadable(kind, node)) this.unreadable.add(kind);
    }
  }

  /** Nothing at all is declared. */
  get isEmpty(): boolean {
    return declaredKinds.every((kind) => this.of(kind).size === 0);
  }

  of(kind: Declared): ReadonlyMap<string, SourceNode> {
    return this.kinds.get(kind) ?? nothing;
  }

  /** Whether a name is declared, or may be: then its absence is no second mistake. */
  mayHave(kind: Declared, name: string): boolean {
    return this.of(kind).has(name) || this.unreadable.has(kind) || this.slipped.has(name);
  }
}

const nothing: ReadonlyMap<string, SourceNode> = new Map();
const known: ReadonlySet<string> = new Set([...declaredKinds, 'extensions']);
/** Slips of the key `use` itself. */
const near: ReadonlySet<string> = new Set(['uses', 'ues', 'us', 'sue', 'se', 'usee']);

/** `use` stands in another member, where that is told. */
function holdsUse({ key, value }: MapEntry): boolean {
  const closed = key !== 'do' && Object.hasOwn(workflow.members, key);
  return closed && memberOf(value, 'use') !== undefined;
}

function namesIn(node: SourceNode | undefined): ReadonlyMap<string, SourceNode> {
  const names = new Map<string, SourceNode>();
  if (node?.kind === 'map') for (const { key, value } of node.entries) names.set(key, value);
  if (node?.kind === 'list') {
    for (const item of node.items) {
      const name = textOf(item);
      if (name !== undefined) names.set(name, item);
    }
  }
  return names;
}

/** The names are not where they belong, or are no names: that is told where they stand. */
function isUnreadable(kind: Declared, node: SourceNode | undefined): boolean {
  if (node === undefined) return false;
  if (kind !== 'secrets') return node.kind !== 'map';
  return node.kind !== 'list' || node.items.some((item) => textOf(item) === undefined);
}
