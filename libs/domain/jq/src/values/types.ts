import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { secretFailure } from '../failure.js';
import { isLiteral } from './number.js';
import { isOpaque } from './opaque.js';

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export function typeOf(value: Json): TypeName {
  if (typeof value !== 'object') return typeof value as TypeName;
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isLiteral(value)) return 'number';
  if (isOpaque(value)) throw secretFailure('inspected');
  return 'object';
}

/** Whether a value has members. */
export function isContainer(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) || isJsonObject(value);
}

/** Everything but null and false. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false;
}
