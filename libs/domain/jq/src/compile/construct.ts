import { copyObject, isIndexKey, putMember, type Json, type JsonObject } from '@parley/kernel';
import { formatOf, type Format } from '../builtins/formats.js';
import type { Compiler, Core, CoreOf } from '../core.js';
import { describe, failure, type Span } from '../errors.js';
import { located, secretFailure } from '../failure.js';
import { NONE, type Emit, type Env, type Scalar, type Stream } from '../runtime.js';
import { isOpaque } from '../values/opaque.js';
import { membersAt } from './access.js';

export function collectScalar(node: CoreOf<'collect'>, compiler: Compiler): Scalar {
  const { body } = node;
  if (body.kind === 'pipe' && body.left.kind === 'iterate' && body.right.card !== 'many') {
    return mapScalar(body.left, compiler.scalar(body.right), compiler);
  }
  const stream = compiler.stream(body);
  return (input, env) => {
    const items: Json[] = [];
    env.meter.spend(1);
    const max = env.meter.limits.arrayLength;
    stream(input, env, (value) => {
      if (items.push(value) > max) env.meter.arrayOf(items.length);
      return false;
    });
    return items;
  };
}

/** `[.[] | f]` where f has at most one output. */
function mapScalar(each: CoreOf<'iterate'>, transform: Scalar, compiler: Compiler): Scalar {
  const { target } = each;
  if (target.card === 'many') {
    const stream = compiler.stream(each);
    return (input, env) => {
      const items: Json[] = [];
      stream(input, env, (value) => {
        const item = transform(value, env);
        if (item !== NONE) items.push(item);
        return false;
      });
      return items;
    };
  }
  const container = compiler.scalar(target);
  return (input, env) => {
    const from = container(input, env);
    const items: Json[] = [];
    if (from === NONE) return items;
    const members = membersAt(from, each);
    env.meter.spend(members.length);
    for (const member of members) {
      const item = transform(member, env);
      if (item !== NONE) items.push(item);
    }
    return items;
  };
}

function keyText(key: Json, span: Span | undefined): string {
  if (typeof key === 'string') return key;
  const problem = isOpaque(key)
    ? secretFailure('used as object key')
    : failure(`Cannot use ${describe(key)} as object key`);
  throw located(problem, span);
}

export function objectScalar(node: CoreOf<'object'>, compiler: Compiler): Scalar {
  const names = node.entries.map(({ key }) => (key.kind === 'const' ? key.value : undefined));
  const values = node.entries.map(({ value }) => compiler.scalar(value));
  if (names.every(isPlainName)) {
    return plainObject(names as string[], values);
  }
  const keys = node.entries.map(({ key }) => compiler.scalar(key));
  return (input, env) => {
    let result: JsonObject = {};
    for (let i = 0; i < keys.length; i += 1) {
      const key = (keys[i] as Scalar)(input, env);
      if (key === NONE) return NONE;
      const value = (values[i] as Scalar)(input, env);
      if (value === NONE) return NONE;
      result = putMember(result, keyText(key, node.span), value);
    }
    return result;
  };
}

/** A key that a plain assignment puts where it belongs. */
function isPlainName(name: Json | undefined): boolean {
  return typeof name === 'string' && name !== '__proto__' && !isIndexKey(name);
}

/** All keys are known before running. */
function plainObject(keys: readonly string[], values: readonly Scalar[]): Scalar {
  return (input, env) => {
    const result: JsonObject = {};
    for (let i = 0; i < keys.length; i += 1) {
      const value = (values[i] as Scalar)(input, env);
      if (value === NONE) return NONE;
      result[keys[i] as string] = value;
    }
    return result;
  };
}

/** What stays the same in all loops of one evaluation. */
interface Run {
  readonly input: Json;
  readonly env: Env;
  readonly emit: Emit;
}

/** The first entry is the outermost loop, and in each entry the key before the value. */
export function objectStream(node: CoreOf<'object'>, compiler: Compiler): Stream {
  const entries = node.entries.map(({ key, value }) => ({
    key: compiler.stream(key),
    value: compiler.stream(value),
  }));
  const from = (at: number, built: JsonObject, run: Run): boolean => {
    const entry = entries[at];
    if (entry === undefined) return run.emit(built);
    return entry.key(run.input, run.env, (key) =>
      entry.value(run.input, run.env, (value) =>
        from(at + 1, putMember(copyObject(built), keyText(key, node.span), value), run),
      ),
    );
  };
  return (input, env, emit) => from(0, {}, { input, env, emit });
}

/** The format, with errors that say where. */
function formatting({ format, span }: CoreOf<'string'>): Format {
  const write = formatOf(format);
  return (value, meter) => {
    try {
      return write(value, meter);
    } catch (error) {
      throw located(error, span);
    }
  };
}

/** The last interpolation is evaluated first. */
export function stringScalar(node: CoreOf<'string'>, compiler: Compiler): Scalar {
  const format = formatting(node);
  const isPlain = node.format === 'text';
  const parts = node.parts
    .filter((part) => part !== '')
    .map((part) => (typeof part === 'string' ? part : compiler.scalar(part)));
  return (input, env) => {
    let text = '';
    for (let i = parts.length - 1; i >= 0; i -= 1) {
      const part = parts[i] as string | Scalar;
      if (typeof part === 'string') {
        text = part + text;
        continue;
      }
      const value = part(input, env);
      if (isPlain && typeof value === 'string') text = value + text;
      else if (value === NONE) return NONE;
      else text = format(value, env.meter) + text;
    }
    env.meter.stringOf(text.length);
    return text;
  };
}

/** The last interpolation is the outermost loop. */
export function stringStream(node: CoreOf<'string'>, compiler: Compiler): Stream {
  const format = formatting(node);
  const parts = node.parts.map((part: string | Core) =>
    typeof part === 'string' ? part : compiler.stream(part),
  );
  const from = (at: number, tail: string, run: Run): boolean => {
    const part = parts[at];
    if (part === undefined) {
      run.env.meter.stringOf(tail.length);
      return run.emit(tail);
    }
    if (typeof part === 'string') return from(at - 1, part + tail, run);
    return part(run.input, run.env, (value) =>
      from(at - 1, format(value, run.env.meter) + tail, run),
    );
  };
  return (input, env, emit) => from(parts.length - 1, '', { input, env, emit });
}
