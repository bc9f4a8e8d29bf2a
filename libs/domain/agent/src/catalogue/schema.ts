import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** A value inside a JSON document that a schema describes. */
export interface Property {
  /** Names from the root of the document. */
  readonly path: readonly string[];
  readonly name: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

/** How deep properties of a response or an entity are looked for. */
const propertyDepthMax = 3;

export type ValueType = 'boolean' | 'number' | 'string' | 'array' | 'object' | 'unknown';

export function typeOf(schema: Json | undefined): ValueType {
  if (!isJsonObject(schema)) return 'unknown';
  const declared = schema['type'];
  const types = Array.isArray(declared) ? declared.filter((type) => type !== 'null') : [declared];
  const type = types[0];
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean' || type === 'string' || type === 'array' || type === 'object') return type;
  if (isJsonObject(schema['properties']) || Array.isArray(schema['allOf'])) return 'object';
  if (Array.isArray(schema['enum']))
    return typeof schema['enum'][0] === 'string' ? 'string' : 'unknown';
  return isJsonObject(schema['items']) ? 'array' : 'unknown';
}

/** The members of an object schema, those of `allOf` included. */
export function membersOf(schema: Json | undefined): Property[] {
  if (!isJsonObject(schema)) return [];
  const parts = Array.isArray(schema['allOf']) ? schema['allOf'].flatMap(membersOf) : [];
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const own = Object.entries(properties).flatMap(([name, property]) =>
    isJsonObject(property)
      ? [{ path: [name], name, schema: property, required: required.includes(name) }]
      : [],
  );
  return [...own, ...parts];
}

/** Every property down to `depth`, nearest to the root first; not inside arrays. */
export function propertiesOf(schema: Json | undefined, depth = propertyDepthMax): Property[] {
  const found: Property[] = [];
  let level = membersOf(schema);
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    found.push(...level);
    level = level.flatMap((parent) =>
      membersOf(parent.schema).map((member) => ({
        ...member,
        path: [...parent.path, member.name],
        required: parent.required && member.required,
      })),
    );
  }
  return found;
}

/** The schema of an array's items. */
export function itemsOf(schema: Json | undefined): JsonObject | undefined {
  const items = isJsonObject(schema) ? schema['items'] : undefined;
  return isJsonObject(items) ? items : undefined;
}

/** The texts that a schema allows, when it lists them. */
export function choicesOf(schema: Json | undefined): string[] {
  if (!isJsonObject(schema) || !Array.isArray(schema['enum'])) return [];
  return schema['enum'].filter((choice) => typeof choice === 'string');
}

export function descriptionOf(schema: Json | undefined): string {
  const description = isJsonObject(schema) ? schema['description'] : undefined;
  return typeof description === 'string' ? description : '';
}

/** A member of an object by a jq path: `.total`, `."odd name"`. */
export function jqPath(path: readonly string[]): string {
  return path.map((name) => (isJqName(name) ? `.${name}` : `.${JSON.stringify(name)}`)).join('');
}

const jqKeywords = new Set(
  'and or not if then elif else end as def reduce foreach try catch label import include __loc__'.split(
    ' ',
  ),
);

function isJqName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !jqKeywords.has(name);
}
