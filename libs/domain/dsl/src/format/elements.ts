import { settle, shapeOf, type Shape } from '../language/index.js';
import type { Settled } from '../language/index.js';
import type { ListNode, MapNode, SourceNode, Span } from '../source/tree.js';

/** An object or a list. */
export type Collection = MapNode | ListNode;

/** A member of an object or an item of a list. */
export interface Element {
  /** Where it begins: its dash, its key, or in brackets the item itself. */
  readonly start: number;
  readonly value: SourceNode;
  readonly key?: { readonly name: string; readonly span: Span };
}

const known = new WeakMap<Collection, readonly Element[]>();

/** What a collection holds, in the order of the text. */
export function elementsOf(node: Collection): readonly Element[] {
  const elements = known.get(node) ?? listElements(node);
  known.set(node, elements);
  return elements;
}

function listElements(node: Collection): Element[] {
  if (node.kind === 'list') {
    return node.items.map((value, index) => ({
      start: node.dashes[index] ?? value.span.start,
      value,
    }));
  }
  return node.entries.map(({ key, keySpan, value }) => ({
    start: keySpan.start,
    value,
    key: { name: key, span: keySpan },
  }));
}

export function isCollection(node: SourceNode): node is Collection {
  return node.kind !== 'scalar';
}

export function isEmpty(node: Collection): boolean {
  return (node.kind === 'list' ? node.items : node.entries).length === 0;
}

/** The members of an object as the language has them; unknown ones come last, in their order. */
export function inOrder(elements: readonly Element[], shape: Settled | undefined): Element[] {
  if (shape?.kind !== 'object') return [...elements];
  const rank = new Map(Object.keys(shape.members).map((name, index) => [name, index]));
  const rankOf = ({ key }: Element) => rank.get(key?.name ?? '') ?? rank.size;
  return elements.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** What the language wants an element of a collection to be. */
export function shapeOfElement(
  shape: Settled | undefined,
  { key, value }: Element,
  functions: ReadonlySet<string>,
): Settled | undefined {
  const declared = shape && declaredFor(shape, key?.name);
  return declared && settle(declared, value, functions);
}

function declaredFor(shape: Settled, key: string | undefined): Shape | undefined {
  switch (shape.kind) {
    case 'object': {
      const name = key ?? '';
      const member = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
      return member && shapeOf(member.shape);
    }
    case 'map':
      return shapeOf(shape.values);
    case 'entry':
      return shapeOf(shape.value);
    case 'list':
      return shapeOf(shape.items);
    default:
      return undefined;
  }
}
