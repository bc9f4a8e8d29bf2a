import {
  argument,
  collect,
  conditional,
  constant,
  EMPTY,
  IDENTITY,
  iterate,
  pipe,
  product,
  type Core,
  type Native,
} from '../core.js';
import type { Span } from '../errors.js';
import { objectNatives } from './objects.js';
import { regexNatives } from './regex.js';
import { valueNatives } from './values.js';

function native(
  fn: Native | undefined,
  name: string,
  args: readonly Core[],
  span: Span | undefined,
): Core {
  if (fn === undefined) throw new Error(`invariant broken: there is no builtin ${name}`);
  return { kind: 'native', fn, name, args, span, card: product(...args) };
}

function at(key: Core): Core {
  return { kind: 'index', target: IDENTITY, key, optional: false, card: key.card };
}

/** `select(type == …)` */
function ofType(
  ...types: readonly string[]
): (args: readonly Core[], span: Span | undefined) => Core {
  return (_args, span) => {
    const type = native(valueNatives['type/0'], 'type', [], span);
    const tests = types.map((name): Core => {
      return { kind: 'binary', op: '==', left: type, right: constant(name), card: 'one' };
    });
    const test = tests.reduce((left, right): Core => ({ kind: 'or', left, right, card: 'one' }));
    return conditional(test, IDENTITY, EMPTY);
  };
}

export const macros: Record<string, (args: readonly Core[], span: Span | undefined) => Core> = {
  'empty/0': () => EMPTY,
  'map/1': (args) => collect(pipe(iterate(IDENTITY), argument(args, 0))),
  'map_values/1': (args) => ({
    kind: 'modify',
    target: iterate(IDENTITY),
    update: argument(args, 0),
    card: 'one',
  }),
  'select/1': (args) => conditional(argument(args, 0), IDENTITY, EMPTY),
  'first/0': () => at(constant(0)),
  'last/0': () => at(constant(-1)),
  'nth/1': (args) => at(argument(args, 0)),
  'with_entries/1': (args, span) =>
    pipe(
      native(objectNatives['to_entries/0'], 'to_entries', [], span),
      pipe(
        collect(pipe(iterate(IDENTITY), argument(args, 0))),
        native(objectNatives['from_entries/0'], 'from_entries', [], span),
      ),
    ),
  'values/0': () =>
    conditional(
      { kind: 'binary', op: '==', left: IDENTITY, right: constant(null), card: 'one' },
      EMPTY,
      IDENTITY,
    ),
  'nulls/0': ofType('null'),
  'booleans/0': ofType('boolean'),
  'numbers/0': ofType('number'),
  'strings/0': ofType('string'),
  'arrays/0': ofType('array'),
  'objects/0': ofType('object'),
  'iterables/0': ofType('array', 'object'),
  'scalars/0': ofType('null', 'boolean', 'number', 'string'),
  'match/1': (args, span) => iterate(native(regexNatives['_matches/1'], 'match', args, span)),
  'match/2': (args, span) => iterate(native(regexNatives['_matches/2'], 'match', args, span)),
  'capture/1': (args, span) => iterate(native(regexNatives['_captures/1'], 'capture', args, span)),
  'capture/2': (args, span) => iterate(native(regexNatives['_captures/2'], 'capture', args, span)),
  'scan/1': (args, span) => iterate(native(regexNatives['_scan/1'], 'scan', args, span)),
  'scan/2': (args, span) => iterate(native(regexNatives['_scan/2'], 'scan', args, span)),
  'splits/1': (args, span) => iterate(native(regexNatives['_splits/1'], 'splits', args, span)),
  'splits/2': (args, span) => iterate(native(regexNatives['split/2'], 'splits', args, span)),
};
