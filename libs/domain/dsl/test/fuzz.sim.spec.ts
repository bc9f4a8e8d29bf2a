import { describe, expect, it } from '@jest/globals';
import type { Diagnostic } from '@parley/contracts';
import { jsonEquals } from '@parley/kernel';
import {
  compileDefinition,
  formatDefinition,
  parseDefinition,
  toJson,
  validateDefinition,
} from '../src/index.js';
import { randomDefinition } from './fuzz/grammar.js';
import { textMakers } from './fuzz/texts.js';
import { catalogue, readCorpus, specificationFolder } from './mutants/corpus.js';
import { fixed, offsetOf } from './mutants/fixes.js';
import { readOracle } from './mutants/oracle.js';
import { Random, testSeed } from './mutants/random.js';
import { write } from './mutants/write.js';
import { tools } from './tools.js';

/** Texts per kind: `PARLEY_FUZZ_RUNS`. Everything follows from `PARLEY_TEST_SEED`. */
const runs = Number(process.env['PARLEY_FUZZ_RUNS'] ?? 25);
const seed = testSeed();
const samples = readCorpus();

describe(`any text at all (seed ${seed})`, () => {
  it.each(Object.entries(textMakers))('%s', (_, make) => {
    for (let run = 0; run < runs; run += 1) {
      const random = new Random(seed + run);
      const text = make(random, samples);
      withText(text, run, () => survives(text, random));
    }
  });
});

describe(`right definitions made at random (seed ${seed})`, () => {
  const schema = specificationFolder === undefined ? undefined : readOracle(specificationFolder);

  it('are accepted, by the official schema, too', () => {
    for (let run = 0; run < runs * 4; run += 1) {
      const random = new Random(seed + run);
      const definition = randomDefinition(random);
      const { text } = write(definition, random.pick(['json', 'yaml']));
      withText(text, run, () => {
        expect(schema?.(definition) ?? 'accepts').toBe('accepts');
        expect(errorsOf(text)).toEqual([]);
      });
    }
  });
});

/** What must hold for every text. */
function survives(text: string, random: Random): void {
  const { diagnostics, valid } = validateDefinition(text, { catalogue });
  expect(diagnostics.length).toBeLessThanOrEqual(200);
  expect(valid).toBe(!diagnostics.some(({ severity }) => severity === 'error'));
  for (const diagnostic of diagnostics) liesInside(text, diagnostic);
  const readable = parseDefinition(text).root !== undefined;
  for (const diagnostic of diagnostics.slice(0, 5)) {
    const next = fixed(text, diagnostic);
    if (next !== undefined && readable) expect(parseDefinition(next).root).toBeDefined();
  }
  const { ir } = compileDefinition(text, { catalogue });
  expect(compileDefinition(text, { catalogue }).ir?.hash).toBe(ir?.hash);
  expect(ir !== undefined).toBe(valid);
  for (const run of Object.values(tools)) run(text, random.below(text.length + 1));
  if (readable) formats(text, ir?.hash);
}

/** Formatting changes nothing but the looks, and once is enough. */
function formats(text: string, hash: string | undefined): void {
  const formatted = formatDefinition(text);
  if (!formatted.ok) throw new Error('what can be read can be formatted');
  expect(formatDefinition(formatted.value)).toEqual(formatted);
  const [before, after] = [parseDefinition(text).root!, parseDefinition(formatted.value).root!];
  expect(jsonEquals(toJson(after), toJson(before))).toBe(true);
  if (hash !== undefined) {
    expect(compileDefinition(formatted.value, { catalogue }).ir?.hash).toBe(hash);
  }
  expect(comments(formatted.value)).toBeGreaterThanOrEqual(comments(text));
}

function comments(text: string): number {
  return text.match(/^\s*# \w/gm)?.length ?? 0;
}

function liesInside(text: string, { range }: Diagnostic): void {
  const lines = text.split(/\r\n|\n|\r/);
  for (const { line, column } of [range.start, range.end]) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
  }
  expect(offsetOf(text, range.end)).toBeLessThanOrEqual(text.length);
  expect(offsetOf(text, range.start)).toBeLessThanOrEqual(offsetOf(text, range.end));
}

function errorsOf(text: string): string[] {
  return validateDefinition(text, { catalogue })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
}

/** Says which text it was. */
function withText(text: string, run: number, check: () => void): void {
  try {
    check();
  } catch (cause) {
    throw new Error(`run ${run} of seed ${seed}: ${JSON.stringify(text)}`, { cause });
  }
}
