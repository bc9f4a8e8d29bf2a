import type { Json } from '@parley/kernel';
import type { VariablePlace } from '../expressions/variables.js';

/**
 * What the language allows at a place. The shapes in this folder are the one description of the
 * language: validation, completion, hover, the order of members and the reference page read them.
 *
 * S1  Members stand in the order in which they are best written.
 * S2  A shape that depends on what is written (the keyword of a task, `call`) is a `select`.
 * S3  What the shapes allow is what the official JSON Schema allows; rules that no shape can say
 *     (targets, references, expressions, …) are in `check/`.
 */
export type Shape =
  | ObjectShape
  | SelectShape
  | MapShape
  | EntryShape
  | ListShape
  | EitherShape
  | TextShape
  | IntegerShape
  | BooleanShape
  | AnyShape;

/** A shape, or where to find it: shapes contain each other. */
export type Lazy<T> = T | (() => T);

/** An object with named members. */
export interface ObjectShape {
  readonly kind: 'object';
  /** In the words of messages and headings, without article: `retry policy`. */
  readonly title: string;
  readonly doc: string;
  readonly members: Readonly<Record<string, Member>>;
  /** Names of the members that must be there. */
  readonly required: readonly string[];
  /** Sets of members of which exactly one (or, if `optional`, at most one) must be there. */
  readonly choices: readonly Choice[];
  /** One member that stands alone (`use`), in place of all the others. */
  readonly alone?: Alone;
  /** Members beyond the named ones are allowed, and hold this. */
  readonly open?: Lazy<Shape>;
  readonly notEmpty?: true;
  /** It is a whole task. */
  readonly task?: true;
  /** Variables that some members see because of what others say. */
  readonly binds: readonly Binding[];
}

export interface Member {
  /** One or two plain sentences. */
  readonly doc: string;
  readonly shape: Lazy<Shape>;
  readonly required?: true;
  readonly default?: Json;
  /** The value as YAML, on one line. */
  readonly example?: string;
  /** The member means nothing without this other one. */
  readonly needs?: string;
  /** Which variables expressions below the member see; otherwise those of the place around. */
  readonly at?: VariablePlace;
}

export interface Choice {
  readonly of: readonly string[];
  readonly optional?: true;
}

export interface Alone {
  readonly member: string;
  /** What must be there without it. */
  readonly otherwise: readonly string[];
}

/** A variable named in the definition. */
export interface Binding {
  /** Where the name is written, below the object. */
  readonly from: readonly string[];
  /** The name when none is written. */
  readonly usual: string;
  readonly doc: string;
  /** Members whose expressions see the variable. */
  readonly seenBy: readonly string[];
}

/** An object whose members depend on what it says, e.g. a task. */
export interface SelectShape {
  readonly kind: 'select';
  readonly title: string;
  readonly doc: string;
  /** What there is to choose from. */
  readonly variants: readonly Variant[];
  /** The variant that is written; undefined when nothing says which. */
  select(written: Written): ObjectShape | undefined;
  /** All members of all variants: for places where nothing is decided yet. */
  readonly undecided: ObjectShape;
}

export interface Variant {
  /** `set`, `call: http`, … */
  readonly name: string;
  readonly doc: string;
  readonly shape: ObjectShape;
}

/** What `select` sees of an object. */
export interface Written {
  has(member: string): boolean;
  /** The text that a member is. */
  text(member: string): string | undefined;
  /** Whether `use.functions` declares the name: such a function hides one of the platform. */
  declares(functionName: string): boolean;
}

/** An object with free names. */
export interface MapShape {
  readonly kind: 'map';
  readonly title: string;
  readonly doc: string;
  readonly values: Lazy<Shape>;
  readonly notEmpty?: true;
  /** Declarations that are evaluated where they are used, with the variables of that place. */
  readonly shared?: true;
}

/** An object with one free name: `- name: …`. */
export interface EntryShape {
  readonly kind: 'entry';
  readonly title: string;
  readonly doc: string;
  readonly value: Lazy<Shape>;
}

export interface ListShape {
  readonly kind: 'list';
  readonly title: string;
  readonly doc: string;
  readonly items: Lazy<Shape>;
  readonly notEmpty?: true;
  /** The entries are tasks: they follow each other, or are branches of a fork. */
  readonly tasks?: 'sequence' | 'branches';
}

/** One of several shapes, told apart by whether a text, an object or a list is written. */
export interface EitherShape {
  readonly kind: 'either';
  readonly title: string;
  readonly options: readonly Lazy<Shape>[];
}

/**
 * What a text holds.
 *
 * | `words`      | itself; nothing in it is evaluated                                       |
 * | `template`   | text, with expressions in `${ }`                                         |
 * | `expression` | an expression, bare or in `${ }`                                         |
 * | `computed`   | an expression that must be in `${ }`                                     |
 * | `condition`  | as `expression`; its result is taken as true or false                    |
 * | `duration`   | an ISO 8601 duration or, unless `fixed`, an expression in `${ }`         |
 * | `address`    | an address with `{name}` places, or an expression in `${ }`              |
 * | `target`     | the name of a task of the same list, or continue, exit, end              |
 * | `reference`  | a name that `use` declares (`to` says where)                             |
 * | `variable`   | the name of a variable, without the dollar sign                          |
 * | `function`   | the name of a function to call                                           |
 */
export type Holds =
  | 'words'
  | 'template'
  | 'expression'
  | 'computed'
  | 'condition'
  | 'duration'
  | 'address'
  | 'target'
  | 'reference'
  | 'variable'
  | 'function';

/** What `use` declares under names. */
export const declaredKinds = [
  'authentications',
  'catalogs',
  'errors',
  'functions',
  'retries',
  'secrets',
  'timeouts',
] as const;
export type Declared = (typeof declaredKinds)[number];

export interface TextShape {
  readonly kind: 'text';
  readonly title: string;
  readonly holds: Holds;
  /** The only texts allowed; expressions are not. */
  readonly values?: readonly string[];
  /** Good values that are not the only ones. */
  readonly usual?: readonly string[];
  readonly pattern?: RegExp;
  /** What `pattern` wants, in words. */
  readonly wants?: string;
  /** For `reference`. */
  readonly to?: Declared;
  /** It must be known before the workflow runs. */
  readonly fixed?: true;
  readonly notEmpty?: true;
  /** For `address`: it must be an absolute http or https address. */
  readonly absolute?: true;
  /** For `address`: it cannot be computed. */
  readonly literal?: true;
}

export interface IntegerShape {
  readonly kind: 'integer';
  readonly title: string;
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

/** Any JSON value. */
export interface AnyShape {
  readonly kind: 'any';
  readonly title: string;
  /** `template`: texts in it may hold `${ }`; `data`: nothing is evaluated; `schema`: JSON Schema. */
  readonly holds: 'template' | 'data' | 'schema';
  readonly doc?: string;
}

/** The shape behind a reference. */
export function shapeOf<T extends Shape>(lazy: Lazy<T>): T {
  return typeof lazy === 'function' ? lazy() : lazy;
}

/** Completes an object shape. */
export function object(
  title: string,
  doc: string,
  members: Readonly<Record<string, Member>>,
  rest: Partial<
    Pick<ObjectShape, 'choices' | 'alone' | 'open' | 'notEmpty' | 'task' | 'binds'>
  > = {},
): ObjectShape {
  const required = Object.keys(members).filter((name) => members[name]?.required === true);
  return { kind: 'object', title, doc, members, required, choices: [], binds: [], ...rest };
}

/** A required member. */
export function needed(member: Omit<Member, 'required'>): Member {
  return { ...member, required: true };
}
