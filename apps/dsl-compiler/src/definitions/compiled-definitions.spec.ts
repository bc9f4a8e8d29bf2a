import { describe, expect, it } from '@jest/globals';
import { CompiledDefinitions } from './compiled-definitions.js';

const source = (name: string) =>
  `document: { dsl: '1.0.3', namespace: a, name: ${name}, version: 0.1.0 }\ndo: [{ a: { wait: PT1S } }]`;

describe('CompiledDefinitions', () => {
  it('compiles what it knows only once', () => {
    const compiled = new CompiledDefinitions();
    const first = compiled.compile({ source: source('x') });
    expect(compiled.compile({ source: source('x') })).toBe(first);
    expect(first.ir?.document.name).toBe('x');
  });

  it('tells catalogues and time zones apart', () => {
    const compiled = new CompiledDefinitions();
    const plain = compiled.compile({ source: source('x') });
    const zoned = compiled.compile({ source: source('x'), timezone: 'Europe/Berlin' });
    const known = compiled.compile({ source: source('x'), catalogue: { connectors: [] } });
    expect(zoned.ir?.timezone).toBe('Europe/Berlin');
    expect(new Set([plain, zoned, known]).size).toBe(3);
  });

  it('drops what was not used for longest, by number and by size', () => {
    const few = new CompiledDefinitions({ entriesMax: 2, sourceLengthMax: 10_000 });
    const first = few.compile({ source: source('a') });
    few.compile({ source: source('b') });
    few.compile({ source: source('a') });
    few.compile({ source: source('c') });
    expect(few.size).toBe(2);
    expect(few.compile({ source: source('a') })).toBe(first);
    const small = new CompiledDefinitions({ entriesMax: 10, sourceLengthMax: 150 });
    small.compile({ source: source('a') });
    small.compile({ source: source('b') });
    expect(small.size).toBe(1);
  });
});
