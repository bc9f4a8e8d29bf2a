import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { unsure, type Gap, type SchemaComparison } from './gap.js';
import { isText, type Conjunction, type TypeName } from './schema.js';

interface Sides {
  readonly given: Conjunction;
  readonly taken: Conjunction;
  readonly types: Set<TypeName>;
}

/** The members of objects. */
export function compareObjects(
  comparison: SchemaComparison,
  { given, taken, types }: Sides,
  path: readonly string[],
): Gap[] {
  if (!types.has('object')) return [];
  const giving = new Members(given);
  const taking = new Members(taken);
  const gaps: Gap[] = [];
  for (const name of taking.required) {
    if (!giving.required.has(name)) gaps.push({ path: [...path, name], kind: 'required' });
  }
  gaps.push(...removedMembers(comparison.earlier, { giving, taking }, path));
  for (const one of taking.schemas)
    gaps.push(...membersFit(comparison, { giving, taken: one }, path));
  return gaps;
}

/** What the schemas of one side say about members. */
class Members {
  readonly schemas: readonly JsonObject[];
  readonly required: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;

  constructor(conjunction: Conjunction) {
    this.schemas = conjunction.filter((schema) => schema !== false);
    this.required = new Set(
      this.schemas.flatMap(({ required }) =>
        Array.isArray(required) ? required.filter(isText) : [],
      ),
    );
    this.named = new Set(this.schemas.flatMap((schema) => Object.keys(propertiesOf(schema))));
  }

  /** What a member must fit; undefined when nobody says anything about it. */
  of(name: string): Json[] | undefined {
    const found = this.schemas.flatMap((schema): Json[] => {
      const own = propertiesOf(schema)[name];
      if (own !== undefined) return [own];
      // It may match a pattern, and then the rest does not hold for it.
      if (schema['patternProperties'] !== undefined) return [true];
      return schema['additionalProperties'] === undefined ? [] : [schema['additionalProperties']];
    });
    return found.length === 0 ? undefined : found;
  }
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['properties']) ? schema['properties'] : {};
}

/** J3 */
function removedMembers(
  earlier: 'given' | 'taken',
  { giving, taking }: { readonly giving: Members; readonly taking: Members },
  path: readonly string[],
): Gap[] {
  const [before, after] = earlier === 'given' ? [giving, taking] : [taking, giving];
  return [...before.named]
    .filter((name) => !after.named.has(name))
    .filter((name) => before.of(name)?.includes(false) !== true)
    .map((name) => ({ path: [...path, name], kind: 'removed' }));
}

function membersFit(
  comparison: SchemaComparison,
  { giving, taken }: { readonly giving: Members; readonly taken: JsonObject },
  path: readonly string[],
): Gap[] {
  const named = propertiesOf(taken);
  const gaps: Gap[] = [];
  for (const [name, schema] of Object.entries(named)) {
    const given = giving.of(name);
    // J2
    if (given !== undefined) gaps.push(...comparison.schemas(given, schema, [...path, name]));
  }
  gaps.push(...patternGaps(comparison, { giving, taken }, path));
  const rest = taken['additionalProperties'];
  if (rest === undefined || rest === true) return gaps;
  for (const name of giving.named) {
    if (Object.hasOwn(named, name) || taken['patternProperties'] !== undefined) continue;
    const given = giving.of(name) ?? [];
    if (given.includes(false)) continue;
    if (rest !== false) gaps.push(...comparison.schemas(given, rest, [...path, name]));
    // The other way round it has been said by J3.
    else if (comparison.earlier === 'taken') gaps.push({ path: [...path, name], kind: 'added' });
  }
  return [...gaps, ...restGaps(comparison, { giving, rest }, path)];
}

/** Members that neither side names. */
function restGaps(
  comparison: SchemaComparison,
  { giving, rest }: { readonly giving: Members; readonly rest: Json },
  path: readonly string[],
): Gap[] {
  const patterned = giving.schemas.some((schema) => schema['patternProperties'] !== undefined);
  const given = giving.schemas.flatMap((schema) => schema['additionalProperties'] ?? []);
  if (given.includes(false) && !patterned) return [];
  if (patterned) return [unsure(path, '"patternProperties" cannot be compared')];
  if (rest === false) return [{ path, kind: 'closed' }];
  return comparison.schemas(given, rest, [...path, '*']);
}

function patternGaps(
  comparison: SchemaComparison,
  { giving, taken }: { readonly giving: Members; readonly taken: JsonObject },
  path: readonly string[],
): Gap[] {
  const patterns = taken['patternProperties'];
  if (patterns === undefined) return [];
  const same = giving.schemas.some((one) => comparison.isSame(one['patternProperties'], patterns));
  return same ? [] : [unsure(path, '"patternProperties" cannot be compared')];
}
