import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

const depthMax = 8;
const fieldsMax = 300;

export type TextFormat = 'plain' | 'long' | 'date' | 'date-time' | 'time' | 'email' | 'uri';

interface Common {
  readonly label: string;
  readonly description?: string;
  readonly required: boolean;
  readonly nullable: boolean;
  /** What the schema gives to begin with: its default, else its first example. */
  readonly initial?: Json;
}

/** What a form asks for, read from a JSON Schema. */
export type Field = Common &
  (
    | { readonly kind: 'object'; readonly fields: readonly NamedField[] }
    | { readonly kind: 'array'; readonly item: Field; readonly itemsMin: number }
    | {
        readonly kind: 'text';
        readonly format: TextFormat;
        readonly lengthMin?: number;
        readonly lengthMax?: number;
        readonly pattern?: string;
      }
    | {
        readonly kind: 'number';
        readonly integer: boolean;
        readonly min?: number;
        readonly max?: number;
      }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly options: readonly Json[] }
    /** Anything: written as JSON. */
    | { readonly kind: 'json' }
  );

export interface NamedField {
  readonly name: string;
  readonly field: Field;
}
export type FieldOf<K extends Field['kind']> = Extract<Field, { kind: K }>;

interface Reader {
  readonly root: JsonObject;
  fieldsLeft: number;
}

/** Reads a schema. What a form cannot ask for becomes a field for JSON; nothing is left out. */
export function fieldOf(schema: Json | undefined, label: string): Field {
  const root = isJsonObject(schema) ? schema : {};
  const reader: Reader = { root, fieldsLeft: fieldsMax };
  return read(root, { label, required: true, depth: 0 }, reader);
}

interface Place {
  readonly label: string;
  readonly required: boolean;
  readonly depth: number;
}

function read(source: Json | undefined, place: Place, reader: Reader): Field {
  const schema = resolve(source, reader.root);
  const types = typesOf(schema);
  const common: Common = {
    label: textOf(schema['title']) ?? place.label,
    required: place.required,
    nullable: types.includes('null'),
    ...(textOf(schema['description']) === undefined
      ? {}
      : { description: textOf(schema['description']) }),
    ...initialOf(schema),
  };
  if (place.depth > depthMax || reader.fieldsLeft-- <= 0) return { ...common, kind: 'json' };
  return { ...common, ...shapeOf(schema, { ...place, types }, reader) };
}

type Shape<F extends Field = Field> = F extends Field ? Omit<F, keyof Common> : never;

function shapeOf(
  schema: JsonObject,
  place: Place & { types: readonly string[] },
  reader: Reader,
): Shape {
  const options = optionsOf(schema);
  if (options !== undefined) return { kind: 'choice', options };
  const types = place.types.filter((type) => type !== 'null');
  if (types.length !== 1 || 'oneOf' in schema || 'anyOf' in schema) return { kind: 'json' };
  switch (types[0]) {
    case 'object':
      return objectShape(schema, place, reader);
    case 'array':
      return arrayShape(schema, place, reader);
    case 'string':
      return textShape(schema);
    case 'number':
    case 'integer':
      return { kind: 'number', integer: types[0] === 'integer', ...rangeOf(schema) };
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return { kind: 'json' };
  }
}

function objectShape(schema: JsonObject, { depth }: Place, reader: Reader): Shape {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const names = Object.keys(properties);
  if (names.length === 0) return { kind: 'json' };
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields = names.map((name) => ({
    name,
    field: read(
      properties[name],
      { label: name, required: required.includes(name), depth: depth + 1 },
      reader,
    ),
  }));
  return { kind: 'object', fields };
}

function arrayShape(schema: JsonObject, { depth }: Place, reader: Reader): Shape {
  if ('prefixItems' in schema) return { kind: 'json' };
  const label = 'Item';
  const item = read(schema['items'], { label, required: true, depth: depth + 1 }, reader);
  return { kind: 'array', item, itemsMin: numberOf(schema['minItems']) ?? 0 };
}

function textShape(schema: JsonObject): Shape {
  const lengthMin = numberOf(schema['minLength']);
  const lengthMax = numberOf(schema['maxLength']);
  const pattern = textOf(schema['pattern']);
  return {
    kind: 'text',
    format: formatOf(schema['format'], lengthMax),
    ...(lengthMin === undefined ? {} : { lengthMin }),
    ...(lengthMax === undefined ? {} : { lengthMax }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function formatOf(format: Json | undefined, lengthMax: number | undefined): TextFormat {
  switch (format) {
    case 'date':
    case 'date-time':
    case 'time':
    case 'email':
      return format;
    case 'uri':
    case 'url':
      return 'uri';
    default:
      return lengthMax !== undefined && lengthMax > 200 ? 'long' : 'plain';
  }
}

function rangeOf(schema: JsonObject): { min?: number; max?: number } {
  const min = numberOf(schema['minimum']);
  const max = numberOf(schema['maximum']);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function optionsOf(schema: JsonObject): readonly Json[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  const { enum: values } = schema;
  return Array.isArray(values) && values.length > 0 ? values : undefined;
}

/** The schema with references followed, `allOf` merged, and "X or null" read as nullable X. */
function resolve(source: Json | undefined, root: JsonObject, hops = 0): JsonObject {
  if (!isJsonObject(source) || hops > depthMax) return {};
  const { $ref: reference, allOf, ...own } = source;
  if (typeof reference === 'string') {
    return { ...resolve(lookUp(reference, root), root, hops + 1), ...own };
  }
  if (Array.isArray(allOf)) {
    return allOf.map((part) => resolve(part, root, hops + 1)).reduce(merge, own);
  }
  for (const key of ['anyOf', 'oneOf'] as const) {
    const { [key]: choices, ...rest } = own;
    if (!Array.isArray(choices)) continue;
    const real = choices.filter((choice) => !(isJsonObject(choice) && choice['type'] === 'null'));
    if (real.length !== 1) continue;
    const found = resolve(real[0], root, hops + 1);
    const isNullable = real.length < choices.length;
    return { ...found, ...rest, type: [...typesOf(found), ...(isNullable ? ['null'] : [])] };
  }
  return own;
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const both = { ...a, ...b };
  const properties = [a['properties'], b['properties']].filter(isJsonObject);
  if (properties.length > 0) both['properties'] = Object.assign({}, ...properties) as JsonObject;
  const required = [a['required'], b['required']].filter(Array.isArray).flat() as Json[];
  if (required.length > 0) both['required'] = required;
  return both;
}

/** Only references into the schema itself; a version's schema has no others. */
function lookUp(reference: string, root: JsonObject): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  let at: Json | undefined = root;
  for (const token of decodeURIComponent(reference.slice(1)).split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonObject(at) ? at[name] : Array.isArray(at) ? at[Number(name)] : undefined;
  }
  return at;
}

function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  if (isJsonObject(schema['properties'])) return ['object'];
  return 'items' in schema ? ['array'] : [];
}

function initialOf(schema: JsonObject): { initial?: Json } {
  const { default: given, const: only, examples, example } = schema;
  const first = Array.isArray(examples) ? examples[0] : example;
  const initial = given ?? only ?? first;
  return initial === undefined ? {} : { initial };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
