import type { Json } from '@parley/kernel';
import { argument, constant, product, type Compiler, type Core, type Form } from '../core.js';
import { NONE, type Emit, type Env, type Stream } from '../runtime.js';
import { add } from '../values/arithmetic.js';
import { editsOf, type Edits } from './regex.js';

/** The replacement gets the named groups as input. */
type Insert = (captures: Json, env: Env) => Json[];

function insertOf(filter: Core, compiler: Compiler): Insert {
  if (filter.card !== 'many') {
    const scalar = compiler.scalar(filter);
    return (captures, env) => {
      const value = scalar(captures, env);
      return value === NONE ? [] : [value];
    };
  }
  const stream = compiler.stream(filter);
  return (captures, env) => {
    const values: Json[] = [];
    stream(captures, env, (value) => {
      values.push(value);
      return false;
    });
    return values;
  };
}

/** One text for each output of the replacement: the n-th is made of every n-th output. */
function substitute(input: Json, { gaps, captures }: Edits, insert: Insert, env: Env): Json[] {
  const results: Json[] = [];
  captures.forEach((groups, i) => {
    insert(groups, env).forEach((text, n) => {
      const piece = add(gaps[i] ?? '', text, env.meter);
      results[n] = add(results[n] ?? null, piece, env.meter);
    });
  });
  if (results.length === 0) return [input];
  return results.map((text) => add(text, gaps.at(-1) ?? '', env.meter));
}

/** `sub` and `gsub`; the latter adds its flag to those that are given. */
function substitution(added: string): Form {
  const parts = (args: readonly Core[]): readonly [Core, Core, Core] => [
    argument(args, 0),
    argument(args, 1),
    args[2] ?? constant(''),
  ];
  const run = (
    input: Json,
    given: { readonly regex: Json; readonly flags: Json },
    insert: Insert,
    env: Env,
  ): Json[] => {
    const flags = added === '' ? given.flags : add(given.flags, added, env.meter);
    return substitute(input, editsOf(input, given.regex, flags, env.meter), insert, env);
  };
  return {
    card: (args) => {
      const [regex, text, flags] = parts(args);
      return text.card === 'many' ? 'many' : product(regex, flags);
    },
    scalar: (args, compiler) => {
      const [pattern, text, options] = parts(args);
      const regexOf = compiler.scalar(pattern);
      const flagsOf = compiler.scalar(options);
      const insert = insertOf(text, compiler);
      return (input, env) => {
        const regex = regexOf(input, env);
        const flags = flagsOf(input, env);
        if (regex === NONE || flags === NONE) return NONE;
        return run(input, { regex, flags }, insert, env)[0] ?? NONE;
      };
    },
    stream: (args, compiler): Stream => {
      const [pattern, text, options] = parts(args);
      const regexes = compiler.stream(pattern);
      const flagSets = compiler.stream(options);
      const insert = insertOf(text, compiler);
      return (input: Json, env: Env, emit: Emit) =>
        regexes(input, env, (regex) =>
          flagSets(input, env, (flags) =>
            run(input, { regex, flags }, insert, env).some((text) => emit(text)),
          ),
        );
    },
  };
}

export const substituteForms: Record<string, Form> = {
  'sub/2': substitution(''),
  'sub/3': substitution(''),
  'gsub/2': substitution('g'),
  'gsub/3': substitution('g'),
};
