import { jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { compareObjects } from './compare-objects.js';
import { boundGaps } from './bounds.js';
import { unsure, type Gap, type SchemaComparison } from './gap.js';
import {
  annotations,
  hasReference,
  SchemaDocument,
  typesOf,
  valuesOf,
  type Conjunction,
  type TypeName,
} from './schema.js';

/** References that lead round in ever new ways. */
const depthMax = 100;
/** Comparisons of one pair of documents; alternatives in alternatives multiply. */
const comparisonsMax = 20_000;

/**
 * Whether everything that fits `given` also fits `taken`, and where not.
 *
 * J1  No gap means that it does: what cannot be decided is a gap of kind `unsure`.
 * J2  A member of an object that a schema neither names nor mentions by `additionalProperties` is not
 *     part of the agreement: naming it later takes nothing away.
 * J3  A member that the earlier of the two names and the later one does not is a gap of its own.
 */
export function gapsBetween(
  given: Json | undefined,
  taken: Json | undefined,
  earlier: 'given' | 'taken',
): Gap[] {
  return new Comparison(given ?? {}, taken ?? {}, earlier).run();
}

class Comparison implements SchemaComparison {
  private readonly given: SchemaDocument;
  private readonly taken: SchemaDocument;
  private readonly same: boolean;
  private left = comparisonsMax;
  private depth = 0;
  /** Pairs under comparison: schemas may contain themselves. */
  private readonly open = new Map<Json, Set<Json>>();

  constructor(
    given: Json,
    taken: Json,
    readonly earlier: 'given' | 'taken',
  ) {
    this.given = new SchemaDocument(given);
    this.taken = new SchemaDocument(taken);
    this.same = SchemaDocument.sameDefinitions(this.given, this.taken);
  }

  run(): Gap[] {
    return this.schemas([this.given.root], this.taken.root, []);
  }

  /** What fits all of `given` fits `taken`. */
  schemas(given: readonly Json[], taken: Json, path: readonly string[]): Gap[] {
    if (taken === true || given.some((one) => one === false || this.isSame(one, taken))) return [];
    const [only] = given;
    const pair = given.length === 1 && only !== undefined ? { only, taken } : undefined;
    if (pair !== undefined && this.open.get(pair.only)?.has(pair.taken) === true) return [];
    if (this.depth >= depthMax) return [unsure(path, 'the schemas are nested too deeply')];
    if (pair !== undefined) this.remember(pair.only, pair.taken);
    this.depth += 1;
    const parts = given.map((one) => this.given.conjunction(one));
    const wanted = this.taken.conjunction(taken);
    const known = parts.filter((part) => part !== undefined).flat();
    const found =
      wanted === undefined
        ? [unsure(path, 'a reference cannot be followed')]
        : this.conjunctions(known, wanted, path);
    this.depth -= 1;
    if (pair !== undefined) this.open.get(pair.only)?.delete(pair.taken);
    return found;
  }

  /** Whether two schemas are the same, also in what they refer to. */
  isSame(a: Json | undefined, b: Json | undefined): boolean {
    if (a === undefined || b === undefined || !jsonEquals(a, b)) return false;
    return this.same || !hasReference(a);
  }

  private remember(given: Json, taken: Json): void {
    const known = this.open.get(given) ?? new Set();
    this.open.set(given, known.add(taken));
  }

  private conjunctions(given: Conjunction, taken: Conjunction, path: readonly string[]): Gap[] {
    this.left -= 1;
    if (this.left < 0) return [unsure(path, 'the schemas are too large to be compared')];
    const types = typesOf(given);
    if (types.size === 0 || given.includes(false)) return [];
    const split = this.split(given, taken, path);
    if (split !== undefined) return split;
    const gaps = taken.flatMap((one) =>
      one === false
        ? [{ path, kind: 'closed' as const }]
        : this.keywords({ given: given.filter((part) => part !== false), types }, one, path),
    );
    return distinct([...gaps, ...compareObjects(this, { given, taken, types }, path)]);
  }

  /** Each alternative that is given must fit by itself. */
  private split(
    given: Conjunction,
    taken: Conjunction,
    path: readonly string[],
  ): Gap[] | undefined {
    for (const [at, schema] of given.entries()) {
      if (schema === false) continue;
      for (const keyword of ['anyOf', 'oneOf']) {
        const { [keyword]: branches, ...rest } = schema;
        if (!Array.isArray(branches) || this.repeats(taken, keyword, branches)) continue;
        const others = given.with(at, rest);
        return distinct(
          branches.flatMap((branch) => {
            const part = this.given.conjunction(branch);
            return part === undefined
              ? [unsure(path, 'a reference cannot be followed')]
              : this.conjunctions([...others, ...part], taken, path);
          }),
        );
      }
    }
    return undefined;
  }

  private repeats(taken: Conjunction, keyword: string, branches: Json): boolean {
    return taken.some((one) => one !== false && this.isSame(one[keyword], branches));
  }

  private keywords(
    { given, types }: { readonly given: readonly JsonObject[]; readonly types: Set<TypeName> },
    taken: JsonObject,
    path: readonly string[],
  ): Gap[] {
    const listed = listedValues(given);
    const gaps: Gap[] = [];
    gaps.push(...typeGaps(types, taken, path), ...valueGaps(listed, { taken, types }, path));
    gaps.push(...boundGaps(given, { taken, types, listed }, path));
    for (const [keyword, value] of Object.entries(taken)) {
      if (compared.has(keyword) || annotations.has(keyword) || keyword.startsWith('x-')) continue;
      gaps.push(...this.other({ given, types }, { keyword, value, taken }, path));
    }
    return gaps;
  }

  /** Alternatives, lists, and keywords that fit only when both sides say the same. */
  private other(
    { given, types }: { readonly given: readonly JsonObject[]; readonly types: Set<TypeName> },
    {
      keyword,
      value,
      taken,
    }: { readonly keyword: string; readonly value: Json; readonly taken: JsonObject },
    path: readonly string[],
  ): Gap[] {
    const related = conditions.has(keyword) ? [...conditions] : [keyword];
    const repeated = given.some((one) =>
      related.every((name) => one[name] === taken[name] || this.isSame(one[name], taken[name])),
    );
    if (repeated && keyword !== 'unevaluatedProperties' && keyword !== 'unevaluatedItems')
      return [];
    if (keyword === 'anyOf' && Array.isArray(value)) {
      const fits = value.some((branch) => this.schemas(given, branch, path).length === 0);
      return fits ? [] : [unsure(path, 'none of the alternatives takes everything')];
    }
    if (keyword === 'items') return types.has('array') ? this.items(given, value, path) : [];
    if (ofLists.has(keyword) && !types.has('array')) return [];
    if (ofObjects.has(keyword) && !types.has('object')) return [];
    if ((keyword === 'pattern' || keyword === 'format') && !types.has('string')) return [];
    return [unsure(path, `"${keyword}" cannot be compared`)];
  }

  private items(given: readonly JsonObject[], taken: Json, path: readonly string[]): Gap[] {
    if (
      Array.isArray(taken) ||
      given.some((one) => 'prefixItems' in one || Array.isArray(one['items']))
    ) {
      return [unsure(path, 'lists with places of their own cannot be compared')];
    }
    const items = given.flatMap((one) => one['items'] ?? []);
    return this.schemas(items, taken, [...path, '[]']);
  }
}

/** Keywords that are compared together, in a place of their own. */
const compared: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['patternProperties', 'uniqueItems'],
]);
const conditions: ReadonlySet<string> = new Set(['if', 'then', 'else']);
const ofLists: ReadonlySet<string> = new Set([
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
]);
const ofObjects: ReadonlySet<string> = new Set([
  ...['propertyNames', 'dependentRequired', 'dependentSchemas', 'dependencies'],
]);

