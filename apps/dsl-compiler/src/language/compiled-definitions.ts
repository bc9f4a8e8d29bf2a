import { createHash } from 'node:crypto';
import type { CompileDefinition } from '@parley/contracts';
import { stringifyJson, type Json } from '@parley/kernel';
import type { Compiled } from './tools.js';

/** Limits of what is kept: an IR is several times as large as its source. */
export interface CacheLimits {
  readonly entriesMax: number;
  /** Characters of all sources together, with the catalogues and documents that they were read with. */
  readonly lengthMax: number;
}

const defaultLimits: CacheLimits = { entriesMax: 500, lengthMax: 16 * 1_048_576 };

interface Entry {
  readonly compiled: Compiled;
  readonly length: number;
}

/**
 * Remembers the latest results of compiling: a draft is compiled again by everyone who looks at it.
 * Compiling is pure, so the key is everything that goes in.
 */
export class CompiledDefinitions {
  private readonly entries = new Map<string, Entry>();
  private length = 0;

  constructor(private readonly limits: CacheLimits = defaultLimits) {}

  get size(): number {
    return this.entries.size;
  }

  get(request: CompileDefinition): Compiled | undefined {
    const { key } = identityOf(request);
    const known = this.entries.get(key);
    if (known === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, known);
    return known.compiled;
  }

  put(request: CompileDefinition, compiled: Compiled): Compiled {
    const { key, length } = identityOf(request);
    const known = this.entries.get(key);
    if (known !== undefined) return known.compiled;
    this.entries.set(key, { compiled, length });
    this.length += length;
    this.evict();
    return compiled;
  }

  private evict(): void {
    for (const [key, entry] of this.entries) {
      const fits =
        this.entries.size <= this.limits.entriesMax && this.length <= this.limits.lengthMax;
      if (fits) return;
      this.entries.delete(key);
      this.length -= entry.length;
    }
  }
}

/** Catalogues and locks come from one producer, so equal ones have equal text. */
function identityOf({ source, catalogue, lock, timezone, unresolved, facts }: CompileDefinition): {
  readonly key: string;
  readonly length: number;
} {
  const hash = createHash('sha256');
  const settings = JSON.stringify([timezone ?? '', unresolved ?? 'warning', facts === true]);
  const parts = [source, textOf(catalogue), textOf(lock), settings];
  for (const part of parts) hash.update(`${String(part.length)}:`).update(part);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return { key: hash.digest('base64'), length };
}

function textOf(value: unknown): string {
  return stringifyJson((value ?? null) as Json);
}
