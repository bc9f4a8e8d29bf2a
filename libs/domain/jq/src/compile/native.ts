import type { Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { NONE, type Emit, type Env, type Scalar, type Stream } from '../runtime.js';

const NO_ARGS: readonly Json[] = [];

export function nativeScalar(node: CoreOf<'native'>, compiler: Compiler): Scalar {
  const { fn } = node;
  if (node.args.length === 0) return (input, env) => fn(input, NO_ARGS, env.meter);
  const args = node.args.map((arg) => compiler.scalar(arg));
  return (input, env) => {
    const values: Json[] = [];
    for (const arg of args) {
      const value = arg(input, env);
      if (value === NONE) return NONE;
      values.push(value);
    }
    return fn(input, values, env.meter);
  };
}

/** The last argument is the outermost loop. */
export function nativeStream(node: CoreOf<'native'>, compiler: Compiler): Stream {
  const { fn } = node;
  const args = node.args.map((arg) => compiler.stream(arg));
  const from = (
    at: number,
    values: readonly Json[],
    input: Json,
    env: Env,
    emit: Emit,
  ): boolean => {
    const arg = args[at];
    if (arg === undefined) return emit(fn(input, values, env.meter));
    return arg(input, env, (value) => from(at - 1, [value, ...values], input, env, emit));
  };
  return (input, env, emit) => from(args.length - 1, [], input, env, emit);
}
