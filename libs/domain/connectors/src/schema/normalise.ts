import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { typeNames } from './keywords.js';

/**
 * OpenAPI's own dialect (3.0, and what people keep writing in 3.1) in the words of JSON Schema
 * 2020-12: `nullable`, boolean `exclusiveMinimum`, `example`, `required: true`. Only this object;
 * sub-schemas are left alone.
 */
export function normalise(schema: JsonObject): JsonObject {
  const out: JsonObject = Object.fromEntries(Object.entries(schema));
  exclusive(out, 'minimum', 'exclusiveMinimum');
  exclusive(out, 'maximum', 'exclusiveMaximum');
  if (out['example'] !== undefined && out['examples'] === undefined) {
    out['examples'] = [out['example']];
  }
  if (out['examples'] !== undefined && !Array.isArray(out['examples'])) delete out['examples'];
  if (!isNameList(out['required'])) delete out['required'];
  if (!isType(out['type'])) delete out['type'];
  return out['nullable'] === true ? nullable(out) : out;
}

function exclusive(out: JsonObject, bound: string, keyword: string): void {
  const flag = out[keyword];
  if (typeof flag !== 'boolean') return;
  delete out[keyword];
  if (flag && typeof out[bound] === 'number') {
    out[keyword] = out[bound];
    delete out[bound];
  }
}

function nullable(schema: JsonObject): JsonObject {
  const { nullable: _, ...out } = schema;
  if (Array.isArray(out['enum']) && !out['enum'].includes(null)) {
    out['enum'] = [...out['enum'], null];
  }
  const { type, title, description, ...rest } = out;
  if (typeof type === 'string') return { ...out, type: type === 'null' ? type : [type, 'null'] };
  if (Array.isArray(type))
    return { ...out, type: type.includes('null') ? type : [...type, 'null'] };
  const constrains = ['allOf', 'anyOf', 'oneOf', '$ref'].some((keyword) => keyword in rest);
  if (!constrains) return out;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [rest, { type: 'null' }],
  };
}

function isNameList(value: Json | undefined): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isType(value: Json | undefined): boolean {
  return Array.isArray(value)
    ? value.length > 0 && value.every((name) => typeNames.has(name))
    : typeNames.has(value);
}

/** The schema of an object as the object that it is; `true` and `false` have no members. */
export function membersOf(schema: Json | undefined): JsonObject {
  return isJsonObject(schema) ? schema : {};
}
