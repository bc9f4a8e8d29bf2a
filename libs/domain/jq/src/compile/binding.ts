import type { Json } from '@parley/kernel';
import type { Binding, Compiler, CoreOf, Matcher } from '../core.js';
import { NONE, push, type Env, type Paths, type Scalar, type Stream } from '../runtime.js';
import { getIndex } from '../values/access.js';
import { isCatchable } from './control.js';

/** Gets an environment with the variables bound; returns true to stop. */
type Body = (inner: Env) => boolean;

/** Binds the variables of `as` to a value, once or more often. */
export type Binder = (value: Json, env: Env, body: Body) => boolean;

export function binder(binding: Binding, compiler: Compiler): Binder {
  const matchers = binding.alternatives.map((matcher) => matcherOf(matcher, compiler));
  const [only] = binding.alternatives;
  if (matchers.length === 1 && only?.kind === 'slot') {
    return (value, env, body) => body(push(env, value));
  }
  const run = (match: Match, value: Json, env: Env, use: (inner: Env) => boolean): boolean => {
    const slots: Json[] = new Array<Json>(binding.size).fill(null);
    return match({ value, env, slots }, () => use(slots.reduce(push, env)));
  };
  const last = matchers.length - 1;
  return (value, env, body) => {
    for (let i = 0; i < last; i += 1) {
      const { depth } = env.meter;
      try {
        return run(matchers[i] as Match, value, env, body);
      } catch (error) {
        // As in jq any failure counts, also one of what comes after, and a `break`.
        if (!isCatchable(error)) throw error;
        env.meter.depth = depth;
      }
    }
    return run(matchers[last] as Match, value, env, body);
  };
}

interface Matching {
  readonly value: Json;
  readonly env: Env;
  readonly slots: Json[];
}

/** Fills the slots from a value, then goes on; more than once when a key has several outputs. */
type Match = (matching: Matching, next: () => boolean) => boolean;

function matcherOf(matcher: Matcher, compiler: Compiler): Match {
  if (matcher.kind === 'slot') {
    const { slot } = matcher;
    return ({ value, slots }, next) => {
      slots[slot] = value;
      return next();
    };
  }
  const members = matcher.members.map(({ key, slot, value }) => ({
    key: compiler.stream(key),
    slot,
    inner: value === undefined ? undefined : matcherOf(value, compiler),
  }));
  const from = (at: number, matching: Matching, next: () => boolean): boolean => {
    const member = members[at];
    if (member === undefined) return next();
    const { value, env, slots } = matching;
    return member.key(value, env, (key) => {
      const found = getIndex(value, key, env.meter);
      if (member.slot !== undefined) slots[member.slot] = found;
      const rest = (): boolean => from(at + 1, matching, next);
      return member.inner === undefined ? rest() : member.inner({ value: found, env, slots }, rest);
    });
  };
  return (matching, next) => from(0, matching, next);
}

/** Whether a binding is one plain variable. */
export function isPlain(binding: Binding): boolean {
  return binding.alternatives.length === 1 && binding.alternatives[0]?.kind === 'slot';
}

export function bindScalar(node: CoreOf<'bind'>, compiler: Compiler): Scalar {
  const source = compiler.scalar(node.source);
  const body = compiler.scalar(node.body);
  if (isPlain(node.binding)) {
    return (input, env) => {
      const value = source(input, env);
      return value === NONE ? NONE : body(input, push(env, value));
    };
  }
  const bind = binder(node.binding, compiler);
  return (input, env) => {
    const value = source(input, env);
    if (value === NONE) return NONE;
    let result: ReturnType<Scalar> = NONE;
    bind(value, env, (inner) => {
      result = body(input, inner);
      return false;
    });
    return result;
  };
}

export function bindStream(node: CoreOf<'bind'>, compiler: Compiler): Stream {
  const source = compiler.stream(node.source);
  const body = compiler.stream(node.body);
  const bind = binder(node.binding, compiler);
  return (input, env, emit) =>
    source(input, env, (value) => bind(value, env, (inner) => body(input, inner, emit)));
}

export function bindPaths(node: CoreOf<'bind'>, compiler: Compiler): Paths {
  const source = compiler.stream(node.source);
  const body = compiler.paths(node.body);
  const bind = binder(node.binding, compiler);
  return (path, input, env, emit) =>
    source(input, env, (value) => bind(value, env, (inner) => body(path, input, inner, emit)));
}
