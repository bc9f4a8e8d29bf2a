import { isJsonObject, type Json } from '@parley/kernel';
import { typeError } from '../errors.js';
import { codepointLength } from './codepoints.js';

/** Characters, elements or members; the magnitude of a number; 0 for null. */
export function lengthOf(value: Json): number {
  if (value === null) return 0;
  if (typeof value === 'string') return codepointLength(value);
  if (typeof value === 'number') return Math.abs(value);
  if (Array.isArray(value)) return value.length;
  if (isJsonObject(value)) return Object.keys(value).length;
  throw typeError(value, 'has no length');
}
