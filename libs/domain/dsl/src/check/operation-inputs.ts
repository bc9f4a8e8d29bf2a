import type { Operation } from '@parley/contracts';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** One thing that an operation can be given under `input`. */
export interface OperationInput {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  /** A parameter that the body has too: one value goes to both places. */
  readonly alsoInBody?: boolean;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

/** An object body whose members may be given one by one. */
export interface BodyMembers {
  readonly properties: Readonly<Record<string, Json>>;
  readonly required: readonly string[];
  /** It takes members that the schema does not name, because it names none. */
  readonly open: boolean;
}

const nestingMax = 16;

/** What an operation takes, flattened by name: its parameters, then the members of its body. */
export function inputsOf(operation: Operation): OperationInput[] {
  const body = bodyMembersOf(operation);
  const needed = new Set(operation.body?.required === true ? body?.required : []);
  const inputs = new Map<string, OperationInput>();
  for (const { name, in: place, required, description, schema } of operation.parameters) {
    if (inputs.has(name)) continue;
    const alsoInBody = body !== undefined && Object.hasOwn(body.properties, name);
    const given = place === 'header' && name.toLowerCase() === operation.keyHeader?.toLowerCase();
    inputs.set(name, {
      name,
      in: place,
      ...(alsoInBody ? { alsoInBody } : {}),
      required: (required && !given) || (alsoInBody && needed.has(name)),
      ...(description === undefined ? {} : { description }),
      schema,
    });
  }
  for (const [name, schema] of Object.entries(body?.properties ?? {})) {
    if (inputs.has(name)) continue;
    const described = isJsonObject(schema) ? schema['description'] : undefined;
    const description = typeof described === 'string' ? { description: described } : {};
    inputs.set(name, { name, in: 'body', required: needed.has(name), ...description, schema });
  }
  return [...inputs.values()];
}

/** The members of an operation's body; undefined when it has none or is not (only) an object. */
export function bodyMembersOf(operation: Operation): BodyMembers | undefined {
  if (operation.body === undefined) return undefined;
  const found = { properties: {} as JsonObject, required: new Set<string>(), open: true };
  if (!collect(operation.body.schema, found, 0)) return undefined;
  const writable = Object.entries(found.properties).filter(
    ([, schema]) => !(isJsonObject(schema) && schema['readOnly'] === true),
  );
  const properties = Object.fromEntries(writable);
  const required = [...found.required].filter(
    (name) => Object.hasOwn(properties, name) || !Object.hasOwn(found.properties, name),
  );
  return { properties, required, open: found.open };
}

interface Found {
  properties: JsonObject;
  required: Set<string>;
  open: boolean;
}

/**
 * Collects the properties of an object schema; false when it is not (only) an object. Of
 * alternatives any property may be given, and those that all need must be.
 */
function collect(schema: Json, found: Found, depth: number): boolean {
  if (!isJsonObject(schema) || depth > nestingMax) return false;
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes('object')) return false;
  const named = isJsonObject(schema['properties']) ? schema['properties'] : undefined;
  found.properties = { ...named, ...found.properties };
  for (const name of listOf(schema['required'])) {
    if (typeof name === 'string') found.required.add(name);
  }
  const additional = schema['additionalProperties'];
  if (additional === false || (additional === undefined && named !== undefined)) found.open = false;
  let isObject = types.includes('object') || named !== undefined;
  for (const part of listOf(schema['allOf']))
    isObject = collect(part, found, depth + 1) || isObject;
  for (const keyword of ['oneOf', 'anyOf']) {
    isObject = collectAlternatives(listOf(schema[keyword]), found, depth) || isObject;
  }
  return isObject;
}

function collectAlternatives(alternatives: readonly Json[], found: Found, depth: number): boolean {
  const each = alternatives
    .filter((item) => !(isJsonObject(item) && item['type'] === 'null'))
    .map((part) => {
      const own: Found = { properties: {}, required: new Set(), open: true };
      return { own, isObject: collect(part, own, depth + 1) };
    });
  for (const { own } of each) {
    found.properties = { ...own.properties, ...found.properties };
    found.open &&= own.open;
  }
  for (const name of each[0]?.own.required ?? []) {
    if (each.every(({ own }) => own.required.has(name))) found.required.add(name);
  }
  return each.length > 0 && each.every((one) => one.isObject);
}

function typesOf(schema: JsonObject): Json[] {
  const type = schema['type'];
  if (Array.isArray(type)) return type;
  return type === undefined ? [] : [type];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
