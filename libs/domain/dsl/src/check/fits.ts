import { isJsonObject, jsonEquals, type Json, type JsonObject } from '@parley/kernel';
import { interpolate } from '../expressions/interpolation.js';
import { kindOf, toJson, type MapNode, type ScalarNode, type SourceNode } from '../source/tree.js';

/** The first place where a written value cannot fit a schema. */
export interface Misfit {
  readonly node: SourceNode;
  readonly message: string;
  readonly expected: string;
}

const depthMax = 30;

/**
 * Compares what is written with a JSON Schema, as far as it is known before the run: expressions
 * fit everything, texts around expressions are texts. Keywords beyond types, enumerations, bounds,
 * lengths, properties and items are left to the called system.
 */
export function misfitOf(node: SourceNode, schema: Json, depth = 0): Misfit | undefined {
  if (!isJsonObject(schema) || depth > depthMax) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const found = interpolate(node.value);
    if (found.kind === 'expression' || found.kind === 'unclosed') return undefined;
    if (found.kind === 'text') return typeMisfit(node, schema, 'string');
  }
  return (
    alternativeMisfit(node, schema, depth) ??
    typeMisfit(node, schema, typeOf(node)) ??
    valueMisfit(node, schema) ??
    childMisfit(node, schema, depth)
  );
}

function alternativeMisfit(
  node: SourceNode,
  schema: JsonObject,
  depth: number,
): Misfit | undefined {
  for (const part of listOf(schema['allOf'])) {
    const misfit = misfitOf(node, part, depth + 1);
    if (misfit !== undefined) return misfit;
  }
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  const misfits = choices.map((choice) => misfitOf(node, choice, depth + 1));
  return choices.length > 0 && misfits.every((misfit) => misfit !== undefined)
    ? misfits[0]
    : undefined;
}

function typeMisfit(node: SourceNode, schema: JsonObject, actual: string): Misfit | undefined {
  const types = (Array.isArray(schema['type']) ? schema['type'] : [schema['type']]).filter(
    (type) => typeof type === 'string',
  );
  if (schema['nullable'] === true) types.push('null');
  const fits = types.some((type) => type === actual || (type === 'number' && actual === 'integer'));
  if (types.length === 0 || fits) return undefined;
  const expected = types.join(' or ');
  return { node, expected, message: `must be ${expected}, not ${kindOf(node)}` };
}

function valueMisfit(node: SourceNode, schema: JsonObject): Misfit | undefined {
  const choices = Array.isArray(schema['enum'])
    ? schema['enum']
    : 'const' in schema
      ? [schema['const']]
      : [];
  if (choices.length > 0 && isWrittenOut(node)) {
    const value = toJson(node);
    if (!choices.some((choice) => jsonEquals(choice, value))) {
      const expected = choices.map((choice) => JSON.stringify(choice)).join(', ');
      return { node, expected, message: `must be one of ${expected}` };
    }
  }
  return node.kind === 'scalar' ? boundMisfit(node, schema) : undefined;
}

/** No expression anywhere in the value. */
function isWrittenOut(node: SourceNode): boolean {
  if (node.kind === 'list') return node.items.every(isWrittenOut);
  if (node.kind === 'map') return node.entries.every((entry) => isWrittenOut(entry.value));
  return typeof node.value !== 'string' || interpolate(node.value).kind === 'plain';
}

function boundMisfit(node: ScalarNode, schema: JsonObject): Misfit | undefined {
  const { value } = node;
  const bound = (name: string) => {
    const limit = schema[name];
    return typeof limit === 'number' ? limit : undefined;
  };
  if (typeof value === 'number') {
    const min = bound('minimum');
    const max = bound('maximum');
    if (min !== undefined && value < min)
      return { node, expected: `>= ${min}`, message: `must be at least ${min}` };
    if (max !== undefined && value > max)
      return { node, expected: `<= ${max}`, message: `must be at most ${max}` };
  }
  if (typeof value === 'string') {
    const min = bound('minLength');
    const max = bound('maxLength');
    const length = Array.from(value).length;
    if (min !== undefined && length < min) {
      return {
        node,
        expected: `${min} characters`,
        message: `must have at least ${min} characters`,
      };
    }
    if (max !== undefined && length > max) {
      return {
        node,
        expected: `${max} characters`,
        message: `must have at most ${max} characters`,
      };
    }
  }
  return undefined;
}

function childMisfit(node: SourceNode, schema: JsonObject, depth: number): Misfit | undefined {
  if (node.kind === 'list') {
    for (const item of node.items) {
      const misfit = misfitOf(item, schema['items'] ?? true, depth + 1);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  }
  return node.kind === 'map' ? propertyMisfit(node, schema, depth) : undefined;
}

function propertyMisfit(node: MapNode, schema: JsonObject, depth: number): Misfit | undefined {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  for (const { key, value } of node.entries) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property === undefined && schema['additionalProperties'] === false) {
      const expected = Object.keys(properties).join(', ');
      return { node: value, expected, message: `has no property "${key}"` };
    }
    const misfit = property === undefined ? undefined : misfitOf(value, property, depth + 1);
    if (misfit !== undefined) return misfit;
  }
  for (const name of listOf(schema['required'])) {
    if (typeof name !== 'string' || node.entries.some((entry) => entry.key === name)) continue;
    return { node, expected: name, message: `needs the property "${name}"` };
  }
  return undefined;
}

function typeOf(node: SourceNode): string {
  if (node.kind === 'list') return 'array';
  if (node.kind === 'map') return 'object';
  if (node.value === null) return 'null';
  if (typeof node.value === 'number') return Number.isInteger(node.value) ? 'integer' : 'number';
  return typeof node.value;
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
