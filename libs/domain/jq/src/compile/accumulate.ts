import type { Json } from '@parley/kernel';
import type { Compiler, Core, CoreOf } from '../core.js';
import type { Meter } from '../limits.js';
import { NONE, type Env, type Scalar, type Slot } from '../runtime.js';
import { deletePaths, PathWriter } from '../values/path-ops.js';
import { Total } from '../values/total.js';
import { pathLister, replacement } from './assign.js';

/**
 * The state of a `reduce` whose update only adds to it or writes into it. It is changed in place
 * instead of being copied in each round, which nobody can see: the update's operands do not read
 * the state, so that no part of it gets anywhere else before the loop ends.
 */
interface Accumulator {
  step(env: Env): void;
  /** All rounds of some items, whose values `env` takes on one after the other. */
  all?(items: readonly Json[], env: Round): void;
  value(): Json;
}

/** An environment that is changed from one round to the next: what is computed in it keeps no hold of it. */
export interface Round extends Env {
  value: Json;
}

export type StartAccumulator = (init: Json, env: Env) => Accumulator;

/** Undefined when the update does anything else. */
export function accumulator(update: Core, compiler: Compiler): StartAccumulator | undefined {
  if (update.kind === 'binary') return summing(update, compiler);
  const writes = writesOf(update, compiler);
  if (writes === undefined) return undefined;
  return (init, env) => {
    const writer = new PathWriter(init, env.meter);
    return {
      step: (inner) => {
        // A round without output leaves null.
        if (!writes.every((write) => write(writer, inner))) writer.reset(null);
      },
      value: () => writer.value,
    };
  };
}

/** `. + f` */
function summing(update: CoreOf<'binary'>, compiler: Compiler): StartAccumulator | undefined {
  const { op, left, right } = update;
  if (op !== '+' || left.kind !== 'identity' || !isOperand(right)) return undefined;
  const term = compiler.scalar(right);
  return (init, env) => new Sum(term, env.meter, init);
}

class Sum implements Accumulator {
  private total: Total;

  constructor(
    private readonly term: Scalar,
    private readonly meter: Meter,
    init: Json,
  ) {
    this.total = new Total(meter, init);
  }

  step(env: Env): void {
    const value = this.term(null, env);
    if (value === NONE) this.total = new Total(this.meter);
    else this.total.add(value);
  }

  all(items: readonly Json[], env: Round): void {
    for (let i = this.numbers(items, env); i < items.length; i += 1) {
      env.value = items[i] as Json;
      this.step(env);
    }
  }

  /** Adds numbers as long as there are no other values; gives the place of the first that is none. */
  private numbers(items: readonly Json[], env: Round): number {
    const start = this.total.value();
    if (typeof start !== 'number') return 0;
    const { term } = this;
    let sum = start;
    let i = 0;
    for (; i < items.length; i += 1) {
      env.value = items[i] as Json;
      const value = term(null, env);
      if (typeof value !== 'number') break;
      sum += value;
    }
    this.total = new Total(this.meter, sum);
    return i;
  }

  value(): Json {
    return this.total.value();
  }
}

/** Returns false when the update has no output. */
type Write = (writer: PathWriter, env: Env) => boolean;

/** Updates, one after the other. */
function writesOf(node: Core, compiler: Compiler): Write[] | undefined {
  if (node.kind === 'pipe') {
    const left = writesOf(node.left, compiler);
    const right = writesOf(node.right, compiler);
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  if (node.kind === 'modify') {
    const replace = replacement(node, compiler);
    return [writing(node.target, compiler, (env) => (value) => replace(value, null, env))];
  }
  if (node.kind !== 'assign' && node.kind !== 'update') return undefined;
  if (!isOperand(node.value)) return undefined;
  const operandOf = compiler.scalar(node.value);
  const replace = replacement(node, compiler);
  return [
    writing(node.target, compiler, (env) => {
      const operand = operandOf(null, env);
      return operand === NONE ? NONE : (value) => replace(value, operand, env);
    }),
  ];
}

/** Paths are all found before the first write: the state is the input of the path expression. */
function writing(
  target: Core,
  compiler: Compiler,
  start: (env: Env) => ((value: Json) => Slot) | typeof NONE,
): Write {
  const list = pathLister(target, compiler);
  return (writer, env) => {
    const replace = start(env);
    if (replace === NONE) return false;
    const deleted: Json[] = [];
    for (const keys of list(writer.value, env)) {
      const next = replace(writer.get(keys));
      if (next === NONE) deleted.push(keys);
      else writer.set(keys, next);
    }
    if (deleted.length > 0) writer.reset(deletePaths(writer.value, deleted, env.meter));
    return true;
  };
}

/** Whether a filter has at most one output, and the same for every input. */
function isOperand(node: Core): boolean {
  if (node.card === 'many') return false;
  switch (node.kind) {
    case 'const':
    case 'variable':
    case 'global':
      return true;
    case 'index':
      return isOperand(node.target) && isOperand(node.key);
    case 'pipe':
      return isOperand(node.left);
    case 'binary':
      return isOperand(node.left) && isOperand(node.right);
    case 'collect':
      return isOperand(node.body);
    case 'object':
      return node.entries.every(({ key, value }) => isOperand(key) && isOperand(value));
    case 'string':
      return node.parts.every((part) => typeof part === 'string' || isOperand(part));
    default:
      return false;
  }
}
