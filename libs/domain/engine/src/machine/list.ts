import type { Json } from '@parley/kernel';
import { Fault, runError } from '../errors.js';

/** @throws Fault a `validation` error when there is nothing to iterate over */
export function listOf(value: Json, what: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  const detail = `${what} is ${JSON.stringify(value).slice(0, 100)}, not an array.`;
  throw new Fault(runError('validation', 'Nothing to iterate over', { detail }));
}
