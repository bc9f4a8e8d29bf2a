import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from './mutants.ts';

const root = join(import.meta.dirname, '../..');

describe('the planted bugs', () => {
  it('are many, and of different names', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(15);
  });

  it.each(mutants)('$name: the place where it is planted is there, once', ({ patch }) => {
    const source = readFileSync(join(root, patch.file), 'utf8');
    expect(source.split(patch.find)).toHaveLength(2);
    expect(patch.put).not.toBe(patch.find);
  });
});
