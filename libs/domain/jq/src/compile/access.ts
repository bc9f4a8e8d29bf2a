import { isJsonObject, JsonNumber, type Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { describe, failure, JqError, type Span } from '../errors.js';
import { located, secretFailure } from '../failure.js';
import type { Meter } from '../limits.js';
import { NONE, PathNode, type Paths, type Scalar, type Slot, type Stream } from '../runtime.js';
import { getIndex } from '../values/access.js';
import { isOpaque, Opaque } from '../values/opaque.js';
import { typeOf } from '../values/types.js';
import { checkAccess, checkIteration } from './path-mode.js';

type Get = (container: Json, key: Json, meter: Meter) => Slot;

function getter({ optional, span }: { readonly optional: boolean; readonly span?: Span }): Get {
  if (optional) return getOptional;
  return (container, key, meter) => {
    try {
      return getIndex(container, key, meter);
    } catch (error) {
      throw located(error, span);
    }
  };
}

function getOptional(container: Json, key: Json, meter: Meter): Slot {
  try {
    return getIndex(container, key, meter);
  } catch (error) {
    if (error instanceof JqError && error.kind === 'error') return NONE;
    throw error;
  }
}

export function indexScalar(node: CoreOf<'index'>, compiler: Compiler): Scalar {
  const { target, key } = node;
  if (key.kind === 'const' && typeof key.value === 'string') {
    return memberScalar(node, key.value, compiler);
  }
  const container = compiler.scalar(target);
  const get = getter(node);
  if (key.kind === 'const') {
    const { value } = key;
    if (typeof value === 'number' && value >= 0 && Number.isInteger(value)) {
      return elementScalar(container, value, get);
    }
    return (input, env) => {
      const from = container(input, env);
      return from === NONE ? NONE : get(from, value, env.meter);
    };
  }
  const keyOf = compiler.scalar(key);
  return (input, env) => {
    const at = keyOf(input, env);
    if (at === NONE) return NONE;
    const from = container(input, env);
    return from === NONE ? NONE : get(from, at, env.meter);
  };
}

/** `.name`, the most frequent operation of all. */
function memberScalar(node: CoreOf<'index'>, key: string, compiler: Compiler): Scalar {
  const { target } = node;
  const get = isInherited(key) ? inheritedMember(node, key) : member(node, key);
  if (target.kind === 'identity') return get;
  if (target.kind === 'variable' && target.up === 0) return (_input, env) => get(env.value as Json);
  const container = compiler.scalar(target);
  return (input, env) => {
    const from = container(input, env);
    return from === NONE ? NONE : get(from);
  };
}

/** `.[0]`, from the beginning. */
function elementScalar(container: Scalar, index: number, get: Get): Scalar {
  return (input, env) => {
    const from = container(input, env);
    if (Array.isArray(from)) return index < from.length ? (from[index] as Json) : null;
    return from === NONE ? NONE : get(from, index, env.meter);
  };
}

/** Whether something that is no member of an object may have a property of this name. */
function isInherited(key: string): boolean {
  return key in JsonNumber.prototype || key in Opaque.prototype;
}

/** The key is on no prototype, so what is found is an own member. */
function member(node: CoreOf<'index'>, key: string): (from: Json) => Slot {
  return (from) => {
    if (typeof from === 'object' && from !== null && !Array.isArray(from)) {
      const value = from[key];
      if (value !== undefined) return value;
      if (isJsonObject(from)) return null;
    }
    return missing(from, node, key);
  };
}

function inheritedMember(node: CoreOf<'index'>, key: string): (from: Json) => Slot {
  return (from) => {
    if (isJsonObject(from)) return Object.hasOwn(from, key) ? (from[key] as Json) : null;
    return missing(from, node, key);
  };
}

function missing(from: Json, { optional, span }: CoreOf<'index'>, key: string): Slot {
  if (from === null) return null;
  if (optional) return NONE;
  const problem = isOpaque(from)
    ? secretFailure('looked into')
    : failure(`Cannot index ${typeOf(from)} with ${describe(key)}`);
  throw located(problem, span);
}

export function indexStream(node: CoreOf<'index'>, compiler: Compiler): Stream {
  const target = compiler.stream(node.target);
  const key = compiler.stream(node.key);
  const get = getter(node);
  return (input, env, emit) =>
    key(input, env, (at) =>
      target(input, env, (from) => {
        const value = get(from, at, env.meter);
        return value === NONE ? false : emit(value);
      }),
    );
}

export function indexPaths(node: CoreOf<'index'>, compiler: Compiler): Paths {
  const target = compiler.paths(node.target);
  const key = compiler.stream(node.key);
  const get = getter(node);
  return (path, input, env, emit) =>
    key(input, env, (at) =>
      target(path, input, env, (inner, from) => {
        checkAccess(inner, from, at);
        const value = get(from, at, env.meter);
        return value === NONE ? false : emit(new PathNode(at, inner, value), value);
      }),
    );
}

export function sliceScalar(node: CoreOf<'slice'>, compiler: Compiler): Scalar {
  const target = compiler.scalar(node.target);
  const from = compiler.scalar(node.from);
  const to = compiler.scalar(node.to);
  const get = getter(node);
  return (input, env) => {
    const start = from(input, env);
    if (start === NONE) return NONE;
    const end = to(input, env);
    if (end === NONE) return NONE;
    const container = target(input, env);
    return container === NONE ? NONE : get(container, { start, end }, env.meter);
  };
}

export function sliceStream(node: CoreOf<'slice'>, compiler: Compiler): Stream {
  const target = compiler.stream(node.target);
  const keys = sliceKeys(node, compiler);
  const get = getter(node);
  return (input, env, emit) =>
    keys(input, env, (key) =>
      target(input, env, (container) => {
        const value = get(container, key, env.meter);
        return value === NONE ? false : emit(value);
      }),
    );
}

export function slicePaths(node: CoreOf<'slice'>, compiler: Compiler): Paths {
  const target = compiler.paths(node.target);
  const keys = sliceKeys(node, compiler);
  const get = getter(node);
  return (path, input, env, emit) =>
    keys(input, env, (key) =>
      target(path, input, env, (inner, container) => {
        checkAccess(inner, container, key);
        const value = get(container, key, env.meter);
        return value === NONE ? false : emit(new PathNode(key, inner, value), value);
      }),
    );
}

function sliceKeys(node: CoreOf<'slice'>, compiler: Compiler): Stream {
  const from = compiler.stream(node.from);
  const to = compiler.stream(node.to);
  return (input, env, emit) =>
    from(input, env, (start) => to(input, env, (end) => emit({ start, end })));
}

export function iterateStream(node: CoreOf<'iterate'>, compiler: Compiler): Stream {
  if (node.target.card !== 'many') {
    const target = compiler.scalar(node.target);
    return (input, env, emit) => {
      const container = target(input, env);
      return container === NONE ? false : eachOf(container, node, env.meter, emit);
    };
  }
  const target = compiler.stream(node.target);
  return (input, env, emit) =>
    target(input, env, (container) => eachOf(container, node, env.meter, emit));
}

/** The members of an array or object, in order. */
function eachOf(
  container: Json,
  node: CoreOf<'iterate'>,
  meter: Meter,
  emit: (value: Json) => boolean,
): boolean {
  for (const value of membersAt(container, node)) {
    meter.spend(1);
    if (emit(value)) return true;
  }
  return false;
}

/** The members, with an error that says where. */
export function membersAt(container: Json, node: CoreOf<'iterate'>): readonly Json[] {
  if (Array.isArray(container)) return container;
  try {
    return membersOf(container, node.optional);
  } catch (error) {
    throw located(error, node.span);
  }
}

export function membersOf(container: Json, optional: boolean): readonly Json[] {
  if (Array.isArray(container)) return container;
  if (isJsonObject(container)) return Object.values(container);
  if (optional) return [];
  throw failure(`Cannot iterate over ${describe(container)}`);
}

export function iteratePaths(node: CoreOf<'iterate'>, compiler: Compiler): Paths {
  const target = compiler.paths(node.target);
  const { optional } = node;
  return (path, input, env, emit) =>
    target(path, input, env, (inner, container) => {
      checkIteration(inner, container);
      return eachPath(inner, container, { optional, meter: env.meter, emit });
    });
}

export function eachPath(
  path: PathNode,
  container: Json,
  step: {
    readonly optional: boolean;
    readonly meter: Meter;
    readonly emit: (path: PathNode, value: Json) => boolean;
  },
): boolean {
  const values = membersOf(container, step.optional);
  const keys = isJsonObject(container) ? Object.keys(container) : undefined;
  for (let i = 0; i < values.length; i += 1) {
    step.meter.spend(1);
    const value = values[i] as Json;
    if (step.emit(new PathNode(keys?.[i] ?? i, path, value), value)) return true;
  }
  return false;
}
