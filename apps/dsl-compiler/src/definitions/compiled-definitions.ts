import { createHash } from 'node:crypto';
import type { CompileDefinition } from '@parley/contracts';
import { compileDefinition, type Compilation } from '@parley/dsl';

/** Limits of what is kept: an IR is several times as large as its source. */
export interface CacheLimits {
  readonly entriesMax: number;
  /** Characters of all sources together. */
  readonly sourceLengthMax: number;
}

const defaultLimits: CacheLimits = { entriesMax: 500, sourceLengthMax: 4 * 1_048_576 };

interface Entry {
  readonly compilation: Compilation;
  readonly sourceLength: number;
}

/**
 * Compiles definitions and remembers the latest results: a draft is compiled again by everyone who
 * looks at it. Compiling is pure, so the key is everything that goes in.
 */
export class CompiledDefinitions {
  private readonly entries = new Map<string, Entry>();
  private sourceLength = 0;

  constructor(private readonly limits: CacheLimits = defaultLimits) {}

  get size(): number {
    return this.entries.size;
  }

  compile(request: CompileDefinition): Compilation {
    const key = keyOf(request);
    const known = this.entries.get(key);
    if (known !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.compilation;
    }
    const { source, catalogue, timezone } = request;
    const compilation = compileDefinition(source, { catalogue, timezone });
    this.entries.set(key, { compilation, sourceLength: source.length });
    this.sourceLength += source.length;
    this.evict();
    return compilation;
  }

  private evict(): void {
    for (const [key, entry] of this.entries) {
      const fits =
        this.entries.size <= this.limits.entriesMax &&
        this.sourceLength <= this.limits.sourceLengthMax;
      if (fits) return;
      this.entries.delete(key);
      this.sourceLength -= entry.sourceLength;
    }
  }
}

/** Catalogues come from one producer, so equal ones have equal text. */
function keyOf({ source, catalogue, timezone }: CompileDefinition): string {
  const hash = createHash('sha256');
  for (const part of [source, JSON.stringify(catalogue ?? null), timezone ?? '']) {
    hash.update(`${String(part.length)}:`).update(part);
  }
  return hash.digest('base64');
}
