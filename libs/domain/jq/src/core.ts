import type { Json } from '@parley/kernel';
import type { Span } from './errors.js';
import type { BinaryOp } from './syntax/ast.js';
import type { Meter } from './limits.js';
import type { Paths, Scalar, Stream } from './runtime.js';

/**
 * The resolved program. Names are gone: a variable is a number of steps up the environment, a call
 * knows its definition.
 *
 * C1 `card` is an upper bound known before running: `one` gives exactly one output or fails, `opt`
 *    at most one, `many` anything.
 * C2 The environment grows by one entry per bound variable and per closure parameter, in the order
 *    in which `resolve` counts them.
 */
export type Card = 'one' | 'opt' | 'many';

/** `span` is where a node stands in its source; nodes of the library's own definitions have none. */
export type Core = CoreBody & { readonly card: Card; readonly span?: Span };

type CoreBody =
  | { readonly kind: 'identity' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'const'; readonly value: Json }
  | { readonly kind: 'variable'; readonly up: number }
  | { readonly kind: 'global'; readonly index: number; readonly name: string }
  | {
      readonly kind: 'index';
      readonly target: Core;
      readonly key: Core;
      readonly optional: boolean;
    }
  | {
      readonly kind: 'slice';
      readonly target: Core;
      readonly from: Core;
      readonly to: Core;
      readonly optional: boolean;
    }
  | { readonly kind: 'iterate'; readonly target: Core; readonly optional: boolean }
  | { readonly kind: 'pipe'; readonly left: Core; readonly right: Core }
  | { readonly kind: 'comma'; readonly left: Core; readonly right: Core }
  | { readonly kind: 'and'; readonly left: Core; readonly right: Core }
  | { readonly kind: 'or'; readonly left: Core; readonly right: Core }
  | { readonly kind: 'alternative'; readonly left: Core; readonly right: Core }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Core; readonly right: Core }
  | { readonly kind: 'negate'; readonly operand: Core }
  | { readonly kind: 'collect'; readonly body: Core }
  | { readonly kind: 'object'; readonly entries: readonly CoreEntry[] }
  | { readonly kind: 'string'; readonly format: string; readonly parts: readonly (string | Core)[] }
  | { readonly kind: 'if'; readonly test: Core; readonly then: Core; readonly otherwise: Core }
  | { readonly kind: 'try'; readonly body: Core; readonly handler: Core }
  | {
      readonly kind: 'reduce';
      readonly source: Core;
      readonly binding: Binding;
      readonly init: Core;
      readonly update: Core;
    }
  | {
      readonly kind: 'foreach';
      readonly source: Core;
      readonly binding: Binding;
      readonly init: Core;
      readonly update: Core;
      readonly extract: Core;
    }
  | { readonly kind: 'bind'; readonly source: Core; readonly binding: Binding; readonly body: Core }
  | { readonly kind: 'assign'; readonly target: Core; readonly value: Core }
  | { readonly kind: 'modify'; readonly target: Core; readonly update: Core }
  | {
      readonly kind: 'update';
      readonly op: BinaryOp | '//';
      readonly target: Core;
      readonly value: Core;
    }
  | { readonly kind: 'label'; readonly body: Core }
  | { readonly kind: 'break'; readonly up: number }
  | { readonly kind: 'parameter'; readonly up: number; readonly name: string }
  | {
      readonly kind: 'call';
      readonly definition: Definition;
      readonly up: number;
      readonly args: readonly Core[];
    }
  | {
      readonly kind: 'native';
      readonly fn: Native;
      readonly name: string;
      readonly args: readonly Core[];
      /** What it is as a path expression, when it is one. */
      readonly inPaths?: () => Core;
    }
  | {
      readonly kind: 'form';
      readonly form: Form;
      readonly args: readonly Core[];
      /** What it is as a path expression, when the form does not say. */
      readonly inPaths?: () => Core;
    };

export type CoreOf<K extends CoreBody['kind']> = Extract<Core, { readonly kind: K }>;

export interface CoreEntry {
  readonly key: Core;
  readonly value: Core;
}

/** A function. `body` is set when its definition has been resolved, after calls of itself. */
export interface Definition {
  readonly name: string;
  readonly arity: number;
  body: Core | undefined;
}

/** `as` patterns, tried in order. All of them bind the same variables, absent ones as null. */
export interface Binding {
  readonly size: number;
  readonly alternatives: readonly Matcher[];
}

/**
 * Takes a value apart. `slot` counts from the first variable of the binding. Key expressions have
 * the value as input and see the variables outside of the binding.
 */
export type Matcher =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'members'; readonly members: readonly MatcherMember[] };

export interface MatcherMember {
  readonly key: Core;
  readonly slot?: number;
  readonly value?: Matcher;
}

/** A builtin over values. Arguments are evaluated before it is called, the last one outermost. */
export type Native = (input: Json, args: readonly Json[], meter: Meter) => Json;

/** A builtin that runs its arguments as filters. */
export interface Form {
  readonly card: (args: readonly Core[]) => Card;
  /** Used when the card is `one` or `opt`. */
  readonly scalar?: (args: readonly Core[], compiler: Compiler) => Scalar;
  /** Absent when the card is never `many`. */
  readonly stream?: (args: readonly Core[], compiler: Compiler) => Stream;
  /** Absent when the outputs are new values, not parts of the input. */
  readonly paths?: (args: readonly Core[], compiler: Compiler) => Paths;
}

/** Turns resolved programs into closures, in the mode that the caller needs. */
export interface Compiler {
  /** At most one output. The node's card must not be `many`. */
  scalar(node: Core): Scalar;
  stream(node: Core): Stream;
  paths(node: Core): Paths;
}

export const IDENTITY: Core = { kind: 'identity', card: 'one' };
export const EMPTY: Core = { kind: 'empty', card: 'opt' };

export function constant(value: Json): Core {
  return { kind: 'const', value, card: 'one' };
}

/** The bound of things that are all evaluated and multiply. */
export function product(...parts: readonly Core[]): Card {
  let card: Card = 'one';
  for (const part of parts) {
    if (part.card === 'many') return 'many';
    if (part.card === 'opt') card = 'opt';
  }
  return card;
}

export function pipe(left: Core, right: Core): Core {
  if (left.kind === 'identity') return right;
  if (right.kind === 'identity') return left;
  return { kind: 'pipe', left, right, card: product(left, right) };
}

export function iterate(target: Core, optional = false): Core {
  return { kind: 'iterate', target, optional, card: 'many' };
}

export function collect(body: Core): Core {
  return { kind: 'collect', body, card: 'one' };
}

/** Either branch is taken. */
export function conditional(test: Core, then: Core, otherwise: Core): Core {
  return { kind: 'if', test, then, otherwise, card: product(test, then, otherwise) };
}

/** The argument at a position that the name and arity of the builtin promise. */
export function argument(args: readonly Core[], index: number): Core {
  const arg = args[index];
  if (arg === undefined) throw new Error('invariant broken: a builtin was resolved by its arity');
  return arg;
}
