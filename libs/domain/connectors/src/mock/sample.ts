import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';

const depthMax = 12;

/**
 * A value that fits a schema, the same every time: an example if there is one, else the default, a
 * constant, the first alternative, or the simplest value of the type. Patterns are not solved.
 */
export function sampleOf(schema: Json, depth = 0): Json {
  if (!isJsonObject(schema) || depth > depthMax) return null;
  const [example] = list(schema['examples']);
  if (example !== undefined) return example;
  if (schema['default'] !== undefined) return schema['default'];
  if (schema['const'] !== undefined) return schema['const'];
  const [first] = list(schema['enum']);
  if (first !== undefined) return first;
  const merged = mergeParts(schema);
  const alternatives = [...list(schema['oneOf']), ...list(schema['anyOf'])];
  const chosen = alternatives.find((one) => !isJsonObject(one) || one['type'] !== 'null');
  if (chosen === undefined) return ofType(merged, depth);
  const own = ofType(merged, depth);
  const alternative = sampleOf(chosen, depth + 1);
  return isJsonObject(own) && isJsonObject(alternative) ? { ...own, ...alternative } : alternative;
}

/** A schema with the parts of its `allOf` beside it; properties are united. */
function mergeParts(schema: JsonObject): JsonObject {
  const parts = list(schema['allOf']).filter(isJsonObject).map(mergeParts);
  if (parts.length === 0) return schema;
  const all = [...parts, schema];
  const properties = Object.assign(
    {},
    ...all.map((part) => part['properties'] ?? {}),
  ) as JsonObject;
  const merged = Object.assign({}, ...all) as JsonObject;
  delete merged['allOf'];
  return Object.keys(properties).length === 0 ? merged : { ...merged, properties };
}

function ofType(schema: JsonObject, depth: number): Json {
  const { type } = schema;
  const name = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (name === 'object' || (name === undefined && isJsonObject(schema['properties']))) {
    return ofObject(schema, depth);
  }
  if (name === 'array' || (name === undefined && schema['items'] !== undefined)) {
    return ofArray(schema, depth);
  }
  if (name === 'string') return ofString(schema);
  if (name === 'integer' || name === 'number') return ofNumber(schema, name === 'integer');
  if (name === 'boolean') return true;
  return null;
}

function ofObject(schema: JsonObject, depth: number): Json {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = list(schema['required']);
  const entries = Object.entries(properties)
    .filter(([, part]) => !isJsonObject(part) || part['writeOnly'] !== true)
    // Beyond the middle of the depth only what must be there: keeps recursion-free but wide data small.
    .filter(([name]) => depth < depthMax / 2 || required.includes(name))
    .map(([name, part]) => [name, sampleOf(part, depth + 1)] as const);
  return Object.fromEntries(entries);
}

function ofArray(schema: JsonObject, depth: number): Json {
  const fixed = list(schema['prefixItems']).map((item) => sampleOf(item, depth + 1));
  if (fixed.length > 0) return fixed;
  const { maxItems, minItems } = schema;
  if (maxItems === 0 || depth >= depthMax || schema['items'] === undefined) return [];
  const count = typeof minItems === 'number' ? Math.min(Math.max(minItems, 1), 5) : 1;
  const item = sampleOf(schema['items'], depth + 1);
  return Array.from({ length: count }, () => item);
}

const texts: Readonly<Record<string, string>> = {
  'date-time': '2026-01-15T09:30:00Z',
  date: '2026-01-15',
  time: '09:30:00Z',
  duration: 'PT30M',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000001',
  byte: 'AAAA',
};

function ofString(schema: JsonObject): Json {
  const { format, minLength, maxLength } = schema;
  const text = (typeof format === 'string' ? texts[format] : undefined) ?? 'text';
  const padded =
    typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 10_000), 'x') : text;
  return typeof maxLength === 'number' ? padded.slice(0, maxLength) : padded;
}

function ofNumber(schema: JsonObject, isInteger: boolean): Json {
  const number = (keyword: string) => {
    const value = schema[keyword];
    return typeof value === 'number' ? value : undefined;
  };
  const step = number('multipleOf') ?? 1;
  const above = number('exclusiveMinimum');
  const below = number('exclusiveMaximum');
  const low = number('minimum') ?? (above === undefined ? undefined : above + step);
  const high = number('maximum') ?? (below === undefined ? undefined : below - step);
  if (low !== undefined && low > 0) return ceilTo(low, step, isInteger);
  if (high !== undefined && high < 1) return low !== undefined && low > high ? low : high;
  return step;
}

function ceilTo(value: number, step: number, isInteger: boolean): number {
  const wanted = isInteger ? Math.ceil(value) : value;
  const steps = Math.ceil(wanted / step);
  const result = steps * step;
  return jsonEquals(result, wanted) || result >= wanted ? result : wanted;
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
