import { beforeAll, describe, expect, it } from '@jest/globals';
import { validateDefinition } from '../src/index.js';
import { catalogue, readCorpus, specificationFolder } from './mutants/corpus.js';
import { mutantsOf, type Amounts } from './mutants/generate.js';
import { readOracle } from './mutants/oracle.js';
import { testSeed } from './mutants/random.js';
import { Semantics } from './mutants/semantics.js';
import { fixesOf, rowOf, tableOf, worstOf } from './mutants/table.js';
import { outcomeOf, type Outcome } from './mutants/verdict.js';

/**
 * Definitions that differ from right ones in one place. What the official schema refuses must be
 * refused (its files come from `PARLEY_SPEC_DIR`; without it only our own definitions are mutated,
 * and only by mistakes that are known by how they were made). One mistake must give one error, where
 * the mistake is. What stays right must be accepted.
 */
const seed = testSeed();
const samples = readCorpus();
const all = process.env['PARLEY_MUTANTS'] === 'all';
const amounts: Amounts = all
  ? { structural: 1000, semantic: 1000, preserving: 1000 }
  : { structural: 4, semantic: 2, preserving: 2 };
const exactShareMin = 0.95;

let outcomes: Outcome[] = [];
const report = () =>
  `seed ${seed}\n${tableOf(outcomes)}\n${fixesOf(outcomes)}\n${worstOf(outcomes, 40)}`;
const check = (holds: boolean) => {
  if (!holds) throw new Error(report());
};

describe('definitions that are right', () => {
  it.each(samples)('$name', ({ source }) => {
    const { diagnostics } = validateDefinition(source, { catalogue });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('definitions with one change', () => {
  beforeAll(() => {
    const schema = specificationFolder === undefined ? undefined : readOracle(specificationFolder);
    outcomes = samples.flatMap((sample, index) => {
      const judges = { schema, semantics: new Semantics(sample.value) };
      return [...mutantsOf(sample, amounts, seed + index)].map((mutant) =>
        outcomeOf(mutant, judges),
      );
    });
    if (process.env['PARLEY_MUTANTS'] !== undefined) process.stdout.write(`${report()}\n`);
  }, 600_000);

  it('are many', () => {
    expect(outcomes.length).toBeGreaterThan(specificationFolder === undefined ? 1000 : 10_000);
  });

  it('never break the compiler', () => {
    check(!outcomes.some(({ complaint }) => complaint?.startsWith('threw')));
  });

  it('are refused when the official schema refuses them, or their meaning is broken', () => {
    const { refused, toRefuse } = rowOf('', outcomes);
    check(refused === toRefuse);
  });

  it('are accepted when they are still right', () => {
    const { accepted, toAccept } = rowOf('', outcomes);
    check(accepted === toAccept);
  });

  it('get exactly one error, at the place of the change, in at least 95 of 100 cases', () => {
    const { exact, toRefuse } = rowOf('', outcomes);
    check(exact >= exactShareMin * toRefuse);
  });

  it('get findings whose ranges lie within what their pointers name', () => {
    check(!outcomes.some(({ complaint }) => complaint?.startsWith('the range of')));
  });

  it('are rid of their error by its fix', () => {
    check(!outcomes.some(({ fix }) => fix === 'fails'));
  });
});
