import { isJsonObject, JsonNumber, type Json } from '@parley/kernel';
import type { Compiler, Core, CoreOf } from '../core.js';
import { describe, failure, JqError } from '../errors.js';
import { secretFailure } from '../failure.js';
import type { Meter } from '../limits.js';
import { NONE, PathNode, type Paths, type Scalar, type Slot, type Stream } from '../runtime.js';
import { getIndex } from '../values/access.js';
import { isOpaque, Opaque } from '../values/opaque.js';
import { typeOf } from '../values/types.js';
import { checkAccess, checkIteration } from './path-mode.js';

type Get = (container: Json, key: Json, meter: Meter) => Slot;

function getter(optional: boolean): Get {
  return optional ? getOptional : getIndex;
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
  const { target, key, optional } = node;
  if (key.kind === 'const' && typeof key.value === 'string') {
    return memberScalar(target, key.value, { optional, compiler });
  }
  const container = compiler.scalar(target);
  const get = getter(optional);
  if (key.kind === 'const') {
    const { value } = key;
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
function memberScalar(
  target: Core,
  key: string,
  { optional, compiler }: { readonly optional: boolean; readonly compiler: Compiler },
): Scalar {
  const get = isInherited(key) ? inheritedMember(key, optional) : member(key, optional);
  if (target.kind === 'identity') return get;
  const container = compiler.scalar(target);
  return (input, env) => {
    const from = container(input, env);
    return from === NONE ? NONE : get(from);
  };
}

/** Whether something that is no member of an object may have a property of this name. */
function isInherited(key: string): boolean {
  return key in JsonNumber.prototype || key in Opaque.prototype;
}

/** The key is on no prototype, so what is found is an own member. */
function member(key: string, optional: boolean): (from: Json) => Slot {
  return (from) => {
    if (typeof from === 'object' && from !== null && !Array.isArray(from)) {
      const value = from[key];
      if (value !== undefined) return value;
      if (isJsonObject(from)) return null;
    }
    return missing(from, key, optional);
  };
}

function inheritedMember(key: string, optional: boolean): (from: Json) => Slot {
  return (from) => {
    if (isJsonObject(from)) return Object.hasOwn(from, key) ? (from[key] as Json) : null;
    return missing(from, key, optional);
  };
}

function missing(from: Json, key: string, optional: boolean): Slot {
  if (from === null) return null;
  if (isOpaque(from)) throw secretFailure('looked into');
  if (optional) return NONE;
  throw failure(`Cannot index ${typeOf(from)} with ${describe(key)}`);
}

export function indexStream(node: CoreOf<'index'>, compiler: Compiler): Stream {
  const target = compiler.stream(node.target);
  const key = compiler.stream(node.key);
  const get = getter(node.optional);
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
  const get = getter(node.optional);
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
  const get = getter(node.optional);
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
  const get = getter(node.optional);
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
  const get = getter(node.optional);
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
  const { optional } = node;
  if (node.target.card !== 'many') {
    const target = compiler.scalar(node.target);
    return (input, env, emit) => {
      const container = target(input, env);
      return container === NONE ? false : eachOf(container, optional, env.meter, emit);
    };
  }
  const target = compiler.stream(node.target);
  return (input, env, emit) =>
    target(input, env, (container) => eachOf(container, optional, env.meter, emit));
}

/** The members of an array or object, in order. */
function eachOf(
  container: Json,
  optional: boolean,
  meter: Meter,
  emit: (value: Json) => boolean,
): boolean {
  for (const value of membersOf(container, optional)) {
    meter.spend(1);
    if (emit(value)) return true;
  }
  return false;
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
