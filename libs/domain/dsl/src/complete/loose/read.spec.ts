import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinition } from '../../source/parse.js';
import { toJson, type SourceNode } from '../../source/tree.js';
import { readLoosely } from './read.js';

const goldens = join(import.meta.dirname, '../../../goldens');
const specification = process.env['PARLEY_SPEC_DIR'];
const folders = [goldens, ...(specification ? [join(specification, 'examples')] : [])];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name)),
);

/** Values, and the places of all keys and collections. */
function outline(node: SourceNode): unknown {
  const place = [node.pointer, node.keySpan, node.span.start];
  if (node.kind === 'list') return [...place, node.dashes, node.flow, node.items.map(outline)];
  if (node.kind === 'scalar') {
    return [...place, node.value === null ? 0 : node.span.end, String(node.value).trim()];
  }
  return [
    ...place,
    node.flow,
    node.entries.map(({ key, keySpan, value }) => [key, keySpan, outline(value)]),
  ];
}

describe('readLoosely', () => {
  it.each(files)('reads %s as it is', (file) => {
    const source = readFileSync(file, 'utf8');
    const { root } = parseDefinition(source);
    if (root === undefined) throw new Error('not a definition');
    const loose = readLoosely(source);
    expect(loose && outline(loose)).toEqual(outline(root));
  });

  it.each([
    [
      'do:\n  - a:\n      call\n      with:\n        x: 1',
      { do: [{ a: { call: null, with: { x: 1 } } }] },
    ],
    ['do:\n  - a:\n      call: http\n      wi', { do: [{ a: { call: 'http', wi: null } }] }],
    [
      'do:\n  - a:\n      with: { method: get,\n  - b: { wait: PT1S }',
      { do: [{ a: { with: { method: 'get' } } }, { b: { wait: 'PT1S' } }] },
    ],
    ['a: "not closed\nb: 2', { a: 'not closed', b: 2 }],
    ['a: ${ .x | \nb: 2', { a: '${ .x |', b: 2 }],
    ['{ "a": [1, {"b": "x', { a: [1, { b: 'x' }] }],
    ['{ "a": 1, "b": , "c": 2 }', { a: 1, b: null, c: 2 }],
    ['a: 1\n   b: 2\nc: 3', { a: { b: 2 }, c: 3 }],
    ['  a: 1\nb: 2', { a: 1 }],
    ['a:\n  - b:\n  - c: { d: ${ .x } }', { a: [{ b: null }, { c: { d: '${ .x }' } }] }],
    ['- - - a\n    - b', [[['a', 'b']]]],
  ])('makes the most of %j', (source, expected) => {
    const loose = readLoosely(source);
    expect(loose && toJson(loose)).toEqual(expected);
  });

  it('reads any text, within its bounds', () => {
    for (const text of [
      '',
      '\n',
      '#',
      '- ',
      ': x',
      '[[[',
      '}'.repeat(9),
      '[{'.repeat(5000),
      '- '.repeat(5000),
    ]) {
      const loose = readLoosely(text);
      if (loose !== undefined) expect(loose.span.end).toBeLessThanOrEqual(text.length);
    }
  });
});

/** That their work grows no faster than they do, `test/hostile.sim.spec.ts` counts. */
describe('readLoosely on long texts', () => {
  it.each([
    ['blank lines in brackets', `a: [${'\n'.repeat(200_000)}1]`],
    ['open quotes', 'a:\n  b: "x\n'.repeat(20_000)],
    [
      'ever deeper lines',
      Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    ],
    ['open brackets', 'a: {\n'.repeat(20_000)],
    ['words', 'word\n'.repeat(100_000)],
  ])('%s', (_, text) => {
    const root = readLoosely(text);
    expect(root?.span.end ?? 0).toBeLessThanOrEqual(text.length);
  });
});
