import type { Result } from '@parley/kernel';
import type { JqSyntaxError } from './errors.js';
import { compile, type CompileOptions, type Program } from './program.js';

/** Programs kept; the least recently used goes first. */
export const CACHE_SIZE_MAX = 2_000;
/** Characters of their sources together: a program takes some hundred times as many bytes. */
const CACHE_LENGTH_MAX = 300_000;

const cache = new Map<string, Result<Program, JqSyntaxError>>();
let length = 0;

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
  length += key.length;
  forgetOldest();
  return result;
}

/** The newest stays, however long it is. */
function forgetOldest(): void {
  for (const oldest of cache.keys()) {
    const full = cache.size > CACHE_SIZE_MAX || length > CACHE_LENGTH_MAX;
    if (!full || cache.size === 1) return;
    cache.delete(oldest);
    length -= oldest.length;
  }
}
