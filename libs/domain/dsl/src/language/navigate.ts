import { unescapeToken, type MapEntry, type SourceNode } from '../source/tree.js';
import type { VariablePlace } from '../expressions/variables.js';
import {
  shapeOf,
  type EntryShape,
  type Lazy,
  type Member,
  type ObjectShape,
  type Shape,
  type Written,
} from './shape.js';
import { workflow } from './workflow.js';

/** What `select` sees of a written object. */
export function writtenIn(
  node: SourceNode | undefined,
  functions: ReadonlySet<string> | ReadonlyMap<string, unknown>,
): Written {
  const entries: readonly MapEntry[] = node?.kind === 'map' ? node.entries : [];
  const valueOf = (member: string) => entries.find((entry) => entry.key === member)?.value;
  return {
    has: (member) => valueOf(member) !== undefined,
    text: (member) => {
      const value = valueOf(member);
      return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
    },
    declares: (name) => functions.has(name),
  };
}

/** A shape that is no reference, `select` or `either`: what `node` must be. */
export type Settled = Exclude<Shape, { kind: 'select' } | { kind: 'either' }>;

/**
 * The shape that a node is held against, once its content has decided. Undecided objects are held
 * against all that they may become; of several options an unknown node gets the last.
 */
export function settle(
  lazy: Lazy<Shape>,
  node: SourceNode | undefined,
  functions: ReadonlySet<string> = none,
): Settled {
  const shape = shapeOf(lazy);
  if (shape.kind === 'select') return shape.select(writtenIn(node, functions)) ?? shape.undecided;
  if (shape.kind !== 'either') return shape;
  const options = shape.options.map((option) => settle(option, node, functions));
  const fitting = options.find((option) => node !== undefined && fits(option, node));
  return (fitting ?? options.at(-1)) as Settled;
}

const none: ReadonlySet<string> = new Set();

/** Whether a node is of the kind that a shape wants. */
export function fits(shape: Settled, node: SourceNode): boolean {
  switch (shape.kind) {
    case 'object':
    case 'map':
    case 'entry':
      return node.kind === 'map';
    case 'list':
      return node.kind === 'list';
    case 'any':
      return true;
    default:
      return node.kind === 'scalar';
  }
}

/** A step from a shape into what it holds. */
export interface Visited {
  /** The shape of the node; settled by the node where there is one. */
  readonly shape: Settled;
  /** As written in the table: before the content decided. */
  readonly declared: Shape;
  /** The member that led here, when the holder is an object with named members. */
  readonly member?: Member;
  readonly holder?: ObjectShape | EntryShape;
  readonly node?: SourceNode;
  readonly key: string;
  /** Variables that the definition names and that are seen here, by name. */
  readonly bound: ReadonlyMap<string, string>;
  readonly at: VariablePlace;
}

/**
 * What the language allows at a pointer, from the root to it. The tree may be incomplete: what is not
 * written is taken as undecided. Stops where nothing is known.
 */
export function pathTo(root: SourceNode | undefined, pointer: string): readonly Visited[] {
  const functions = functionNames(root);
  const first: Visited = {
    shape: workflow,
    declared: workflow,
    ...(root && { node: root }),
    key: '',
    bound: new Map(),
    at: 'task',
  };
  const path: Visited[] = [first];
  for (const token of pointer.split('/').slice(1)) {
    const last = path.at(-1) as Visited;
    const next = step(last, unescapeToken(token), functions);
    if (next === undefined) break;
    path.push(next);
  }
  return path;
}

/** What the language allows at a pointer; undefined where it knows nothing. */
export function shapeAt(root: SourceNode | undefined, pointer: string): Visited | undefined {
  const path = pathTo(root, pointer);
  return path.length === pointer.split('/').length ? path.at(-1) : undefined;
}

function step(from: Visited, key: string, functions: ReadonlySet<string>): Visited | undefined {
  const inner = innerShape(from.shape, key);
  if (inner === undefined) return undefined;
  const node = childOf(from.node, key);
  const holder =
    from.shape.kind === 'object' || from.shape.kind === 'entry' ? from.shape : undefined;
  const declared = shapeOf(inner.shape);
  const tasks = declared.kind === 'list' && declared.tasks !== undefined;
  return {
    shape: settle(declared, node, functions),
    declared,
    ...(inner.member && { member: inner.member }),
    ...(holder && { holder }),
    ...(node && { node }),
    key,
    bound: from.shape.kind === 'object' ? boundFor(from, from.shape, key) : from.bound,
    at: inner.member?.at ?? (tasks ? 'task' : from.at),
  };
}

function innerShape(
  shape: Settled,
  key: string,
): { readonly shape: Lazy<Shape>; readonly member?: Member } | undefined {
  switch (shape.kind) {
    case 'object': {
      const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
      if (member !== undefined) return { shape: member.shape, member };
      return shape.open === undefined ? undefined : { shape: shape.open };
    }
    case 'map':
      return { shape: shape.values };
    case 'entry':
      return { shape: shape.value };
    case 'list':
      return { shape: shape.items };
    case 'any':
      return { shape };
    default:
      return undefined;
  }
}

function boundFor(from: Visited, shape: ObjectShape, key: string): ReadonlyMap<string, string> {
  const seen = shape.binds.filter((binding) => binding.seenBy.includes(key));
  if (seen.length === 0) return from.bound;
  const bound = new Map(from.bound);
  for (const binding of seen) {
    let node = from.node;
    for (const name of binding.from) node = childOf(node, name);
    const written = node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
    bound.set(written === '' ? binding.usual : written, binding.doc);
  }
  return bound;
}

function childOf(node: SourceNode | undefined, key: string): SourceNode | undefined {
  if (node?.kind === 'list') return node.items[Number(key)];
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key)?.value : undefined;
}

/** Names of the functions that a definition declares. */
export function functionNames(root: SourceNode | undefined): ReadonlySet<string> {
  const declared = childOf(childOf(root, 'use'), 'functions');
  return new Set(declared?.kind === 'map' ? declared.entries.map((entry) => entry.key) : []);
}
