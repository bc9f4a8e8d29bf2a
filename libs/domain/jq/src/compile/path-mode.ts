import type { Json } from '@parley/kernel';
import { failure } from '../errors.js';
import { NONE, PathNode, type Paths, type Scalar, type Stream } from '../runtime.js';
import { isLiteral } from '../values/number.js';
import { preview } from '../values/preview.js';

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
 * goes on from them. But jq cannot tell one null, true or false from another, nor an array or object
 * that went through unchanged.
 */
export function computedPaths(stream: Stream): Paths {
  return (path, input, env, emit) =>
    stream(input, env, (value) => {
      const isNew = typeof value === 'number' || typeof value === 'string' || isLiteral(value);
      return emit(isNew ? new PathNode(path.key, path.up, NOWHERE) : path, value);
    });
}

/** A builtin that gives its input back, if it does not compute anything. */
export function keepingPaths(stream: Stream): Paths {
  const computed = computedPaths(stream);
  return (path, input, env, emit) =>
    computed(path, input, env, (at, value) =>
      Object.is(input, value) ? emit(path, value) : emit(at, value),
    );
}

/** A variable may hold the very value that the path leads to. */
export function variablePaths(scalar: Scalar): Paths {
  return (path, input, env, emit) => {
    const value = scalar(input, env);
    return value === NONE ? false : emit(path, value);
  };
}

/** In jq `|=` takes its result out of an array, which is on no path. */
export function modifyPaths(scalar: Scalar): Paths {
  return (_path, input, env) => {
    const value = scalar(input, env);
    if (value === NONE) return false;
    throw failure(
      `Invalid path expression near attempt to access element 0 of ${preview([value, []])}`,
    );
  };
}
