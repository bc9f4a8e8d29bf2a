import type { Result } from '@parley/kernel';
import type { JqSyntaxError } from './errors.js';
import { compile, type CompileOptions, type Program } from './program.js';

/** Programs kept; the least recently used goes first. */
export const CACHE_SIZE_MAX = 2_000;

const cache = new Map<string, Result<Program, JqSyntaxError>>();

/** `compile`, remembering results by source and variable names. */
export function compileCached(
  source: string,
  options: CompileOptions = {},
): Result<Program, JqSyntaxError> {
  const key = `${(options.variables ?? []).join(',')}|${source}`;
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const result = compile(source, options);
  cache.set(key, result);
  if (cache.size > CACHE_SIZE_MAX) {
    const oldest = cache.keys().next();
    if (oldest.done !== true) cache.delete(oldest.value);
  }
  return result;
}
