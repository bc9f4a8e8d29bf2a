import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Reporter } from '../../diagnostics/reporter.js';
import { readCompletely } from '../complete.js';
import { reportLostDigits } from '../lost-digits.js';
import { mutated, randomFrom, randomText } from './random-texts.js';
import { readFast } from './reader.js';

/** How both readers see a text. */
function compare(source: string): 'same' | 'given up' | 'refused' | 'different' {
  const reporter = new Reporter(source);
  const complete = readCompletely(source, reporter);
  const fast = readFast(source);
  if (fast.root === undefined) return complete === undefined ? 'refused' : 'given up';
  const warnings = new Reporter(source);
  for (const { node, text } of fast.lostDigits) {
    reportLostDigits(warnings, { text, value: Number(node.value) }, node);
  }
  const same =
    JSON.stringify(fast.root) === JSON.stringify(complete) &&
    JSON.stringify(warnings.diagnostics()) === JSON.stringify(reporter.diagnostics());
  return same ? 'same' : 'different';
}

/** Where the readers differ, for people who have to find out why. */
function difference(source: string): unknown {
  const reporter = new Reporter(source);
  const complete = readCompletely(source, reporter);
  return { source, fast: readFast(source).root, complete, says: reporter.diagnostics() };
}

const goldens = join(import.meta.dirname, '../../../goldens');
const specification = process.env['PARLEY_SPEC_DIR'];

function filesOf(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => !file.endsWith('.md'));
  return files.map((file) => readFileSync(join(folder, file), 'utf8'));
}

function definitionsOf(folder: string): string[] {
  const scenarios = filesOf(join(folder, 'ctk')).flatMap((text) =>
    [...text.matchAll(/"""yaml\n( *document:.*?)\n *"""/gs)].map((match) => match[1] ?? ''),
  );
  return [...filesOf(join(folder, 'examples')), ...scenarios];
}

const own = filesOf(goldens);
const corpus = specification === undefined ? own : [...own, ...definitionsOf(specification)];

describe('the fast reader', () => {
  it('reads every definition as the complete one does', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(5);
    for (const text of corpus) {
      expect(compare(text) === 'same' ? 'same' : difference(text)).toBe('same');
    }
  });

  it('reads generated texts as the complete one does, and gives up hardly any', () => {
    const counts = { same: 0, 'given up': 0, refused: 0, different: 0 };
    const random = randomFrom(1_003);
    for (let index = 0; index < 2_700; index += 1) {
      const text = randomText(random);
      const result = compare(text);
      if (result === 'different') expect(difference(text)).toBe('the same');
      counts[result] += 1;
    }
    expect(counts.same).toBeGreaterThan(2_300);
    expect(counts['given up']).toBeLessThan((counts.same + counts['given up']) / 100);
  });

  it('reads texts with accidents as the complete one does, or leaves them to it', () => {
    const random = randomFrom(20_261);
    let same = 0;
    for (let index = 0; index < 2_700; index += 1) {
      const base = index % 2 === 0 ? randomText(random) : (corpus[index % corpus.length] ?? '');
      const text = mutated(base.slice(0, 2_000), random);
      const result = compare(text);
      if (result === 'different') expect(difference(text)).toBe('the same');
      if (result === 'same') same += 1;
    }
    expect(same).toBeGreaterThan(400);
  });
});
