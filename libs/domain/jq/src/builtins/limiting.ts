import type { Json } from '@parley/kernel';
import { argument, IDENTITY, iterate, type Compiler, type Core, type Form } from '../core.js';
import { failure, typeError } from '../errors.js';
import { NONE, type Env, type Paths, type Slot, type Stream } from '../runtime.js';
import { asDouble } from '../values/number.js';
import { isTruthy } from '../values/types.js';

/** Builtins that take only some outputs of a filter. */

const first: Form = {
  card: () => 'opt',
  scalar: (args, compiler) => {
    const source = compiler.stream(argument(args, 0));
    return (input, env) => {
      let found: Slot = NONE;
      source(input, env, (value) => {
        found = value;
        return true;
      });
      return found;
    };
  },
  paths: (args, compiler) => {
    const source = compiler.paths(argument(args, 0));
    return (path, input, env, emit) => {
      let stopped = false;
      source(path, input, env, (inner, value) => {
        stopped = emit(inner, value);
        return true;
      });
      return stopped;
    };
  },
};

/** As in jq its output is on no path. */
const last: Form = {
  card: () => 'opt',
  scalar: (args, compiler) => {
    const source = compiler.stream(argument(args, 0));
    return (input, env) => {
      let found: Slot = NONE;
      source(input, env, (value) => {
        found = value;
        return false;
      });
      return found;
    };
  },
};

/** Decides about each output of a source, in both modes. */
type Take = () => 'pass' | 'drop' | 'pass-last';

/** Checks the count and makes the decision, or undefined when nothing shall be evaluated. */
type Start = (count: Json) => Take | undefined;

function counted(start: Start): Form {
  return {
    card: () => 'many',
    stream: (args, compiler) => countedStream(args, compiler, start),
    paths: (args, compiler) => countedPaths(args, compiler, start),
  };
}

function countedStream(args: readonly Core[], compiler: Compiler, start: Start): Stream {
  const count = compiler.stream(argument(args, 0));
  const source = compiler.stream(argument(args, 1));
  return (input, env, emit) =>
    count(input, env, (number) => {
      const take = start(number);
      if (take === undefined) return false;
      let stopped = false;
      source(input, env, (value) => {
        const decision = take();
        if (decision === 'drop') return false;
        stopped = emit(value);
        return stopped || decision === 'pass-last';
      });
      return stopped;
    });
}

function countedPaths(args: readonly Core[], compiler: Compiler, start: Start): Paths {
  const count = compiler.stream(argument(args, 0));
  const source = compiler.paths(argument(args, 1));
  return (path, input, env, emit) =>
    count(input, env, (number) => {
      const take = start(number);
      if (take === undefined) return false;
      let stopped = false;
      source(path, input, env, (inner, value) => {
        const decision = take();
        if (decision === 'drop') return false;
        stopped = emit(inner, value);
        return stopped || decision === 'pass-last';
      });
      return stopped;
    });
}

function countOf(value: Json, negative: string): number {
  const count = asDouble(value);
  if (count === undefined) throw typeError(value, 'is not a count');
  if (count < 0) throw failure(negative);
  return count;
}

const limit = counted((value) => {
  let left = countOf(value, "limit doesn't support negative count");
  if (left === 0) return undefined;
  return () => {
    left -= 1;
    return left <= 0 ? 'pass-last' : 'pass';
  };
});

const skip = counted((value) => {
  let left = countOf(value, "skip doesn't support negative count");
  return () => {
    left -= 1;
    return left < 0 ? 'pass' : 'drop';
  };
});

const nth = counted((value) => {
  let left = countOf(value, "nth doesn't support negative indices");
  return () => {
    left -= 1;
    return left < 0 ? 'pass-last' : 'drop';
  };
});

/** Whether some output makes `decide` true; evaluates no further than needed. */
function some(
  source: Stream,
  decide: (value: Json, env: Env) => boolean,
): (input: Json, env: Env) => boolean {
  return (input, env) => {
    let found = false;
    source(input, env, (value) => {
      found = decide(value, env);
      return found;
    });
    return found;
  };
}

/** `any` looks for a true answer, `all` for a false one. */
function quantifier(wanted: boolean): Form {
  return {
    card: () => 'one',
    scalar: (args, compiler) => {
      const source = args.length === 2 ? argument(args, 0) : iterate(IDENTITY);
      const condition = compiler.stream(argument(args, args.length - 1));
      const holds = some(compiler.stream(source), (value, env) =>
        some(condition, (answer) => isTruthy(answer) === wanted)(value, env),
      );
      return (input, env) => holds(input, env) === wanted;
    },
  };
}

const isEmpty: Form = {
  card: () => 'one',
  scalar: (args, compiler) => {
    const holds = some(compiler.stream(argument(args, 0)), () => true);
    return (input, env) => !holds(input, env);
  },
};

export const limitForms: Record<string, Form> = {
  'first/1': first,
  'last/1': last,
  'limit/2': limit,
  'skip/2': skip,
  'nth/2': nth,
  'isempty/1': isEmpty,
  'any/1': quantifier(true),
  'any/2': quantifier(true),
  'all/1': quantifier(false),
  'all/2': quantifier(false),
};
