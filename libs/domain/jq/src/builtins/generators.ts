import { isJsonObject, putMember, type Json, type JsonObject } from '@parley/kernel';
import { eachPath, membersOf } from '../compile/access.js';
import { argument, product, type Compiler, type Core, type Form } from '../core.js';
import { failure } from '../errors.js';
import {
  NONE,
  type Emit,
  type EmitPath,
  type Env,
  type PathNode,
  type Paths,
  type Stream,
} from '../runtime.js';
import { asDouble } from '../values/number.js';
import { isContainer, isTruthy } from '../values/types.js';
import { Total } from '../values/total.js';
import { limitForms } from './limiting.js';

/** `..`: the value itself, then everything below it, parents first. */
const recurse: Form = {
  card: () => 'many',
  stream: (args, compiler) => (args.length === 0 ? recurseMembers : recurseBy(args, compiler)),
  paths: (args, compiler) => (args.length === 0 ? memberPaths : pathsBy(args, compiler)),
};

function recurseMembers(input: Json, env: Env, emit: Emit): boolean {
  if (emit(input)) return true;
  if (!isContainer(input)) return false;
  env.meter.descend();
  const stopped = membersOf(input, true).some((member) => {
    env.meter.spend(1);
    return recurseMembers(member, env, emit);
  });
  env.meter.depth -= 1;
  return stopped;
}

function memberPaths(path: PathNode, input: Json, env: Env, emit: EmitPath): boolean {
  if (emit(path, input)) return true;
  env.meter.descend();
  const stopped = eachPath(path, input, {
    optional: true,
    meter: env.meter,
    emit: (inner, value) => memberPaths(inner, value, env, emit),
  });
  env.meter.depth -= 1;
  return stopped;
}

/** `recurse(f)` and `recurse(f; condition)` */
function recurseBy(args: readonly Core[], compiler: Compiler): Stream {
  const next = compiler.stream(argument(args, 0));
  const test = args[1] === undefined ? undefined : compiler.stream(args[1]);
  const walk: Stream = (input, env, emit) => {
    if (emit(input)) return true;
    env.meter.descend();
    env.meter.spend(1);
    const stopped = next(input, env, (value) =>
      test === undefined
        ? walk(value, env, emit)
        : test(value, env, (go) => isTruthy(go) && walk(value, env, emit)),
    );
    env.meter.depth -= 1;
    return stopped;
  };
  return walk;
}

function pathsBy(args: readonly Core[], compiler: Compiler): Paths {
  const next = compiler.paths(argument(args, 0));
  const test = args[1] === undefined ? undefined : compiler.stream(args[1]);
  const walk: Paths = (path, input, env, emit) => {
    if (emit(path, input)) return true;
    env.meter.descend();
    env.meter.spend(1);
    const stopped = next(path, input, env, (inner, value) =>
      test === undefined
        ? walk(inner, value, env, emit)
        : test(value, env, (go) => isTruthy(go) && walk(inner, value, env, emit)),
    );
    env.meter.depth -= 1;
    return stopped;
  };
  return walk;
}

interface Progression {
  readonly from: Json;
  readonly to: Json;
  readonly step: Json;
}

function count({ from, to, step }: Progression, env: Env, emit: Emit): boolean {
  const [first, end, by] = [asDouble(from), asDouble(to), asDouble(step)];
  if (first === undefined || end === undefined || by === undefined) {
    throw failure('Range bounds must be numeric');
  }
  if (by === 0 || Number.isNaN(by)) return false;
  // The first value is the given one. Like jq, a range up to NaN has no end.
  let value: Json = from;
  for (let at = first; by > 0 ? !(at >= end) : at > end; at += by) {
    env.meter.spend(1);
    if (emit(value === from ? from : at)) return true;
    value = null;
  }
  return false;
}

const ZERO: Stream = (_input, _env, emit) => emit(0);
const ONE: Stream = (_input, _env, emit) => emit(1);

/** The first argument is the outermost loop. */
const range: Form = {
  card: () => 'many',
  stream: (args, compiler) => {
    const streams = args.map((arg) => compiler.stream(arg));
    const from = args.length === 1 ? ZERO : (streams.shift() ?? ZERO);
    const [to = ZERO, by = ONE] = streams;
    return (input, env, emit) =>
      from(input, env, (first) =>
        to(input, env, (end) =>
          by(input, env, (step) => count({ from: first, to: end, step }, env, emit)),
        ),
      );
  },
};

/** Runs `body` one level down. */
function deeper(env: Env, body: () => boolean): boolean {
  env.meter.descend();
  env.meter.spend(1);
  const stopped = body();
  env.meter.depth -= 1;
  return stopped;
}

