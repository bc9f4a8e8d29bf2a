import type { Compiler, Core, CoreOf } from '../core.js';
import { located } from '../failure.js';
import { NONE, type Paths, type Scalar, type Stream } from '../runtime.js';
import {
  indexPaths,
  indexScalar,
  indexStream,
  iteratePaths,
  iterateStream,
  slicePaths,
  sliceScalar,
  sliceStream,
} from './access.js';
import { assignScalar, assignStream } from './assign.js';
import { bindPaths, bindScalar, bindStream } from './binding.js';
import { callPaths, callScalar, callStream, parameterPaths, parameterStream } from './calls.js';
import {
  collectScalar,
  objectScalar,
  objectStream,
  stringScalar,
  stringStream,
} from './construct.js';
import {
  alternativePaths,
  alternativeScalar,
  alternativeStream,
  conditionPaths,
  conditionScalar,
  conditionStream,
  labelPaths,
  labelScalar,
  labelStream,
  throwBreak,
  tryPaths,
  tryScalar,
  tryStream,
} from './control.js';
import { foreachPaths, foreachStream, reducePaths, reduceScalar, reduceStream } from './loops.js';
import { nativeScalar, nativeStream } from './native.js';
import { binaryScalar, binaryStream, logicScalar, logicStream, negateScalar } from './operators.js';
import { computedPaths, keepingPaths, modifyPaths, variablePaths } from './path-mode.js';
import { variableScalar } from './variables.js';

/** Each node is compiled at most once per mode. */
class MemoCompiler implements Compiler {
  private readonly scalars = new WeakMap<Core, Scalar>();
  private readonly streams = new WeakMap<Core, Stream>();
  private readonly pathModes = new WeakMap<Core, Paths>();

  scalar(node: Core): Scalar {
    return remember(this.scalars, node, () => toScalar(node, this));
  }

  stream(node: Core): Stream {
    return remember(this.streams, node, () =>
      node.card === 'many' ? toStream(node, this) : fromScalar(this.scalar(node)),
    );
  }

  paths(node: Core): Paths {
    return remember(this.pathModes, node, () => toPaths(node, this));
  }
}

export const compiler: Compiler = new MemoCompiler();

function remember<T>(memo: WeakMap<Core, T>, node: Core, make: () => T): T {
  const known = memo.get(node);
  if (known !== undefined) return known;
  const made = make();
  memo.set(node, made);
  return made;
}

function fromScalar(scalar: Scalar): Stream {
  return (input, env, emit) => {
    const value = scalar(input, env);
    return value === NONE ? false : emit(value);
  };
}

function toScalar(node: Core, compiler: Compiler): Scalar {
  switch (node.kind) {
    case 'identity':
      return (input) => input;
    case 'empty':
      return () => NONE;
    case 'const': {
      const { value } = node;
      return () => value;
    }
    case 'variable':
    case 'global':
      return variableScalar(node);
    case 'index':
      return indexScalar(node, compiler);
    case 'slice':
      return sliceScalar(node, compiler);
    case 'pipe':
      return pipeScalar(compiler.scalar(node.left), compiler.scalar(node.right));
    case 'and':
    case 'or':
      return logicScalar(node, compiler);
    case 'alternative':
      return alternativeScalar(node, compiler);
    case 'binary':
      return binaryScalar(node, compiler);
    case 'negate':
      return negateScalar(compiler.scalar(node.operand), node.span);
    case 'collect':
      return collectScalar(node, compiler);
    case 'object':
      return objectScalar(node, compiler);
    case 'string':
      return stringScalar(node, compiler);
    case 'if':
      return conditionScalar(node, compiler);
    case 'try':
      return tryScalar(node, compiler);
    case 'label':
      return labelScalar(compiler.scalar(node.body));
    case 'break':
      return throwBreak(node.up);
    default:
      return toLargeScalar(node, compiler);
  }
}

/** Nodes whose parts may be streams even though they have one output. */
function toLargeScalar(node: Core, compiler: Compiler): Scalar {
  switch (node.kind) {
    case 'reduce':
      return reduceScalar(node, compiler);
    case 'bind':
      return bindScalar(node, compiler);
    case 'assign':
    case 'modify':
    case 'update':
      return placedScalar(node, assignScalar(node, compiler));
    case 'call':
      return callScalar(node, compiler);
    case 'native':
      return nativeScalar(node, compiler);
    case 'form':
      if (node.form.scalar !== undefined)
        return placedScalar(node, node.form.scalar(node.args, compiler));
      break;
    default:
  }
  throw new Error(`invariant broken: ${node.kind} has many outputs`);
}

/** Errors that come from nowhere more exactly come from this node. */
function placedScalar({ span }: Core, run: Scalar): Scalar {
  if (span === undefined) return run;
  return (input, env) => {
    try {
      return run(input, env);
    } catch (error) {
      throw located(error, span);
    }
  };
}

function placedStream({ span }: Core, run: Stream): Stream {
  if (span === undefined) return run;
  return (input, env, emit) => {
    try {
      return run(input, env, emit);
    } catch (error) {
      throw located(error, span);
    }
  };
}

function pipeScalar(left: Scalar, right: Scalar): Scalar {
  return (input, env) => {
    const value = left(input, env);
    return value === NONE ? NONE : right(value, env);
  };
}

