import type { Json } from '@parley/kernel';
import type { Native } from '../core.js';
import { failure, JqError, typeError, typeError2 } from '../errors.js';
import { hasKey } from '../values/access.js';
import { contains } from '../values/containment.js';
import { lengthOf } from '../values/length.js';
import { isTruthy, typeOf } from '../values/types.js';
import { parseText } from '../values/parse-json.js';
import { asDouble, isLiteral, isNumber, magnitude } from '../values/number.js';
import { readNumber } from '../values/json-reader.js';
import { toJsonText, utf8Length } from '../values/text.js';

function arg(args: readonly Json[], index: number): Json {
  return args[index] ?? null;
}

function toNumber(input: Json): Json {
  if (isNumber(input)) return input;
  const parsed = typeof input === 'string' ? readNumber(input) : undefined;
  if (parsed === undefined) throw typeError(input, 'cannot be parsed as a number');
  return parsed;
}

function toBoolean(input: Json): Json {
  if (typeof input === 'boolean') return input;
  if (input === 'true') return true;
  if (input === 'false') return false;
  throw typeError(input, 'cannot be parsed as a boolean');
}

/** What sorts below 0 is negated, and only numbers can be. */
function abs(input: Json): Json {
  if (typeof input === 'number') return input < 0 ? -input : input;
  if (isLiteral(input)) return Number(input) < 0 ? magnitude(input) : input;
  if (input === null || typeof input === 'boolean') throw typeError(input, 'cannot be negated');
  return input;
}

export const valueNatives: Record<string, Native> = {
  'not/0': (input) => !isTruthy(input),
  'error/0': (input) => {
    throw new JqError(input);
  },
  'error/1': (_input, args) => {
    throw new JqError(arg(args, 0));
  },
  'type/0': (input) => typeOf(input),
  'length/0': lengthOf,
  'utf8bytelength/0': (input) => {
    if (typeof input !== 'string') throw typeError(input, 'only strings have UTF-8 byte length');
    return utf8Length(input);
  },
  'tostring/0': (input, _args, meter) =>
    typeof input === 'string' ? input : toJsonText(input, meter),
  'tojson/0': (input, _args, meter) => toJsonText(input, meter),
  'fromjson/0': (input, _args, meter) => {
    if (typeof input !== 'string') throw typeError(input, 'only strings can be parsed');
    meter.copy(input.length);
    return parseText(input);
  },
  'tonumber/0': toNumber,
  'toboolean/0': toBoolean,
  'abs/0': abs,
  'has/1': (input, args) => hasKey(input, arg(args, 0)),
  'contains/1': (input, args, meter) => {
    const other = arg(args, 0);
    if (typeOf(input) !== typeOf(other)) {
      throw typeError2(input, other, 'cannot have their containment checked');
    }
    return contains(input, other, meter);
  },
  'infinite/0': () => Number.POSITIVE_INFINITY,
  'nan/0': () => Number.NaN,
  'isinfinite/0': (input) => Math.abs(asDouble(input) ?? 0) === Infinity,
  'isfinite/0': (input) => Math.abs(asDouble(input) ?? Infinity) !== Infinity,
  'isnan/0': (input) => typeof input === 'number' && Number.isNaN(input),
  'isnormal/0': (input) => {
    const size = Math.abs(asDouble(input) ?? 0);
    return Number.isFinite(size) && size >= 2 ** -1022;
  },
  'now/0': (_input, _args, meter) => {
    if (meter.now === undefined) throw failure('now: no time is known here');
    return meter.now;
  },
  'have_literal_numbers/0': () => true,
  'have_decnum/0': () => true,
};
