import { isJsonObject, type Json } from '@parley/kernel';
import { typeError } from '../errors.js';
import { codepointLength } from './codepoints.js';
import { isLiteral, magnitude } from './number.js';

/** Characters, elements or members; the magnitude of a number; 0 for null. */
export function lengthOf(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === 'string') return codepointLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'number' || isLiteral(value)) return magnitude(value);
  if (isJsonObject(value)) return Object.keys(value).length;
  throw typeError(value, 'has no length');
}