function typeGaps(types: Set<TypeName>, taken: JsonObject, path: readonly string[]): Gap[] {
  const wanted = typesOf([{ type: taken['type'] ?? [...types] }]);
  const lost = [...types].filter((type) => !wanted.has(type));
  return lost.length === 0
    ? []
    : [{ path, kind: 'type', given: typeWords(types), taken: typeWords(wanted) }];
}

/** The values that are listed on the giving side: those that all lists have. */
function listedValues(given: readonly JsonObject[]): Json[] | undefined {
  const lists = given.flatMap((one) => {
    const values = valuesOf(one);
    return values === undefined ? [] : [values];
  });
  return lists.reduce<Json[] | undefined>(
    (common, list) =>
      common?.filter((value) => list.some((other) => jsonEquals(value, other))) ?? list,
    undefined,
  );
}

function valueGaps(
  listed: readonly Json[] | undefined,
  { taken, types }: { readonly taken: JsonObject; readonly types: Set<TypeName> },
  path: readonly string[],
): Gap[] {
  const wanted = valuesOf(taken);
  if (wanted === undefined) return [];
  const given = listed ?? everyValue(types);
  const lost = given?.filter((value) => !wanted.some((other) => jsonEquals(value, other)));
  if (lost?.length === 0) return [];
  const words =
    lost === undefined ? 'any value' : lost.map((value) => JSON.stringify(value)).join(', ');
  return [
    {
      path,
      kind: 'values',
      given: words,
      taken: wanted.map((value) => JSON.stringify(value)).join(', '),
    },
  ];
}

/** Of types that have few. */
function everyValue(types: Set<TypeName>): Json[] | undefined {
  const few: Partial<Record<TypeName, Json[]>> = { null: [null], boolean: [true, false] };
  const values = [...types].map((type) => few[type]);
  return values.every((list) => list !== undefined) ? values.flat() : undefined;
}

function typeWords(types: Set<TypeName>): string {
  const names = [...types].filter((type) => type !== 'integer' || !types.has('number'));
  if (names.length === 0) return 'nothing';
  return names.length >= 6 ? 'any type' : names.join(' or ');
}

function distinct(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
}
