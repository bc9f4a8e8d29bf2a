import type { Json } from '@parley/kernel';
import type { Compiler, Core, Form } from '../core.js';
import { typeError, typeError2 } from '../errors.js';
import type { Meter } from '../limits.js';
import { NONE, type Env } from '../runtime.js';
import { compare } from '../values/order.js';
import { members } from './arrays.js';

/** An element with what it is sorted by. */
interface Keyed {
  readonly value: Json;
  readonly key: Json;
}

type KeyOf = (value: Json, env: Env) => Json;

/** All outputs of the filter together are the key. */
function keyFunction(filter: Core | undefined, compiler: Compiler): KeyOf {
  if (filter === undefined) return (value) => value;
  if (filter.card !== 'many') {
    const scalar = compiler.scalar(filter);
    return (value, env) => {
      const key = scalar(value, env);
      return key === NONE ? [] : [key];
    };
  }
  const stream = compiler.stream(filter);
  return (value, env) => {
    const key: Json[] = [];
    stream(value, env, (output) => {
      key.push(output);
      return false;
    });
    return key;
  };
}

/** What is wrong with an input that is no array: alone, and beside the keys of its members. */
interface Problem {
  /** Empty when jq reports the input twice. */
  readonly alone: string;
  readonly keyed: string;
}

/** The keys are computed first, and may fail. */
function notAnArray(
  input: Json,
  keyOf: ((value: Json) => Json) | undefined,
  problem: Problem,
): Error {
  if (keyOf !== undefined) return typeError2(input, members(input).map(keyOf), problem.keyed);
  return problem.alone === ''
    ? typeError2(input, input, problem.keyed)
    : typeError(input, problem.alone);
}

/** A builtin over the elements and their keys: `name` alone and `name_by(f)`. */
function byKey(problem: Problem, run: (items: Keyed[], meter: Meter) => Json): Form {
  return {
    card: () => 'one',
    scalar: ([filter], compiler) => {
      const keyOf = keyFunction(filter, compiler);
      return (input, env) => {
        if (!Array.isArray(input))
          throw notAnArray(input, filter && ((value) => keyOf(value, env)), problem);
        env.meter.spend(input.length);
        const items = input.map((value) => ({ value, key: keyOf(value, env) }));
        return run(items, env.meter);
      };
    },
  };
}

function sorted(items: Keyed[], meter: Meter): Keyed[] {
  return items.sort((a, b) => {
    meter.spend(0.2);
    return compare(a.key, b.key, meter);
  });
}

function grouped(items: Keyed[], meter: Meter): Keyed[][] {
  const groups: Keyed[][] = [];
  let last: Keyed | undefined;
  for (const item of sorted(items, meter)) {
    if (last !== undefined && compare(last.key, item.key, meter) === 0) groups.at(-1)?.push(item);
    else groups.push([item]);
    last = item;
  }
  return groups;
}

/** Of equal ones the first is the least and the last is the greatest. */
function extreme(items: Keyed[], meter: Meter, isMin: boolean): Json {
  let best = items[0];
  if (best === undefined) return null;
  for (const item of items.slice(1)) {
    if (compare(item.key, best.key, meter) < 0 === isMin) best = item;
  }
  return best.value;
}

const NOT_SORTED: Problem = {
  alone: 'cannot be sorted, as it is not an array',
  keyed: 'cannot be sorted, as they are not both arrays',
};
const NOT_ITERATED: Problem = { alone: '', keyed: 'cannot be iterated over' };

const sort = byKey(NOT_SORTED, (items, meter) => sorted(items, meter).map(({ value }) => value));
const groupBy = byKey(NOT_SORTED, (items, meter) =>
  grouped(items, meter).map((group) => group.map(({ value }) => value)),
);
const unique = byKey(NOT_SORTED, (items, meter) =>
  grouped(items, meter).map((group) => group[0]?.value ?? null),
);
const min = byKey(NOT_ITERATED, (items, meter) => extreme(items, meter, true));
const max = byKey(NOT_ITERATED, (items, meter) => extreme(items, meter, false));

export const orderForms: Record<string, Form> = {
  'sort/0': sort,
  'sort_by/1': sort,
  'group_by/1': groupBy,
  'unique/0': unique,
  'unique_by/1': unique,
  'min/0': min,
  'min_by/1': min,
  'max/0': max,
  'max_by/1': max,
};