const whileForm: Form = {
  card: () => 'many',
  stream: (args, compiler) => {
    const [condition, update] = [argument(args, 0), argument(args, 1)];
    if (product(condition, update) !== 'many') return whileLoop(condition, update, compiler);
    const test = compiler.stream(condition);
    const next = compiler.stream(update);
    const loop: Stream = (input, env, emit) =>
      test(input, env, (go) => {
        if (!isTruthy(go)) return false;
        if (emit(input)) return true;
        return deeper(env, () => next(input, env, (value) => loop(value, env, emit)));
      });
    return loop;
  },
};

/** Without branches it is a loop, of any length. */
function whileLoop(condition: Core, update: Core, compiler: Compiler): Stream {
  const test = compiler.scalar(condition);
  const next = compiler.scalar(update);
  return (input, env, emit) => {
    for (let value = input; ;) {
      env.meter.spend(1);
      const go = test(value, env);
      if (go === NONE || !isTruthy(go)) return false;
      if (emit(value)) return true;
      const following = next(value, env);
      if (following === NONE) return false;
      value = following;
    }
  };
}

const until: Form = {
  card: (args) => product(...args),
  scalar: (args, compiler) => {
    const test = compiler.scalar(argument(args, 0));
    const next = compiler.scalar(argument(args, 1));
    return (input, env) => {
      for (let value = input; ;) {
        env.meter.spend(1);
        const done = test(value, env);
        if (done === NONE) return NONE;
        if (isTruthy(done)) return value;
        const following = next(value, env);
        if (following === NONE) return NONE;
        value = following;
      }
    };
  },
  stream: (args, compiler) => {
    const test = compiler.stream(argument(args, 0));
    const next = compiler.stream(argument(args, 1));
    const loop: Stream = (input, env, emit) =>
      test(input, env, (done) =>
        isTruthy(done)
          ? emit(input)
          : deeper(env, () => next(input, env, (value) => loop(value, env, emit))),
      );
    return loop;
  },
};

/** The outputs of the filter, over and over. */
const repeat: Form = {
  card: () => 'many',
  stream: (args, compiler) => {
    const body = compiler.stream(argument(args, 0));
    return (input, env, emit) => {
      for (;;) {
        env.meter.spend(1);
        if (body(input, env, emit)) return true;
      }
    };
  },
};

const addOf: Form = {
  card: () => 'one',
  scalar: (args, compiler) => {
    const source = compiler.stream(argument(args, 0));
    return (input, env) => {
      const total = new Total(env.meter);
      source(input, env, (value) => {
        total.add(value);
        return false;
      });
      return total.value();
    };
  },
};

/** Bottom-up: members first, then the filter on what they became. */
const walk: Form = {
  card: (args) => argument(args, 0).card,
  scalar: (args, compiler) => {
    const filter = compiler.scalar(argument(args, 0));
    const visit = (value: Json, env: Env): Json | typeof NONE => {
      if (!isContainer(value)) return filter(value, env);
      env.meter.descend();
      const rebuilt = rebuild(value, env, (member, keep) => {
        const changed = visit(member, env);
        if (changed !== NONE) keep(changed);
      });
      env.meter.depth -= 1;
      return filter(rebuilt, env);
    };
    return visit;
  },
  stream: (args, compiler) => {
    const filter = compiler.stream(argument(args, 0));
    const visit: Stream = (value, env, emit) => {
      if (!isContainer(value)) return filter(value, env, emit);
      env.meter.descend();
      const rebuilt = rebuild(value, env, (member, keep) => {
        visit(member, env, keep);
      });
      env.meter.depth -= 1;
      return filter(rebuilt, env, emit);
    };
    return visit;
  },
};

/** `visit` keeps any number of replacements; of a member of an object only the first counts. */
function rebuild(
  value: Json,
  env: Env,
  visit: (member: Json, keep: (changed: Json) => boolean) => void,
): Json {
  const members = membersOf(value, true);
  env.meter.spend(members.length);
  if (!isJsonObject(value)) {
    const items: Json[] = [];
    for (const member of members) {
      visit(member, (changed) => {
        items.push(changed);
        return false;
      });
    }
    env.meter.arrayOf(items.length);
    return items;
  }
  let result: JsonObject = {};
  for (const key of Object.keys(value)) {
    visit(value[key] as Json, (changed) => {
      result = putMember(result, key, changed);
      return true;
    });
  }
  return result;
}

export const generatorForms: Record<string, Form> = {
  ...limitForms,
  'recurse/0': recurse,
  'recurse/1': recurse,
  'recurse/2': recurse,
  'range/1': range,
  'range/2': range,
  'range/3': range,
  'while/2': whileForm,
  'until/2': until,
  'repeat/1': repeat,
  'add/1': addOf,
  'walk/1': walk,
};
