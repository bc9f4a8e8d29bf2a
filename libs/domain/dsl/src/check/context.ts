import type { Catalogue } from '@parley/contracts';
import type { Place, Reporter } from '../diagnostics/reporter.js';
import type { VariablePlace } from '../expressions/variables.js';
import type { Declared, Lazy, Shape } from '../language/shape.js';
import type { Lock } from '../lock/lock.js';
import type { SourceNode } from '../source/tree.js';
import type { Declarations } from './declarations.js';
import type { Found, Repeats } from './repeats.js';

/** What a definition is checked against. */
export interface CheckOptions {
  /** Operations that `call: connector` may name; without it they are not checked. */
  readonly catalogue?: Catalogue | undefined;
  /** Documents outside of the definition, as they were when they were fetched. */
  readonly lock?: Lock | undefined;
  /** What it is that such a document is not in the lock. */
  readonly unresolved?: 'warning' | 'error' | undefined;
}

/** What one check has at hand. */
export interface Check {
  readonly source: string;
  readonly reporter: Reporter;
  readonly options: CheckOptions;
  readonly declared: Declarations;
  readonly repeats: Repeats;
  /** Where declarations are used. */
  readonly uses: Use[];
  /** What declarations under `use` ask of those who use them. */
  readonly asked: Map<SourceNode, AskedVariable[]>;
  /** `evaluate.mode: loose`: a text that can be read as an expression is one. */
  readonly loose: boolean;
  /** Members that an object lacks because they stand in another one, where that is told. */
  readonly astray: Map<SourceNode, Set<string>>;
  /** There are references to documents outside of the definition. */
  external: boolean;
  /** Tasks so far. */
  tasks: number;
  /** Holds a node against a shape; rules that look further reach it from here. */
  walk(node: SourceNode, shape: Lazy<Shape>, env: Env): void;
}

/** Where a node stands. */
export interface Env {
  readonly at: VariablePlace;
  /** Variables of the loops, handlers and subscriptions around. */
  readonly scoped: readonly string[];
  /** Some of their names could not be read: an unknown variable is then no second mistake. */
  readonly blind: boolean;
  /** The list that the task around is in. */
  readonly list?: ListPlace | undefined;
  /** In a declaration under `use`: who asks for a variable that only some users of it have. */
  readonly asked?: AskedVariable[] | undefined;
}

export interface ListPlace {
  /** Positions of the tasks of the list by name. */
  readonly positions: ReadonlyMap<string, number>;
  /** Every item of the list has a name that could be read. */
  readonly complete: boolean;
  /** The tasks are the branches of a fork. */
  readonly branches: boolean;
  readonly pointer: string;
}

/** A variable that a declaration reads, to be judged where the declaration is used. */
export interface AskedVariable {
  readonly name: string;
  /** What is wrong when it is not there. */
  describe(): Found;
}

/** A declaration under `use`, where it is used. */
export interface Use {
  readonly kind: Declared;
  readonly name: string;
  readonly env: Env;
}

/** Tasks of one definition. */
export const tasksMax = 10_000;

/** The key of a member, or where its value begins: where it is said that something is missing. */
export function keyPlace(node: SourceNode): Place {
  const { start, end } = node.span;
  const span = node.keySpan ?? { start, end: Math.min(end, start + 1) };
  return { span, pointer: node.pointer };
}

/** The member that a node is, in quotes: `"with"`. */
export function nameOf(node: SourceNode): string {
  const token = node.pointer.slice(node.pointer.lastIndexOf('/') + 1);
  return token === '' ? 'The definition' : `"${token.replaceAll('~1', '/').replaceAll('~0', '~')}"`;
}
