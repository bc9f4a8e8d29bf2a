import type { Json } from '@parley/kernel';
import type { Meter } from './limits.js';

/** What a scalar returns instead of an output when there is none. */
export const NONE: unique symbol = Symbol('no output');
export type Slot = Json | typeof NONE;

/**
 * Bound variables, closure parameters and labels, innermost first. Entries are never changed, so a
 * filter that is resumed by a later output still sees what it saw before.
 */
export interface Env {
  readonly value: Json | Closure | Label;
  readonly up: Env | undefined;
  readonly meter: Meter;
}

/** A filter that was passed to a function, with the environment in which it was written. */
export class Closure {
  constructor(
    readonly code: ClosureCode,
    readonly env: Env,
  ) {}
}

/** Both are compiled on first use. */
export interface ClosureCode {
  readonly stream: Stream;
  readonly paths: Paths;
}

/** One activation of `label`. */
export class Label {
  constructor(
    /** How deep the evaluation was, to be restored by a break. */
    readonly depth: number,
  ) {}
}

/** Unwinds to its label. Not an error of the program: `try` lets it pass. */
export class BreakSignal extends Error {
  constructor(readonly label: Label) {
    super('break');
    this.name = 'BreakSignal';
  }
}

export type Scalar = (input: Json, env: Env) => Slot;

/** Called for each output. Returns true to stop the source: no more outputs are wanted. */
export type Emit = (value: Json) => boolean;

/** Returns true as soon as `emit` did. */
export type Stream = (input: Json, env: Env, emit: Emit) => boolean;

/** The way from the root of a path expression to a value, last key first. */
export class PathNode {
  constructor(
    readonly key: Json,
    readonly up: PathNode | undefined,
    /** The value that the path leads to. */
    readonly at: Json,
  ) {}
}

/** The keys from the root. */
export function keysOf(path: PathNode): Json[] {
  const keys: Json[] = [];
  // The outermost node stands for the root itself.
  for (let node = path; node.up !== undefined; node = node.up) keys.push(node.key);
  return keys.reverse();
}

export function rootPath(value: Json): PathNode {
  return new PathNode(null, undefined, value);
}

/** `value` is the current value; it is on the path only when it is what the path leads to. */
export type EmitPath = (path: PathNode, value: Json) => boolean;

export type Paths = (path: PathNode, input: Json, env: Env, emit: EmitPath) => boolean;

export function push(env: Env, value: Json | Closure | Label): Env {
  return { value, up: env, meter: env.meter };
}

/** The environment `steps` entries further out. */
export function climb(env: Env, steps: number): Env {
  let at = env;
  for (let left = steps; left > 0; left -= 1) at = at.up as Env;
  return at;
}
