import type { Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { located } from '../failure.js';
import { NONE, type Env, type Scalar, type Stream } from '../runtime.js';

const NO_ARGS: readonly Json[] = [];

export function nativeScalar(node: CoreOf<'native'>, compiler: Compiler): Scalar {
  const { fn, span } = node;
  if (node.args.length === 0) {
    return (input, env) => {
      try {
        return fn(input, NO_ARGS, env.meter);
      } catch (error) {
        throw located(error, span);
      }
    };
  }
  const args = node.args.map((arg) => compiler.scalar(arg));
  return (input, env) => {
    const values = new Array<Json>(args.length);
    for (let i = args.length - 1; i >= 0; i -= 1) {
      const value = (args[i] as Scalar)(input, env);
      if (value === NONE) return NONE;
      values[i] = value;
    }
    try {
      return fn(input, values, env.meter);
    } catch (error) {
      throw located(error, span);
    }
  };
}

/** The last argument is the outermost loop. */
export function nativeStream(node: CoreOf<'native'>, compiler: Compiler): Stream {
  const { fn, span } = node;
  const args = node.args.map((arg) => compiler.stream(arg));
  const call = (input: Json, values: readonly Json[], env: Env): Json => {
    try {
      return fn(input, values, env.meter);
    } catch (error) {
      throw located(error, span);
    }
  };
  return (input, env, emit) => {
    const from = (at: number, values: readonly Json[]): boolean => {
      const arg = args[at];
      if (arg === undefined) return emit(call(input, values, env));
      return arg(input, env, (value) => from(at - 1, [value, ...values]));
    };
    return from(args.length - 1, []);
  };
}
