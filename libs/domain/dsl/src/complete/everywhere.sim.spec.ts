import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '@parley/contracts';
import { hoverAt } from '../hover/hover.js';
import { parseDefinition } from '../source/parse.js';
import { completeAt } from './complete.js';

const goldens = join(import.meta.dirname, '../../goldens');
const catalogue = JSON.parse(readFileSync(join(goldens, 'catalogue.json'), 'utf8')) as Catalogue;
const specification = process.env['PARLEY_SPEC_DIR'];
const examples = specification === undefined ? [] : [join(specification, 'examples')];
const files = [goldens, ...examples].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name, source: readFileSync(join(folder, name), 'utf8') })),
);
/** Every offset of short definitions, a sample of longer ones. */
const offsetsMax = 700;
const strideOf = ({ length }: string) => Math.max(1, Math.round(length / offsetsMax));

function check(source: string, offset: number): void {
  const { from, to, items } = completeAt(source, offset, { catalogue });
  if (!(from >= 0 && from <= offset && offset <= to && to <= source.length)) {
    throw new Error(`completion ${from}…${to} at ${offset} of ${source.length}`);
  }
  const kinds = new Set(items.map(({ label, kind }) => `${kind} ${label}`));
  if (kinds.size !== items.length) throw new Error(`a proposal occurs twice at ${offset}`);
  const hover = hoverAt(source, offset, { catalogue });
  if (hover === undefined) return;
  if (!(
    hover.from >= 0 &&
    hover.from <= offset &&
    offset <= hover.to &&
    hover.to <= source.length
  )) {
    throw new Error(`hover ${hover.from}…${hover.to} at ${offset} of ${source.length}`);
  }
  if (hover.markdown.trim() === '') throw new Error(`an empty hover at ${offset}`);
}

/** A generator of the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe.each(files)('$name', ({ source }) => {
  it('has an answer at every offset, of the whole and of what is typed so far', () => {
    for (let offset = 0; offset <= source.length; offset += strideOf(source)) {
      check(source, offset);
      check(source.slice(0, offset), offset);
    }
  });

  it('has an answer in broken texts', () => {
    const next = random(source.length);
    for (let round = 0; round < 150; round += 1) {
      const at = Math.floor(next() * source.length);
      const length = Math.floor(next() * 20);
      const garbage =
        ['', '{', '"', '\n', ': ', '- ', '${', '[', '\t', "'"][Math.floor(next() * 10)] ?? '';
      const broken = source.slice(0, at) + garbage + source.slice(at + length);
      check(broken, Math.min(at + garbage.length, broken.length));
      check(broken, Math.floor(next() * broken.length));
    }
  });

  it('stays readable with any proposal on a line of its own', () => {
    const ends = [...source.matchAll(/\n/g)].map(({ index }) => index);
    let tried = 0;
    for (const [number, end] of ends.entries()) {
      if (number % strideOf(source) !== 0) continue;
      for (const column of columnsAround(source, end)) {
        const text = `${source.slice(0, end)}\n${' '.repeat(column)}${source.slice(end)}`;
        const offset = end + 1 + column;
        if (parseDefinition(text).root === undefined) continue;
        const { from, to, items } = completeAt(text, offset, { catalogue });
        for (const { label, kind, insertText } of items) {
          if (kind === 'variable' || kind === 'function') continue;
          const taken = text.slice(0, from) + insertText + text.slice(to);
          const { root, reporter } = parseDefinition(taken);
          tried += 1;
          if (root === undefined) {
            throw new Error(`${label} (${kind}): ${reporter.diagnostics()[0]?.message}\n${taken}`);
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(0);
  });
});

/** The columns that a line after this one may begin at. */
function columnsAround(source: string, end: number): number[] {
  const line = source.slice(source.lastIndexOf('\n', end - 1) + 1, end);
  const indent = /^[ -]*/.exec(line)?.[0].length ?? 0;
  return [...new Set([0, indent - 2, indent, indent + 2])].filter((column) => column >= 0);
}
