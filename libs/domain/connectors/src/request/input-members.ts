import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { ConnectorOperation } from '../model.js';
import { membersOf } from '../schema/normalise.js';

/** One member of `with.input` of a `call: connector`. */
export interface InputMember {
  readonly name: string;
  /** Every place that the value goes to. */
  readonly in: readonly ('path' | 'query' | 'header' | 'cookie' | 'body')[];
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

/** How the body of an operation is given. */
export type BodyShape =
  | { readonly kind: 'none' }
  /** Every member that is no parameter is a property of the body. */
  | { readonly kind: 'object'; readonly properties: JsonObject; readonly required: string[] }
  /** The body is given as a whole, beside the input. */
  | { readonly kind: 'whole' };

const nestingMax = 16;

/**
 * The members that `with.input` of a call may have, parameters first. Flat: a name that is both a
 * parameter and a property of the body is given once and goes to both. A body that is not an object
 * is given in `with.body` instead.
 */
export function inputMembers(operation: ConnectorOperation): InputMember[] {
  const members = new Map<string, InputMember>();
  const add = (member: InputMember) => {
    const before = members.get(member.name);
    members.set(
      member.name,
      before === undefined
        ? member
        : {
            ...before,
            in: [...before.in, ...member.in],
            required: before.required || member.required,
          },
    );
  };
  for (const { name, in: place, required, description, schema } of operation.parameters) {
    add({
      name,
      in: [place],
      required,
      ...(description === undefined ? {} : { description }),
      schema,
    });
  }
  const shape = bodyShape(operation);
  if (shape.kind === 'object') {
    for (const [name, schema] of Object.entries(shape.properties)) {
      if (membersOf(schema)['readOnly'] === true) continue;
      const required = operation.body?.required === true && shape.required.includes(name);
      const description = membersOf(schema)['description'];
      const described = typeof description === 'string' ? { description } : {};
      add({ name, in: ['body'], required, ...described, schema });
    }
  }
  return [...members.values()];
}

/** Whether the body is an object whose properties are given one by one. */
export function bodyShape(operation: Pick<ConnectorOperation, 'body'>): BodyShape {
  if (operation.body === undefined) return { kind: 'none' };
  const found = { properties: {} as JsonObject, required: new Set<string>() };
  if (!collect(operation.body.schema, found, 0)) return { kind: 'whole' };
  const required = [...found.required].filter(
    (name) => membersOf(found.properties[name])['readOnly'] !== true,
  );
  return { kind: 'object', properties: found.properties, required };
}

interface Found {
  properties: JsonObject;
  required: Set<string>;
}

/** Collects the properties of an object schema; false when it is not (only) an object. */
function collect(schema: Json, found: Found, depth: number): boolean {
  if (!isJsonObject(schema) || depth > nestingMax) return false;
  const type = schema['type'];
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (types.length > 0 && !types.includes('object')) return false;
  found.properties = { ...membersOf(schema['properties']), ...found.properties };
  for (const name of requiredOf(schema)) found.required.add(name);
  let isObject = types.includes('object') || schema['properties'] !== undefined;
  for (const part of listOf(schema['allOf']))
    isObject = collect(part, found, depth + 1) || isObject;
  for (const keyword of ['oneOf', 'anyOf']) {
    const alternatives = listOf(schema[keyword]).filter((item) => !isNull(item));
    if (alternatives.length === 0) continue;
    // The properties of any alternative may be given, those of all must be.
    const each = alternatives.map((part) => {
      const own: Found = { properties: {}, required: new Set() };
      return { own, isObject: collect(part, own, depth + 1) };
    });
    if (each.every((one) => one.isObject)) isObject = true;
    for (const { own } of each) found.properties = { ...own.properties, ...found.properties };
    for (const name of each[0]?.own.required ?? []) {
      if (each.every(({ own }) => own.required.has(name))) found.required.add(name);
    }
  }
  return isObject;
}

function isNull(schema: Json): boolean {
  return isJsonObject(schema) && schema['type'] === 'null';
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function requiredOf(schema: JsonObject): string[] {
  return listOf(schema['required']).filter((name) => typeof name === 'string');
}
