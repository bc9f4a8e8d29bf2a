import type { Json } from '@parley/kernel';
import type { Compiler, Core, CoreOf } from '../core.js';
import { NONE, push, type Env, type Paths, type Scalar, type Stream } from '../runtime.js';
import { membersAt } from './access.js';
import { accumulator, type Round, type StartAccumulator } from './accumulate.js';
import { binder, isPlain } from './binding.js';

/** The next state of a loop. An update without output leaves null, of several the last counts. */
type Step = (state: Json, env: Env) => Json;

function lastOutput(update: Core, compiler: Compiler): Step {
  if (update.card !== 'many') {
    const scalar = compiler.scalar(update);
    return (state, env) => {
      const next = scalar(state, env);
      return next === NONE ? null : next;
    };
  }
  const stream = compiler.stream(update);
  return (state, env) => {
    let next: Json = null;
    stream(state, env, (value) => {
      next = value;
      return false;
    });
    return next;
  };
}

/** Runs a loop from an initial state to its last. */
type Fold = (init: Json, input: Json, env: Env) => Json;

function fold(node: CoreOf<'reduce'>, compiler: Compiler): Fold {
  const start = isPlain(node.binding) ? accumulator(node.update, compiler) : undefined;
  if (start !== undefined) return accumulate(node, start, compiler);
  const source = compiler.stream(node.source);
  const step = lastOutput(node.update, compiler);
  const bind = isPlain(node.binding) ? undefined : binder(node.binding, compiler);
  return (init, input, env) => {
    let state = init;
    source(input, env, (value) => {
      env.meter.spend(1);
      if (bind === undefined) {
        state = step(state, push(env, value));
        return false;
      }
      return bind(value, env, (inner) => {
        state = step(state, inner);
        return false;
      });
    });
    return state;
  };
}

function accumulate(node: CoreOf<'reduce'>, start: StartAccumulator, compiler: Compiler): Fold {
  const { source } = node;
  if (source.kind === 'iterate' && source.target.card !== 'many') {
    return accumulateItems(source, start, compiler);
  }
  const stream = compiler.stream(source);
  return (init, input, env) => {
    const state = start(init, env);
    const round: Round = { value: null, up: env, meter: env.meter };
    stream(input, env, (value) => {
      env.meter.spend(1);
      round.value = value;
      state.step(round);
      return false;
    });
    return state.value();
  };
}

/** All items are there from the beginning. */
function accumulateItems(
  source: CoreOf<'iterate'>,
  start: StartAccumulator,
  compiler: Compiler,
): Fold {
  const target = compiler.scalar(source.target);
  return (init, input, env) => {
    const state = start(init, env);
    const container = target(input, env);
    if (container === NONE) return state.value();
    const items = membersAt(container, source);
    const round: Round = { value: null, up: env, meter: env.meter };
    env.meter.spend(2 * items.length);
    if (state.all !== undefined) {
      state.all(items, round);
      return state.value();
    }
    for (const item of items) {
      round.value = item;
      state.step(round);
    }
    return state.value();
  };
}

export function reduceScalar(node: CoreOf<'reduce'>, compiler: Compiler): Scalar {
  const init = compiler.scalar(node.init);
  const run = fold(node, compiler);
  return (input, env) => {
    const start = init(input, env);
    return start === NONE ? NONE : run(start, input, env);
  };
}

export function reduceStream(node: CoreOf<'reduce'>, compiler: Compiler): Stream {
  const init = compiler.stream(node.init);
  const run = fold(node, compiler);
  return (input, env, emit) => {
    // As in jq the first run takes the input away: the source of later ones sees null.
    let rest = input;
    return init(input, env, (start) => {
      const seen = rest;
      rest = null;
      return emit(run(start, seen, env));
    });
  };
}

/**
 * As a path expression. The state has no path of its own: the update begins at the path of the item
 * that the source found, and what is left at the end is at the path of the initial state, if it is
 * the value that is there.
 */
export function reducePaths(node: CoreOf<'reduce'>, compiler: Compiler): Paths {
  const source = compiler.paths(node.source);
  const init = compiler.paths(node.init);
  const update = compiler.paths(node.update);
  const bind = binder(node.binding, compiler);
  return (path, input, env, emit) => {
    let rest = input;
    return init(path, input, env, (start, startValue) => {
      const seen = rest;
      rest = null;
      let state = startValue;
      source(start, seen, env, (at, value) => {
        env.meter.spend(1);
        return bind(value, env, (inner) => {
          const from = state;
          state = null;
          return update(at, from, inner, (_next, nextValue) => {
            state = nextValue;
            return false;
          });
        });
      });
      return emit(start, state);
    });
  };
}

export function foreachStream(node: CoreOf<'foreach'>, compiler: Compiler): Stream {
  const source = compiler.stream(node.source);
  const init = compiler.stream(node.init);
  const update = compiler.stream(node.update);
  const extract = compiler.stream(node.extract);
  const bind = binder(node.binding, compiler);
  return (input, env, emit) =>
    init(input, env, (start) => {
      let state = start;
      return source(input, env, (value) => {
        env.meter.spend(1);
        return bind(value, env, (inner) => {
          const from = state;
          state = null;
          return update(from, inner, (next) => {
            state = next;
            return extract(next, inner, emit);
          });
        });
      });
    });
}

/** Like `reducePaths`: the update begins at the path of the item. */
export function foreachPaths(node: CoreOf<'foreach'>, compiler: Compiler): Paths {
  const source = compiler.paths(node.source);
  const init = compiler.paths(node.init);
  const update = compiler.paths(node.update);
  const extract = compiler.paths(node.extract);
  const bind = binder(node.binding, compiler);
  return (path, input, env, emit) =>
    init(path, input, env, (start, startValue) => {
      let state = startValue;
      return source(start, input, env, (at, value) => {
        env.meter.spend(1);
        return bind(value, env, (inner) => {
          const from = state;
          state = null;
          return update(at, from, inner, (next, nextValue) => {
            state = nextValue;
            return extract(next, nextValue, inner, emit);
          });
        });
      });
    });
}
