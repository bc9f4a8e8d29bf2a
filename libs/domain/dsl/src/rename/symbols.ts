import { compensateOf } from '../language/compensation.js';
import { catalogFunction } from '../language/functions.js';
import { functionNames } from '../language/navigate.js';
import { settle, workflow, type Settled } from '../language/index.js';
import {
  shapeOf,
  declaredKinds,
  type Declared,
  type Lazy,
  type Shape,
  type TextShape,
} from '../language/shape.js';
import {
  memberOf,
  textOf,
  type ListNode,
  type MapEntry,
  type ScalarNode,
  type SourceNode,
  type Span,
} from '../source/tree.js';
import { secretsIn } from './secrets.js';

/** Something that has a name in a definition. */
export type Symbol =
  | { readonly kind: 'task'; readonly list: ListNode; readonly name: string }
  /** A case or an extension: nothing refers to it. */
  | { readonly kind: 'entry'; readonly list: ListNode; readonly name: string }
  | { readonly kind: Declared; readonly name: string };

/** A place where a name stands. */
export interface Occurrence {
  readonly symbol: Symbol;
  /** What is replaced. */
  readonly span: Span;
  /** How the name is written there. */
  readonly as: 'key' | 'text' | 'part' | 'member';
  /** For parts of texts: the text. */
  readonly node?: ScalarNode;
}

/** Every place where a name stands that can be changed, in the order of the text. */
export function occurrencesIn(source: string, root: SourceNode): Occurrence[] {
  const finder = new SymbolFinder(source, root);
  finder.visit(root, workflow, undefined);
  return finder.found.toSorted((a, b) => a.span.start - b.span.start);
}

class SymbolFinder {
  readonly found: Occurrence[] = [];
  private readonly source: string;
  private readonly functions: ReadonlySet<string>;
  private readonly secrets: SourceNode | undefined;
  private readonly declaring: ReadonlyMap<SourceNode, Declared>;
  private readonly loose: boolean;

  constructor(source: string, root: SourceNode) {
    this.source = source;
    this.functions = functionNames(root);
    const use = memberOf(root, 'use');
    this.secrets = memberOf(use, 'secrets');
    this.declaring = new Map(
      declaredKinds.flatMap((kind) => {
        const node = memberOf(use, kind);
        return node === undefined ? [] : [[node, kind] as const];
      }),
    );
    this.loose = textOf(memberOf(memberOf(root, 'evaluate'), 'mode')) === 'loose';
  }

  visit(node: SourceNode, lazy: Lazy<Shape>, list: ListNode | undefined): void {
    const shape = settle(lazy, node, this.functions);
    if (node.kind === 'scalar') this.text(node, shape, list);
    else if (node.kind === 'list') this.list(node, shape, list);
    else {
      const kind = this.declaring.get(node);
      for (const entry of node.entries) {
        if (kind !== undefined) this.declared(kind, entry);
        const inner = innerShape(shape, entry.key);
        if (inner !== undefined) this.visit(entry.value, inner, list);
      }
    }
  }

  private list(node: ListNode, shape: Settled, around: ListNode | undefined): void {
    if (node === this.secrets) {
      for (const item of node.items) {
        const name = textOf(item);
        if (name === undefined) continue;
        this.found.push({ symbol: { kind: 'secrets', name }, span: item.span, as: 'text' });
      }
      return;
    }
    if (shape.kind === 'any') {
      for (const item of node.items) this.visit(item, shape, around);
      return;
    }
    if (shape.kind !== 'list') return;
    const items = shapeOf(shape.items);
    const inner = shape.tasks === undefined ? around : node;
    for (const item of node.items) {
      const entry = item.kind === 'map' ? item.entries[0] : undefined;
      if (items.kind !== 'entry') this.visit(item, items, inner);
      else if (entry !== undefined) {
        const kind = shape.tasks === undefined ? 'entry' : 'task';
        const symbol = { kind, list: node, name: entry.key } as const;
        this.found.push({ symbol, span: entry.keySpan, as: 'key' });
        if (kind === 'task') this.undoer(entry.value, node);
        this.visit(entry.value, items.value, inner);
      }
    }
  }

  private undoer(task: SourceNode, list: ListNode): void {
    const node = compensateOf(task);
    const name = textOf(node);
    if (node === undefined || name === undefined || !namesIn(list).has(name)) return;
    this.found.push({ symbol: { kind: 'task', list, name }, span: node.span, as: 'text' });
  }

  private declared(kind: Declared, { key, keySpan }: MapEntry): void {
    this.found.push({ symbol: { kind, name: key }, span: keySpan, as: 'key' });
  }

  private text(node: ScalarNode, shape: Settled, list: ListNode | undefined): void {
    const text = textOf(node);
    if (text === undefined || (shape.kind !== 'text' && shape.kind !== 'any')) return;
    const { span } = node;
    if (shape.holds === 'reference' && shape.to !== undefined) {
      this.found.push({ symbol: { kind: shape.to, name: text }, span, as: 'text' });
    } else if (shape.holds === 'target') {
      if (list !== undefined && namesIn(list).has(text)) {
        this.found.push({ symbol: { kind: 'task', list, name: text }, span, as: 'text' });
      }
    } else if (shape.holds === 'function') this.called(node, text);
    else if (shape.holds !== 'data' && shape.holds !== 'schema')
      this.expressions(node, shape.holds);
  }

  private called(node: ScalarNode, text: string): void {
    const { span } = node;
    if (this.functions.has(text)) {
      this.found.push({ symbol: { kind: 'functions', name: text }, span, as: 'text' });
      return;
    }
    const catalog = catalogFunction(text)?.catalog;
    // Written across lines or with escapes, the name is not where it seems to be.
    const end = node.style === 'plain' ? span.end : span.end - 1;
    if (catalog === undefined || !this.source.startsWith(catalog, end - catalog.length)) return;
    const part = { start: end - catalog.length, end };
    this.found.push({ symbol: { kind: 'catalogs', name: catalog }, span: part, as: 'part', node });
  }

  private expressions(node: ScalarNode, holds: TextShape['holds']): void {
    for (const { name, span } of secretsIn(this.source, node, { holds, loose: this.loose })) {
      this.found.push({ symbol: { kind: 'secrets', name }, span, as: 'member', node });
    }
  }
}

function innerShape(shape: Settled, key: string): Lazy<Shape> | undefined {
  switch (shape.kind) {
    case 'object':
      return Object.hasOwn(shape.members, key) ? shape.members[key]?.shape : shape.open;
    case 'map':
      return shape.values;
    case 'entry':
      return shape.value;
    case 'any':
      return shape;
    default:
      return undefined;
  }
}

const known = new WeakMap<ListNode, ReadonlySet<string>>();

/** Names of the entries of a list of tasks. */
export function namesIn(list: ListNode): ReadonlySet<string> {
  const names =
    known.get(list) ??
    new Set(
      list.items.flatMap((item) => (item.kind === 'map' ? (item.entries[0]?.key ?? []) : [])),
    );
  known.set(list, names);
  return names;
}

export function isSameSymbol(a: Symbol, b: Symbol): boolean {
  if (a.kind !== b.kind || a.name !== b.name) return false;
  return 'list' in a && 'list' in b ? a.list === b.list : true;
}
