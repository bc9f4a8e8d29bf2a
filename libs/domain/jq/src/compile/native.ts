import type { Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { NONE, type Scalar, type Stream } from '../runtime.js';

const NO_ARGS: readonly Json[] = [];

export function nativeScalar(node: CoreOf<'native'>, compiler: Compiler): Scalar {
  const { fn } = node;
  if (node.args.length === 0) return (input, env) => fn(input, NO_ARGS, env.meter);
  const args = node.args.map((arg) => compiler.scalar(arg));
  return (input, env) => {
    const values = new Array<Json>(args.length);
    for (let i = args.length - 1; i >= 0; i -= 1) {
      const value = (args[i] as Scalar)(input, env);
      if (value === NONE) return NONE;
      values[i] = value;
    }
    return fn(input, values, env.meter);
  };
}

/** The last argument is the outermost loop. */
export function nativeStream(node: CoreOf<'native'>, compiler: Compiler): Stream {
  const { fn } = node;
  const args = node.args.map((arg) => compiler.stream(arg));
  return (input, env, emit) => {
    const from = (at: number, values: readonly Json[]): boolean => {
      const arg = args[at];
      if (arg === undefined) return emit(fn(input, values, env.meter));
      return arg(input, env, (value) => from(at - 1, [value, ...values]));
    };
    return from(args.length - 1, []);
  };
}