function toStream(node: Core, compiler: Compiler): Stream {
  switch (node.kind) {
    case 'index':
      return indexStream(node, compiler);
    case 'slice':
      return sliceStream(node, compiler);
    case 'iterate':
      return iterateStream(node, compiler);
    case 'pipe':
      return pipeStream(node.left, node.right, compiler);
    case 'comma': {
      const left = compiler.stream(node.left);
      const right = compiler.stream(node.right);
      return (input, env, emit) => left(input, env, emit) || right(input, env, emit);
    }
    case 'and':
    case 'or':
      return logicStream(node, compiler);
    case 'alternative':
      return alternativeStream(node, compiler);
    case 'binary':
      return binaryStream(node, compiler);
    case 'negate': {
      const operand = compiler.stream(node.operand);
      const negate = negateScalar((input) => input, node.span);
      return (input, env, emit) =>
        operand(input, env, (value) => emit(negate(value, env) as typeof value));
    }
    case 'object':
      return objectStream(node, compiler);
    case 'string':
      return stringStream(node, compiler);
    case 'if':
      return conditionStream(node, compiler);
    case 'try':
      return tryStream(node, compiler);
    case 'label':
      return labelStream(compiler.stream(node.body));
    default:
      return toLargeStream(node, compiler);
  }
}

function toLargeStream(node: Core, compiler: Compiler): Stream {
  switch (node.kind) {
    case 'reduce':
      return reduceStream(node, compiler);
    case 'foreach':
      return foreachStream(node, compiler);
    case 'bind':
      return bindStream(node, compiler);
    case 'assign':
    case 'update':
      return placedStream(node, assignStream(node, compiler));
    case 'call':
      return callStream(node, compiler);
    case 'parameter':
      return parameterStream(node);
    case 'native':
      return nativeStream(node, compiler);
    case 'form':
      if (node.form.stream !== undefined)
        return placedStream(node, node.form.stream(node.args, compiler));
      break;
    default:
  }
  throw new Error(`invariant broken: ${node.kind} has one output`);
}

function pipeStream(left: Core, right: Core, compiler: Compiler): Stream {
  if (left.card !== 'many') {
    const first = compiler.scalar(left);
    const second = compiler.stream(right);
    return (input, env, emit) => {
      const value = first(input, env);
      return value === NONE ? false : second(value, env, emit);
    };
  }
  const first = compiler.stream(left);
  if (right.card !== 'many') {
    const second = compiler.scalar(right);
    return (input, env, emit) =>
      first(input, env, (value) => {
        const result = second(value, env);
        return result === NONE ? false : emit(result);
      });
  }
  const second = compiler.stream(right);
  return (input, env, emit) => first(input, env, (value) => second(value, env, emit));
}

function toPaths(node: Core, compiler: Compiler): Paths {
  switch (node.kind) {
    case 'identity':
      return (path, input, _env, emit) => emit(path, input);
    case 'empty':
      return () => false;
    case 'variable':
    case 'global':
      return variablePaths(compiler.scalar(node));
    case 'index':
      return indexPaths(node, compiler);
    case 'slice':
      return slicePaths(node, compiler);
    case 'iterate':
      return iteratePaths(node, compiler);
    case 'pipe': {
      const left = compiler.paths(node.left);
      const right = compiler.paths(node.right);
      return (path, input, env, emit) =>
        left(path, input, env, (inner, value) => right(inner, value, env, emit));
    }
    case 'comma': {
      const left = compiler.paths(node.left);
      const right = compiler.paths(node.right);
      return (path, input, env, emit) =>
        left(path, input, env, emit) || right(path, input, env, emit);
    }
    case 'alternative':
      return alternativePaths(node, compiler);
    case 'if':
      return conditionPaths(node, compiler);
    case 'try':
      return tryPaths(node, compiler);
    case 'label':
      return labelPaths(compiler.paths(node.body));
    default:
      return toLargePaths(node, compiler);
  }
}

function toLargePaths(node: Core, compiler: Compiler): Paths {
  switch (node.kind) {
    case 'reduce':
      return reducePaths(node, compiler);
    case 'foreach':
      return foreachPaths(node, compiler);
    case 'bind':
      return bindPaths(node, compiler);
    case 'call':
      return callPaths(node, compiler);
    case 'parameter':
      return parameterPaths(node);
    case 'modify':
      return modifyPaths(compiler.scalar(node));
    case 'native':
      return nativePaths(node, compiler);
    case 'form':
      if (node.form.paths !== undefined) return node.form.paths(node.args, compiler);
      if (node.inPaths !== undefined) return compiler.paths(node.inPaths());
      break;
    default:
  }
  return computedPaths(compiler.stream(node));
}

/** Builtins that give their input back when there is nothing to change. */
const KEEPING = new Set(['tostring', 'tonumber', 'toboolean', 'trim', 'ltrim', 'rtrim']);

function nativePaths(node: CoreOf<'native'>, compiler: Compiler): Paths {
  if (node.inPaths !== undefined) return compiler.paths(node.inPaths());
  const stream = compiler.stream(node);
  return KEEPING.has(node.name) ? keepingPaths(stream) : computedPaths(stream);
}
