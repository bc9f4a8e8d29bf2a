import type { Operation } from '@parley/contracts';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** One thing that an operation can be given under `input`. */
export interface OperationInput {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

/** What an operation takes, flattened by name: its parameters, then the members of its body. */
export function inputsOf(operation: Operation): OperationInput[] {
  const inputs = new Map<string, OperationInput>();
  for (const { name, in: place, required, description, schema } of operation.parameters) {
    if (inputs.has(name)) continue;
    const given = isKeyHeader(operation, place, name);
    inputs.set(name, {
      name,
      in: place,
      required: required && !given,
      ...(description === undefined ? {} : { description }),
      schema: schema,
    });
  }
  for (const input of bodyInputs(operation)) {
    if (!inputs.has(input.name)) inputs.set(input.name, input);
  }
  return [...inputs.values()];
}

/** Whether the body is an object whose members may be given one by one. */
export function takesBodyMembers(operation: Operation): boolean {
  return operation.body !== undefined && objectSchemas(operation.body.schema).length > 0;
}

/** Whether the body may have members that its schema does not name. */
export function takesAnyBodyMember(operation: Operation): boolean {
  if (operation.body === undefined) return false;
  const schemas = objectSchemas(operation.body.schema);
  if (schemas.length === 0) return false;
  const named = schemas.some((schema) => isJsonObject(schema['properties']));
  return schemas.every((schema) => {
    const additional = schema['additionalProperties'];
    return additional === undefined ? !named : additional !== false;
  });
}

function bodyInputs(operation: Operation): OperationInput[] {
  const { body } = operation;
  if (body === undefined) return [];
  return objectSchemas(body.schema).flatMap((schema) => {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    return Object.entries(properties)
      .filter(([, property]) => !(isJsonObject(property) && property['readOnly'] === true))
      .map(([name, property]) => ({
        name,
        in: 'body' as const,
        required: body.required && required.includes(name),
        ...descriptionOf(property),
        schema: property,
      }));
  });
}

/** The object schemas that a body must fit together; none when it is not (only) an object. */
function objectSchemas(schema: Json): JsonObject[] {
  if (!isJsonObject(schema)) return [];
  const parts = Array.isArray(schema['allOf']) ? schema['allOf'].flatMap(objectSchemas) : [];
  const object = schema['type'] === 'object' || isJsonObject(schema['properties']);
  return object ? [schema, ...parts] : parts;
}

function descriptionOf(schema: Json): { description?: string } {
  const description = isJsonObject(schema) ? schema['description'] : undefined;
  return typeof description === 'string' ? { description } : {};
}

function isKeyHeader(operation: Operation, place: string, name: string): boolean {
  return place === 'header' && name.toLowerCase() === operation.keyHeader?.toLowerCase();
}
