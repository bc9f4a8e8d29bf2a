import type { Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { JqError } from '../errors.js';
import {
  BreakSignal,
  climb,
  Label,
  NONE,
  push,
  type Env,
  type Paths,
  type Scalar,
  type Slot,
  type Stream,
} from '../runtime.js';
import { isTruthy } from '../values/types.js';

export function conditionScalar(node: CoreOf<'if'>, compiler: Compiler): Scalar {
  const test = compiler.scalar(node.test);
  const then = compiler.scalar(node.then);
  const otherwise = compiler.scalar(node.otherwise);
  return (input, env) => {
    const condition = test(input, env);
    if (condition === NONE) return NONE;
    return isTruthy(condition) ? then(input, env) : otherwise(input, env);
  };
}

export function conditionStream(node: CoreOf<'if'>, compiler: Compiler): Stream {
  const then = compiler.stream(node.then);
  const otherwise = compiler.stream(node.otherwise);
  if (node.test.card !== 'many') {
    const test = compiler.scalar(node.test);
    return (input, env, emit) => {
      const condition = test(input, env);
      if (condition === NONE) return false;
      return isTruthy(condition) ? then(input, env, emit) : otherwise(input, env, emit);
    };
  }
  const test = compiler.stream(node.test);
  return (input, env, emit) =>
    test(input, env, (condition) =>
      isTruthy(condition) ? then(input, env, emit) : otherwise(input, env, emit),
    );
}

export function conditionPaths(node: CoreOf<'if'>, compiler: Compiler): Paths {
  const test = compiler.stream(node.test);
  const then = compiler.paths(node.then);
  const otherwise = compiler.paths(node.otherwise);
  return (path, input, env, emit) =>
    test(input, env, (condition) =>
      (isTruthy(condition) ? then : otherwise)(path, input, env, emit),
    );
}

/** `a // b`: the true outputs of a; without any, the outputs of b. Errors of a are errors. */
export function alternativeScalar(node: CoreOf<'alternative'>, compiler: Compiler): Scalar {
  const left = compiler.scalar(node.left);
  if (node.right.kind === 'const') {
    const otherwise = node.right.value;
    return (input, env) => {
      const value = left(input, env);
      return value === NONE || !isTruthy(value) ? otherwise : value;
    };
  }
  const right = compiler.scalar(node.right);
  return (input, env) => {
    const value = left(input, env);
    return value === NONE || !isTruthy(value) ? right(input, env) : value;
  };
}

export function alternativeStream(node: CoreOf<'alternative'>, compiler: Compiler): Stream {
  const left = compiler.stream(node.left);
  const right = compiler.stream(node.right);
  return (input, env, emit) => {
    let found = false;
    const stopped = left(input, env, (value) => {
      if (!isTruthy(value)) return false;
      found = true;
      return emit(value);
    });
    return stopped || (!found && right(input, env, emit));
  };
}

export function alternativePaths(node: CoreOf<'alternative'>, compiler: Compiler): Paths {
  const left = compiler.paths(node.left);
  const right = compiler.paths(node.right);
  return (path, input, env, emit) => {
    let found = false;
    const stopped = left(path, input, env, (inner, value) => {
      if (!isTruthy(value)) return false;
      found = true;
      return emit(inner, value);
    });
    return stopped || (!found && right(path, input, env, emit));
  };
}

/** The value that `catch` sees, for an error that the program may catch. */
function caught(error: unknown): Json {
  if (error instanceof JqError && error.kind === 'error') return error.value;
  throw error;
}

/** What an alternative pattern catches. */
export function isCatchable(error: unknown): boolean {
  return error instanceof BreakSignal || (error instanceof JqError && error.kind === 'error');
}

interface Caught {
  readonly value: Json;
}

/**
 * Runs a source whose errors are caught. What happens downstream of its outputs is not its error:
 * the source calls `guard` around every emit, and errors from in there pass.
 */
function guarded(
  env: Env,
  run: (guard: (emit: () => boolean) => boolean) => boolean,
): boolean | Caught {
  const { depth } = env.meter;
  let downstream = false;
  try {
    return run((emit) => {
      downstream = true;
      const stopped = emit();
      downstream = false;
      return stopped;
    });
  } catch (error) {
    if (downstream) throw error;
    const value = caught(error);
    env.meter.depth = depth;
    return { value };
  }
}

export function tryScalar(node: CoreOf<'try'>, compiler: Compiler): Scalar {
  const body = compiler.scalar(node.body);
  const handler = compiler.scalar(node.handler);
  return (input, env) => {
    const { depth } = env.meter;
    let value: Json;
    try {
      return body(input, env);
    } catch (error) {
      value = caught(error);
      env.meter.depth = depth;
    }
    return handler(value, env);
  };
}

export function tryStream(node: CoreOf<'try'>, compiler: Compiler): Stream {
  const body = compiler.stream(node.body);
  const handler = compiler.stream(node.handler);
  return (input, env, emit) => {
    const stopped = guarded(env, (guard) => body(input, env, (value) => guard(() => emit(value))));
    return typeof stopped === 'boolean' ? stopped : handler(stopped.value, env, emit);
  };
}

/** The handler's input is the error's value, which is on no path. */
export function tryPaths(node: CoreOf<'try'>, compiler: Compiler): Paths {
  const body = compiler.paths(node.body);
  const handler = compiler.paths(node.handler);
  return (path, input, env, emit) => {
    const stopped = guarded(env, (guard) =>
      body(path, input, env, (inner, value) => guard(() => emit(inner, value))),
    );
    return typeof stopped === 'boolean' ? stopped : handler(path, stopped.value, env, emit);
  };
}

export function throwBreak(up: number): Scalar {
  return (_input, env) => {
    throw new BreakSignal(climb(env, up).value as Label);
  };
}

function isBreakTo(signal: unknown, label: Label): boolean {
  return signal instanceof BreakSignal && signal.label === label;
}

/** Runs `body` with a new label; a break to it gives `stopped`. */
function labelled<T>(env: Env, stopped: T, body: (inner: Env) => T): T {
  const label = new Label(env.meter.depth);
  try {
    return body(push(env, label));
  } catch (signal) {
    if (!isBreakTo(signal, label)) throw signal;
    env.meter.depth = label.depth;
    return stopped;
  }
}

export function labelScalar(body: Scalar): Scalar {
  return (input, env) => labelled<Slot>(env, NONE, (inner) => body(input, inner));
}

export function labelStream(body: Stream): Stream {
  return (input, env, emit) => labelled(env, false, (inner) => body(input, inner, emit));
}

export function labelPaths(body: Paths): Paths {
  return (path, input, env, emit) =>
    labelled(env, false, (inner) => body(path, input, inner, emit));
}
