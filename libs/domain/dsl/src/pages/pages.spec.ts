import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { diagnosticsPage } from './diagnostics-page.js';
import { referencePage } from './reference-page.js';

const docs = resolve(import.meta.dirname, '../../../../../docs/language');

describe('the pages about the language', () => {
  it.each([
    ['diagnostics.md', diagnosticsPage],
    ['reference.md', referencePage],
  ])('%s says what the tables say', (name, make) => {
    const file = resolve(docs, name);
    const text = make();
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    // A difference: the tables have changed. Write the page again with UPDATE_GOLDEN=1.
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('have no dangling links', () => {
    for (const text of [diagnosticsPage(), referencePage()]) {
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading));
      expect(new Set(headings).size).toBe(headings.length);
      for (const [, target = ''] of text.matchAll(/\]\(#([^)]*)\)/g)) {
        expect(headings).toContain(target);
      }
    }
  });
});

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
