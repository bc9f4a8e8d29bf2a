import type { Json } from '@parley/kernel';
import type { Compiler, Core, CoreOf } from '../core.js';
import {
  keysOf,
  NONE,
  rootPath,
  type Env,
  type Scalar,
  type Slot,
  type Stream,
} from '../runtime.js';
import { deletePaths, getPath, PathWriter, setPath } from '../values/path-ops.js';
import { isTruthy } from '../values/types.js';
import type { Meter } from '../limits.js';
import { OPERATIONS } from './operators.js';
import { checkResult } from './path-mode.js';

type UpdateNode = CoreOf<'assign' | 'modify' | 'update'>;

export function assignScalar(node: UpdateNode, compiler: Compiler): Scalar {
  const replace = replacement(node, compiler);
  const change = changer(node.target, compiler);
  if (node.kind === 'modify') {
    return (input, env) => change(input, env, (value) => replace(value, null, env));
  }
  const operandOf = compiler.scalar(node.value);
  return (input, env) => {
    const operand = operandOf(input, env);
    if (operand === NONE) return NONE;
    return change(input, env, (value) => replace(value, operand, env));
  };
}

/** Once for each value of the right side. */
export function assignStream(node: CoreOf<'assign' | 'update'>, compiler: Compiler): Stream {
  const operands = compiler.stream(node.value);
  const replace = replacement(node, compiler);
  const change = changer(node.target, compiler);
  return (input, env, emit) =>
    operands(input, env, (operand) =>
      emit(change(input, env, (value) => replace(value, operand, env))),
    );
}

/** What comes in the place of a value; none when it is to be deleted. */
export type Replace = (value: Json, operand: Json, env: Env) => Slot;

export function replacement(node: UpdateNode, compiler: Compiler): Replace {
  if (node.kind === 'assign') return (_value, operand) => operand;
  if (node.kind === 'modify') {
    const update = firstOutput(node.update, compiler);
    return (value, _operand, env) => update(value, env);
  }
  if (node.op === '//') return (value, operand) => (isTruthy(value) ? value : operand);
  const operation = OPERATIONS[node.op];
  return (value, operand, env) => operation(value, operand, env.meter);
}

/** The first output of an update; the others are not computed. */
function firstOutput(node: Core, compiler: Compiler): (value: Json, env: Env) => Slot {
  if (node.card !== 'many') return compiler.scalar(node);
  const stream = compiler.stream(node);
  return (value, env) => {
    let first: Slot = NONE;
    stream(value, env, (output) => {
      first = output;
      return true;
    });
    return first;
  };
}

/** All paths of a target. */
export function pathLister(
  target: Core,
  compiler: Compiler,
): (input: Json, env: Env) => readonly Json[][] {
  const fixed = fixedPath(target);
  if (fixed !== undefined) return () => [fixed];
  const paths = compiler.paths(target);
  return (input, env) => {
    const found: Json[][] = [];
    paths(rootPath(input), input, env, (path, value) => {
      checkResult(path, value);
      env.meter.spend(1);
      found.push(keysOf(path));
      return false;
    });
    return found;
  };
}

/** Replaces the value at every path of the target; one that has no replacement is deleted. */
type Change = (input: Json, env: Env, replace: (value: Json) => Slot) => Json;

function changer(target: Core, compiler: Compiler): Change {
  const fixed = fixedPath(target);
  if (fixed !== undefined)
    return (input, env, replace) => changeOne(input, fixed, env.meter, replace);
  const paths = compiler.paths(target);
  return (input, env, replace) => {
    const writer = new PathWriter(input, env.meter);
    const deleted: Json[] = [];
    paths(rootPath(input), input, env, (path, value) => {
      checkResult(path, value);
      env.meter.spend(1);
      const keys = keysOf(path);
      const next = replace(writer.get(keys));
      if (next === NONE) deleted.push(keys);
      else writer.set(keys, next);
      return false;
    });
    return deleted.length === 0 ? writer.value : deletePaths(writer.value, deleted, env.meter);
  };
}

function changeOne(
  input: Json,
  path: readonly Json[],
  meter: Meter,
  replace: (value: Json) => Slot,
): Json {
  const next = replace(getPath(input, path, meter));
  if (next === NONE) return deletePaths(input, [[...path]], meter);
  return setPath(input, path, next, meter);
}

/** The path of `.a.b[0]`, which is the same for every input. */
function fixedPath(node: Core): Json[] | undefined {
  if (node.kind === 'identity') return [];
  if (node.kind !== 'index' || node.optional || node.key.kind !== 'const') return undefined;
  const outer = fixedPath(node.target);
  return outer === undefined ? undefined : [...outer, node.key.value];
}
