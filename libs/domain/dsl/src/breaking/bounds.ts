import { jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import type { Gap } from './gap.js';
import type { TypeName } from './schema.js';

interface Bound {
  readonly keyword: string;
  readonly type: TypeName;
  readonly words: string;
  /** Whether a value within `given` is within `taken`. */
  implies(given: number, taken: number): boolean;
  /** Keywords on the giving side that bound the same way, with what they must be to imply. */
  readonly also?: Readonly<Record<string, (given: number, taken: number) => boolean>>;
  measure(value: Json): number | undefined;
  holds(measured: number, taken: number): boolean;
}

const atLeast = (a: number, b: number) => a >= b;
const atMost = (a: number, b: number) => a <= b;
const above = (a: number, b: number) => a > b;
const below = (a: number, b: number) => a < b;

const numberOf = (value: Json) => (typeof value === 'number' ? value : undefined);
const lengthOf = (value: Json) =>
  typeof value === 'string' ? Array.from(value).length : undefined;
const countOf = (value: Json) => (Array.isArray(value) ? value.length : undefined);
const membersOf = (value: Json) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.keys(value).length
    : undefined;

const bounds: readonly Bound[] = [
  number('minimum', 'at least', atLeast, { exclusiveMinimum: atLeast }),
  number('maximum', 'at most', atMost, { exclusiveMaximum: atMost }),
  { ...number('exclusiveMinimum', 'more than', atLeast, { minimum: above }), holds: above },
  { ...number('exclusiveMaximum', 'less than', atMost, { maximum: below }), holds: below },
  size('minLength', 'string', 'at least this many characters', {
    compare: atLeast,
    measure: lengthOf,
  }),
  size('maxLength', 'string', 'at most this many characters', {
    compare: atMost,
    measure: lengthOf,
  }),
  size('minItems', 'array', 'at least this many items', { compare: atLeast, measure: countOf }),
  size('maxItems', 'array', 'at most this many items', { compare: atMost, measure: countOf }),
  size('minProperties', 'object', 'at least this many members', {
    compare: atLeast,
    measure: membersOf,
  }),
  size('maxProperties', 'object', 'at most this many members', {
    compare: atMost,
    measure: membersOf,
  }),
];

type Compare = (a: number, b: number) => boolean;

function number(
  keyword: string,
  words: string,
  compare: Compare,
  also: Readonly<Record<string, Compare>>,
): Bound {
  return {
    keyword,
    type: 'number',
    words,
    implies: compare,
    also,
    measure: numberOf,
    holds: compare,
  };
}

function size(
  keyword: string,
  type: TypeName,
  words: string,
  { compare, measure }: { readonly compare: Compare; readonly measure: Bound['measure'] },
): Bound {
  return { keyword, type, words, implies: compare, measure, holds: compare };
}

interface Taking {
  readonly taken: JsonObject;
  readonly types: ReadonlySet<TypeName>;
  /** All values that can be given, when they are listed. */
  readonly listed: readonly Json[] | undefined;
}

/** Where numbers, texts, lists and objects are bounded more tightly than before. */
export function boundGaps(
  given: readonly JsonObject[],
  taking: Taking,
  path: readonly string[],
): Gap[] {
  const { taken } = taking;
  const tighter = bounds.flatMap((bound): Gap[] => {
    const limit = taken[bound.keyword];
    if (limit === undefined || isWithin(given, taking, bound)) return [];
    const before = given.map((one) => one[bound.keyword]).find((value) => value !== undefined);
    return [
      {
        path,
        kind: 'bound',
        given: before === undefined ? 'without bound' : `${bound.words} ${JSON.stringify(before)}`,
        taken: `${bound.words} ${JSON.stringify(limit)}`,
      },
    ];
  });
  return [...tighter, ...exactGaps(given, taking, path)];
}

function isWithin(
  given: readonly JsonObject[],
  { taken, types, listed }: Taking,
  bound: Bound,
): boolean {
  const limit = taken[bound.keyword];
  const concerned = types.has(bound.type) || (bound.type === 'number' && types.has('integer'));
  if (!concerned) return true;
  // Draft 4 wrote `exclusiveMinimum: true`; nothing is claimed about it.
  if (typeof limit !== 'number') return false;
  if (bound.keyword.startsWith('min') && bound.type !== 'number' && limit <= 0) return true;
  if (listed !== undefined) {
    return listed.every((value) => {
      const measured = bound.measure(value);
      return measured === undefined || bound.holds(measured, limit);
    });
  }
  const implied = { [bound.keyword]: bound.implies.bind(bound), ...bound.also };
  return given.some((one) =>
    Object.entries(implied).some(([keyword, implies]) => {
      const value = one[keyword];
      return typeof value === 'number' && implies(value, limit);
    }),
  );
}

/** `multipleOf` and `uniqueItems`. */
function exactGaps(
  given: readonly JsonObject[],
  { taken, types, listed }: Taking,
  path: readonly string[],
): Gap[] {
  const gaps: Gap[] = [];
  const { multipleOf, uniqueItems } = taken;
  if (multipleOf !== undefined && (types.has('number') || types.has('integer'))) {
    const whole = multipleOf === 1 && !types.has('number');
    const sure = given.some((one) => isMultiple(one['multipleOf'], multipleOf));
    if (!whole && !sure) {
      gaps.push({
        path,
        kind: 'bound',
        given: 'any number',
        taken: `multiples of ${JSON.stringify(multipleOf)}`,
      });
    }
  }
  const mayRepeat = listed === undefined && !given.some((one) => one['uniqueItems'] === true);
  if (uniqueItems === true && types.has('array') && mayRepeat) {
    gaps.push({ path, kind: 'bound', given: 'repeated items', taken: 'different items only' });
  }
  return gaps;
}

function isMultiple(given: Json | undefined, taken: Json): boolean {
  if (given === undefined) return false;
  if (jsonEquals(given, taken)) return true;
  if (typeof given !== 'number' || typeof taken !== 'number') return false;
  return Number.isInteger(given) && Number.isInteger(taken) && given % taken === 0;
}
