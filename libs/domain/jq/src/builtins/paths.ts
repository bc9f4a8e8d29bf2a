import type { Json } from '@parley/kernel';
import { eachPath } from '../compile/access.js';
import { checkResult, isIntact } from '../compile/path-mode.js';
import { argument, type Compiler, type Core, type Form, type Native } from '../core.js';
import { failure } from '../errors.js';
import { keysOf, PathNode, rootPath, type Env, type Stream } from '../runtime.js';
import { checkPath, deletePaths, getPath, setPath } from '../values/path-ops.js';
import { isContainer, isTruthy } from '../values/types.js';
import { preview } from '../values/preview.js';

/** The paths that a filter leads to, as arrays of keys. */
function pathsOf(filter: Core, compiler: Compiler): Stream {
  const paths = compiler.paths(filter);
  return (input, env, emit) =>
    paths(rootPath(input), input, env, (path, value) => {
      checkResult(path, value);
      env.meter.spend(1);
      return emit(keysOf(path));
    });
}

const path: Form = {
  card: () => 'many',
  stream: (args, compiler) => pathsOf(argument(args, 0), compiler),
};

const del: Form = {
  card: () => 'one',
  scalar: (args, compiler) => {
    const paths = pathsOf(argument(args, 0), compiler);
    return (input, env) => {
      const found: Json[] = [];
      paths(input, env, (keys) => {
        found.push(keys);
        return false;
      });
      return deletePaths(input, found, env.meter);
    };
  },
};

const pick: Form = {
  card: () => 'one',
  scalar: (args, compiler) => {
    const paths = pathsOf(argument(args, 0), compiler);
    return (input, env) => {
      let picked: Json = null;
      paths(input, env, (keys) => {
        const list = checkPath(keys);
        picked = setPath(picked, list, getPath(input, list, env.meter), env.meter);
        return false;
      });
      return picked;
    };
  },
};

/** Every place below the root, parents before children; `keep` decides by value. */
function descendants(
  input: Json,
  env: Env,
  visit: (path: PathNode, value: Json) => boolean,
): boolean {
  const walk = (path: PathNode, value: Json): boolean => {
    env.meter.descend();
    const stopped = eachPath(path, value, {
      optional: true,
      meter: env.meter,
      emit: (inner, member) => visit(inner, member) || (isContainer(member) && walk(inner, member)),
    });
    env.meter.depth -= 1;
    return stopped;
  };
  return walk(rootPath(input), input);
}

const paths: Form = {
  card: () => 'many',
  stream: ([filter], compiler) => {
    if (filter === undefined) {
      return (input, env, emit) => descendants(input, env, (found) => emit(keysOf(found)));
    }
    const keep = compiler.stream(filter);
    return (input, env, emit) =>
      // The filter sees the root too, although its path is not among the outputs.
      keep(input, env, () => false) ||
      descendants(input, env, (found, value) =>
        keep(value, env, (answer) => isTruthy(answer) && emit(keysOf(found))),
      );
  },
};

const getpath: Form = {
  card: (args) => argument(args, 0).card,
  scalar: (args, compiler) => {
    const keys = compiler.scalar(argument(args, 0));
    return (input, env) => {
      const found = keys(input, env);
      return typeof found === 'symbol' ? found : getPath(input, checkPath(found), env.meter);
    };
  },
  stream: (args, compiler) => {
    const keys = compiler.stream(argument(args, 0));
    return (input, env, emit) =>
      keys(input, env, (found) => emit(getPath(input, checkPath(found), env.meter)));
  },
  paths: (args, compiler) => {
    const keys = compiler.stream(argument(args, 0));
    return (from, input, env, emit) =>
      keys(input, env, (found) => {
        const list = checkPath(found);
        const value = getPath(input, list, env.meter);
        if (!isIntact(from, input)) {
          throw failure(`Invalid path expression with result ${preview(input)}`);
        }
        return emit(extend(from, list, { input, value, env }), value);
      });
  },
};

function extend(
  from: PathNode,
  keys: readonly Json[],
  { input, value, env }: { readonly input: Json; readonly value: Json; readonly env: Env },
): PathNode {
  let node = from;
  keys.forEach((key, i) => {
    const at = i === keys.length - 1 ? value : getPath(input, keys.slice(0, i + 1), env.meter);
    node = new PathNode(key, node, at);
  });
  return node;
}

export const pathForms: Record<string, Form> = {
  'path/1': path,
  'del/1': del,
  'pick/1': pick,
  'paths/0': paths,
  'paths/1': paths,
  'getpath/1': getpath,
};

export const pathNatives: Record<string, Native> = {
  'setpath/2': (input, [keys = null, value = null], meter) =>
    setPath(input, checkPath(keys), value, meter),
  'delpaths/1': (input, [keys = null], meter) => deletePaths(input, keys, meter),
};
