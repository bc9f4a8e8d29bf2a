import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';

/** A schema as a list of schemas that must all hold; `allOf` and references are taken apart. */
export type Conjunction = readonly (JsonObject | false)[];

/** A whole schema document, in which references are looked up. */
export class SchemaDocument {
  /** Whether equal texts mean the same in both documents, references included. */
  static sameDefinitions(a: SchemaDocument, b: SchemaDocument): boolean {
    return ['$defs', 'definitions'].every((name) =>
      jsonEquals(memberOf(a.root, name), memberOf(b.root, name)),
    );
  }

  constructor(readonly root: Json) {}

  /** Takes a schema apart; undefined when a reference leads nowhere that is known here. */
  conjunction(schema: Json, open: ReadonlySet<string> = new Set()): Conjunction | undefined {
    if (schema === false) return [false];
    if (!isJsonObject(schema)) return [];
    const { $ref: reference, allOf, ...own } = schema;
    const parts: (Conjunction | undefined)[] = [[own]];
    if (Array.isArray(allOf)) for (const part of allOf) parts.push(this.conjunction(part, open));
    if (reference !== undefined) parts.push(this.follow(reference, open));
    const known = parts.filter((part) => part !== undefined);
    return known.length === parts.length ? known.flat() : undefined;
  }

  private follow(reference: Json, open: ReadonlySet<string>): Conjunction | undefined {
    if (typeof reference !== 'string' || open.has(reference)) return undefined;
    const target = this.at(reference);
    return target === undefined
      ? undefined
      : this.conjunction(target, new Set([...open, reference]));
  }

  /** What `#/$defs/a` stands for. */
  private at(reference: string): Json | undefined {
    if (reference === '#') return this.root;
    if (!reference.startsWith('#/')) return undefined;
    const tokens = reference.slice(2).split('/').map(unescaped);
    return tokens.reduce<Json | undefined>(memberOf, this.root);
  }
}

function unescaped(token: string): string {
  return decoded(token).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** A `%` that encodes nothing stands for itself. */
function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch (error) {
    if (error instanceof URIError) return token;
    throw error;
  }
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(name)];
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Whether a reference stands anywhere in a schema. */
export function hasReference(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.some(hasReference);
  if (!isJsonObject(schema)) return false;
  return '$ref' in schema || '$dynamicRef' in schema || Object.values(schema).some(hasReference);
}

export const allTypes = [
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
] as const;
export type TypeName = (typeof allTypes)[number];

/** Types that values may have; `integer` stands for whole numbers, `number` for the others, too. */
export function typesOf(schemas: Conjunction): Set<TypeName> {
  const types = new Set<TypeName>(allTypes);
  for (const schema of schemas) {
    const allowed = schema === false ? [] : allowedTypes(schema);
    if (allowed === undefined) continue;
    for (const type of types) {
      const whole = type === 'integer' && allowed.includes('number');
      if (!allowed.includes(type) && !whole) types.delete(type);
    }
  }
  return types;
}

function allowedTypes(schema: JsonObject): string[] | undefined {
  const { type } = schema;
  const named =
    type === undefined ? undefined : (Array.isArray(type) ? type : [type]).filter(isText);
  const values = valuesOf(schema)?.map(typeOfValue);
  if (values === undefined) return named;
  return named === undefined
    ? values
    : values.filter(
        (one) => named.includes(one) || (one === 'integer' && named.includes('number')),
      );
}

/** The values that are listed, when they are. */
export function valuesOf(schema: JsonObject): Json[] | undefined {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

function typeOfValue(value: Json): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'boolean' | 'string' | 'object';
}

export function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

/** Keywords that say nothing about which values fit. */
export const annotations: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly'],
  ...['writeOnly', '$comment', '$schema', '$defs', 'definitions', '$id', '$anchor'],
  ...['contentMediaType', 'contentEncoding', 'contentSchema'],
]);
