import type { Compiler, Core, CoreOf, Definition } from '../core.js';
import { located } from '../failure.js';
import {
  climb,
  Closure,
  push,
  type ClosureCode,
  type Env,
  type Paths,
  type Scalar,
  type Stream,
} from '../runtime.js';

/** What a call costs: an environment, a closure for each argument. */
const CALL_STEPS = 2;

/** Compiled on first use: definitions may call themselves. */
class LazyCode implements ClosureCode {
  constructor(
    private readonly node: () => Core,
    private readonly compiler: Compiler,
  ) {}

  get stream(): Stream {
    const stream = this.compiler.stream(this.node());
    Object.defineProperty(this, 'stream', { value: stream });
    return stream;
  }

  get scalar(): Scalar {
    const scalar = this.compiler.scalar(this.node());
    Object.defineProperty(this, 'scalar', { value: scalar });
    return scalar;
  }

  get paths(): Paths {
    const paths = this.compiler.paths(this.node());
    Object.defineProperty(this, 'paths', { value: paths });
    return paths;
  }
}

function bodyOf(definition: Definition): Core {
  if (definition.body === undefined)
    throw new Error(`invariant broken: ${definition.name} has no body`);
  return definition.body;
}

/** Makes the environment of a call: that of the definition, and one entry per argument. */
function entry(node: CoreOf<'call'>, compiler: Compiler): (env: Env) => Env {
  const { up } = node;
  const args = node.args.map((arg) => {
    // A parameter that is only handed on stays the closure that it is.
    if (arg.kind === 'parameter') return (env: Env) => climb(env, arg.up).value as Closure;
    const code = new LazyCode(() => arg, compiler);
    return (env: Env) => new Closure(code, env);
  });
  return (env) => {
    let inner = climb(env, up);
    for (const arg of args) inner = push(inner, arg(env));
    return inner;
  };
}

export function callScalar(node: CoreOf<'call'>, compiler: Compiler): Scalar {
  const code = new LazyCode(() => bodyOf(node.definition), compiler);
  const enter = entry(node, compiler);
  return (input, env) => {
    const { meter } = env;
    meter.spend(CALL_STEPS);
    meter.descend();
    try {
      const value = code.scalar(input, enter(env));
      meter.depth -= 1;
      return value;
    } catch (error) {
      throw located(error, node.span);
    }
  };
}

export function callStream(node: CoreOf<'call'>, compiler: Compiler): Stream {
  const code = new LazyCode(() => bodyOf(node.definition), compiler);
  const enter = entry(node, compiler);
  return (input, env, emit) => {
    const { meter } = env;
    meter.spend(CALL_STEPS);
    meter.descend();
    try {
      const stopped = code.stream(input, enter(env), emit);
      meter.depth -= 1;
      return stopped;
    } catch (error) {
      throw located(error, node.span);
    }
  };
}

export function callPaths(node: CoreOf<'call'>, compiler: Compiler): Paths {
  const code = new LazyCode(() => bodyOf(node.definition), compiler);
  const enter = entry(node, compiler);
  return (path, input, env, emit) => {
    const { meter } = env;
    meter.spend(CALL_STEPS);
    meter.descend();
    const stopped = code.paths(path, input, enter(env), emit);
    meter.depth -= 1;
    return stopped;
  };
}

export function parameterStream({ up }: CoreOf<'parameter'>): Stream {
  return (input, env, emit) => {
    const closure = climb(env, up).value as Closure;
    env.meter.spend(1);
    return closure.code.stream(input, closure.env, emit);
  };
}

export function parameterPaths({ up }: CoreOf<'parameter'>): Paths {
  return (path, input, env, emit) => {
    const closure = climb(env, up).value as Closure;
    env.meter.spend(1);
    return closure.code.paths(path, input, closure.env, emit);
  };
}
