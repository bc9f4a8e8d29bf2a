import type { Json } from '@parley/kernel';
import { Fault, runError } from '../errors.js';
import type { SchemaCheck } from '../loaded-ir.js';

const detailLengthMax = 500;

/** @throws Fault a `validation` error when data does not fit the schema that the definition gives it */
export function assertFits(check: SchemaCheck | undefined, value: Json, what: string): void {
  const misfit = check?.(value);
  if (misfit === undefined) return;
  const detail = misfit.slice(0, detailLengthMax);
  throw new Fault(runError('validation', `The ${what} does not fit its schema`, { detail }));
}
