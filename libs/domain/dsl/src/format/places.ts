import type { SourceNode } from '../source/tree.js';
import { elementsOf, isCollection, isEmpty, type Collection, type Element } from './elements.js';

/** A piece of the text that is not a comment. */
export interface Leaf {
  readonly start: number;
  readonly end: number;
  /** The element that begins here. */
  readonly owner?: Element;
}

/** Keys, dashes and texts in the order of the text: everything that is not a comment. */
export function* leavesOf(node: SourceNode): Generator<Leaf> {
  if (node.kind === 'scalar') {
    yield { start: node.span.start, end: node.extentEnd };
    return;
  }
  for (const element of elementsOf(node)) {
    const { start, key, value } = element;
    yield { start, end: key?.span.end ?? start, owner: element };
    yield* leavesOf(value);
  }
}

/** A collection around a place. */
export interface Step {
  readonly collection: Collection;
  /** The last element that begins before the place. */
  readonly element?: Element;
}

/** The collections around a place, from the root, each with the last element before the place. */
export function pathTo(root: Collection, at: number): Step[] {
  const path: Step[] = [];
  let node: Collection | undefined = root;
  while (node !== undefined) {
    const elements = elementsOf(node);
    const element = elements[firstFrom(elements, at, startOf) - 1];
    path.push({ collection: node, ...(element && { element }) });
    const value: SourceNode | undefined = element?.value;
    node = value !== undefined && isCollection(value) && isEntered(value, at) ? value : undefined;
  }
  return path;
}

const startOf = (element: Element) => element.start;

export function firstBehind(elements: readonly Element[], at: number): Element | undefined {
  return elements[firstFrom(elements, at, startOf)];
}

/** Index of the first of some sorted things that does not stand before a place. */
export function firstFrom<T>(
  things: readonly T[],
  at: number,
  placeOf: (thing: T) => number,
): number {
  let low = 0;
  let high = things.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const thing = things[middle];
    if (thing !== undefined && placeOf(thing) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Blocks reach as far as the next element; collections in brackets to their bracket. */
function isEntered(value: Collection, at: number): boolean {
  if (isEmpty(value)) return false;
  return value.flow ? isInside(value, at) : value.span.start < at;
}

export function isInside(value: SourceNode, at: number): boolean {
  return value.kind !== 'scalar' && value.flow && value.span.start < at && at < value.span.end;
}

/** The block element that begins next behind a place. */
export function nextAfter(path: readonly Step[], at: number): Element | undefined {
  for (const { collection, element } of path.toReversed()) {
    if (element !== undefined && isCollection(element.value) && !element.value.flow) {
      const [first] = elementsOf(element.value);
      if (first !== undefined && first.start > at) return first;
    }
    const next = firstBehind(elementsOf(collection), at);
    if (next !== undefined) return next;
  }
  return undefined;
}
