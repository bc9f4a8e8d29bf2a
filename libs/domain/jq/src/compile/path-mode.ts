import type { Json } from '@parley/kernel';
import { failure } from '../errors.js';
import { NONE, PathNode, type Paths, type Scalar, type Stream } from '../runtime.js';
import { preview } from '../values/text.js';

/** No value is this one: the current value is not on any path. */
const NOWHERE: Json = {};

/** Whether the current value is the one that the path leads to. */
export function isIntact(path: PathNode, value: Json): boolean {
  return Object.is(path.at, value);
}

export function checkAccess(path: PathNode, value: Json, key: Json): void {
  if (isIntact(path, value)) return;
  throw failure(
    `Invalid path expression near attempt to access element ${preview(key)} of ${preview(value)}`,
  );
}

export function checkIteration(path: PathNode, value: Json): void {
  if (isIntact(path, value)) return;
  throw failure(`Invalid path expression near attempt to iterate through ${preview(value)}`);
}

export function checkResult(path: PathNode, value: Json): void {
  if (isIntact(path, value)) return;
  throw failure(`Invalid path expression with result ${preview(value)}`);
}

/**
 * A filter that computes new values. They are on no path, and that is an error only when somebody
 * goes on from them. jq cannot tell one null, true or false from another, so these stay where they
 * are.
 */
export function computedPaths(stream: Stream): Paths {
  return (path, input, env, emit) =>
    stream(input, env, (value) => {
      const same = value === null || typeof value === 'boolean';
      return emit(same ? path : new PathNode(path.key, path.up, NOWHERE), value);
    });
}

/** A variable may hold the very value that the path leads to. */
export function variablePaths(scalar: Scalar): Paths {
  return (path, input, env, emit) => {
    const value = scalar(input, env);
    return value === NONE ? false : emit(path, value);
  };
}
