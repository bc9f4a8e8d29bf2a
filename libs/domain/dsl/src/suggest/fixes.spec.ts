import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '@parley/contracts';
import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile/compile.js';
import { applyPatches } from '../edit/text.js';
import { LineIndex } from '../source/positions.js';
import { suggestImprovements } from './suggest.js';

const goldens = join(import.meta.dirname, '../../goldens');
const catalogue = JSON.parse(readFileSync(join(goldens, 'catalogue.json'), 'utf8')) as Catalogue;
const specification = process.env['PARLEY_SPEC_DIR'];
const folders = [
  goldens,
  ...(specification === undefined ? [] : [join(specification, 'examples')]),
];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name, source: readFileSync(join(folder, name), 'utf8') })),
);

const errorsOf = (source: string) =>
  compileDefinition(source, { catalogue }).diagnostics.filter(
    ({ severity }) => severity === 'error',
  );

describe.each(files)('$name', ({ source }) => {
  it('stays right with every fix, one by one and one after the other', () => {
    const lines = new LineIndex(source);
    for (const { fix } of suggestImprovements(source, { catalogue })) {
      if (fix === undefined) continue;
      const { start, end } = fix.range;
      const span = { start: lines.offset(start), end: lines.offset(end) };
      expect(errorsOf(applyPatches(source, [{ ...span, newText: fix.newText }]))).toEqual([]);
    }
    let text = source;
    for (let round = 0; round < 100; round += 1) {
      const fix = suggestImprovements(text, { catalogue }).find((one) => one.fix)?.fix;
      if (fix === undefined) return;
      const now = new LineIndex(text);
      const span = { start: now.offset(fix.range.start), end: now.offset(fix.range.end) };
      text = applyPatches(text, [{ ...span, newText: fix.newText }]);
      expect(errorsOf(text)).toEqual([]);
    }
    throw new Error('there is always another fix');
  });
});
