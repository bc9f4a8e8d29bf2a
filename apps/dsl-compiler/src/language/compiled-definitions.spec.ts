import { describe, expect, it } from '@jest/globals';
import type { CompileDefinition } from '@parley/contracts';
import { CompiledDefinitions } from './compiled-definitions.js';
import type { Compiled } from './tools.js';

const source = (name: string) => `name: ${name}`.padEnd(120);
const result = (): Compiled => ({ valid: true, diagnostics: [], sideEffects: [] });

describe('CompiledDefinitions', () => {
  it('remembers what was compiled', () => {
    const compiled = new CompiledDefinitions();
    expect(compiled.get({ source: source('x') })).toBeUndefined();
    const first = compiled.put({ source: source('x') }, result());
    expect(compiled.get({ source: source('x') })).toBe(first);
    expect(compiled.put({ source: source('x') }, result())).toBe(first);
  });

  it('tells everything apart that goes in', () => {
    const compiled = new CompiledDefinitions();
    const plain: CompileDefinition = { source: source('x') };
    compiled.put(plain, result());
    const others: Partial<CompileDefinition>[] = [
      { timezone: 'Europe/Berlin' },
      { catalogue: { connectors: [] } },
      { lock: { externals: [] } },
      { unresolved: 'error' },
      { facts: true },
    ];
    for (const other of others) expect(compiled.get({ ...plain, ...other })).toBeUndefined();
    expect(compiled.get({ ...plain, unresolved: 'warning', facts: false })).toBeDefined();
  });

  it('drops what was not used for longest, by number and by size', () => {
    const few = new CompiledDefinitions({ entriesMax: 2, lengthMax: 10_000 });
    const first = few.put({ source: source('a') }, result());
    few.put({ source: source('b') }, result());
    few.get({ source: source('a') });
    few.put({ source: source('c') }, result());
    expect(few.size).toBe(2);
    expect(few.get({ source: source('a') })).toBe(first);
    const small = new CompiledDefinitions({ entriesMax: 10, lengthMax: 200 });
    small.put({ source: source('a') }, result());
    small.put({ source: source('b') }, result());
    expect(small.size).toBe(1);
    const content = 'x'.repeat(300);
    const lock = { externals: [{ kind: 'script', uri: 'u', sha256: '', content } as const] };
    small.put({ source: source('c'), lock }, result());
    expect(small.size).toBe(0);
  });
});
