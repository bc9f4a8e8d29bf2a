import type { Json } from '@parley/kernel';
import type { Compiler, CoreOf } from '../core.js';
import { typeError, type Span } from '../errors.js';
import { located } from '../failure.js';
import type { Meter } from '../limits.js';
import { NONE, type Scalar, type Stream } from '../runtime.js';
import type { BinaryOp } from '../syntax/ast.js';
import { add, divide, modulo, multiply, subtract } from '../values/arithmetic.js';
import { negated } from '../values/number.js';
import { compare, equals } from '../values/order.js';
import { isTruthy } from '../values/types.js';

export type Operation = (a: Json, b: Json, meter: Meter) => Json;

export const OPERATIONS: Record<BinaryOp, Operation> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
  '==': equals,
  '!=': (a, b, meter) => !equals(a, b, meter),
  '<': (a, b, meter) => compare(a, b, meter) < 0,
  '<=': (a, b, meter) => compare(a, b, meter) <= 0,
  '>': (a, b, meter) => compare(a, b, meter) > 0,
  '>=': (a, b, meter) => compare(a, b, meter) >= 0,
};

/** The operation, with errors that say where. */
function operationOf({ op, span }: CoreOf<'binary'>): Operation {
  const operation = OPERATIONS[op];
  return (a, b, meter) => {
    try {
      return operation(a, b, meter);
    } catch (error) {
      throw located(error, span);
    }
  };
}

export function binaryScalar(node: CoreOf<'binary'>, compiler: Compiler): Scalar {
  const operands: Operands = {
    left: compiler.scalar(node.left),
    right: compiler.scalar(node.right),
    slow: operationOf(node),
  };
  switch (node.op) {
    case '+':
      return sum(operands);
    case '-':
      return difference(operands);
    case '*':
      return product(operands);
    case '<':
    case '<=':
      return below(operands, node.op === '<=');
    case '>':
    case '>=':
      return above(operands, node.op === '>=');
    case '==':
    case '!=':
      return equality(operands, node.op === '==');
    default:
      return anyOperation(operands);
  }
}

/**
 * The right operand is evaluated first. Numbers, the most frequent operands, take the short way: each
 * operation has its own code, so that nothing is called for them.
 */
interface Operands {
  readonly left: Scalar;
  readonly right: Scalar;
  readonly slow: Operation;
}

function anyOperation({ left, right, slow }: Operands): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

function sum({ left, right, slow }: Operands): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (typeof a === 'number' && typeof b === 'number') return a + b;
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

function difference({ left, right, slow }: Operands): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

function product({ left, right, slow }: Operands): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (typeof a === 'number' && typeof b === 'number') return a * b;
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

/** NaN is below everything, itself included: only what JavaScript says of other numbers counts. */
function below({ left, right, slow }: Operands, orEqual: boolean): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (typeof a === 'number' && typeof b === 'number') {
      if (a < b) return true;
      if (a > b) return false;
      if (a === b) return orEqual;
    }
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

function above({ left, right, slow }: Operands, orEqual: boolean): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (typeof a === 'number' && typeof b === 'number') {
      if (a > b) return true;
      if (a < b) return false;
      if (a === b) return orEqual;
    }
    return a === NONE ? NONE : slow(a, b, env.meter);
  };
}

function equality({ left, right, slow }: Operands, isEqual: boolean): Scalar {
  return (input, env) => {
    const b = right(input, env);
    if (b === NONE) return NONE;
    const a = left(input, env);
    if (a === NONE) return NONE;
    if (typeof a === 'object' || typeof b === 'object') return slow(a, b, env.meter);
    return (a === b) === isEqual;
  };
}

/** The right operand is the outer loop. */
export function binaryStream(node: CoreOf<'binary'>, compiler: Compiler): Stream {
  const left = compiler.stream(node.left);
  const right = compiler.stream(node.right);
  const operation = operationOf(node);
  return (input, env, emit) =>
    right(input, env, (b) => left(input, env, (a) => emit(operation(a, b, env.meter))));
}

export function negateScalar(operand: Scalar, span?: Span): Scalar {
  return (input, env) => {
    const value = operand(input, env);
    if (value === NONE) return NONE;
    const result = negated(value);
    if (result === undefined) throw located(typeError(value, 'cannot be negated'), span);
    return result;
  };
}

/** `and` stops at the first false, `or` at the first true. */
export function logicScalar(node: CoreOf<'and' | 'or'>, compiler: Compiler): Scalar {
  const left = compiler.scalar(node.left);
  const right = compiler.scalar(node.right);
  const decisive = node.kind === 'or';
  return (input, env) => {
    const a = left(input, env);
    if (a === NONE) return NONE;
    if (isTruthy(a) === decisive) return decisive;
    const b = right(input, env);
    return b === NONE ? NONE : isTruthy(b);
  };
}

export function logicStream(node: CoreOf<'and' | 'or'>, compiler: Compiler): Stream {
  const left = compiler.stream(node.left);
  const right = compiler.stream(node.right);
  const decisive = node.kind === 'or';
  return (input, env, emit) =>
    left(input, env, (a) =>
      isTruthy(a) === decisive ? emit(decisive) : right(input, env, (b) => emit(isTruthy(b))),
    );
}
