import type { Json } from '@parley/kernel';
import type { Sample } from './corpus.js';
import { mutantOf, type Mutant } from './mutant.js';
import { preserving } from './preserving.js';
import { Random, shuffled } from './random.js';
import { semantic } from './semantic.js';
import { sitesOf, type Site } from './sites.js';
import { structural, type Operator } from './structural.js';
import { textualMutants } from './textual.js';

/** Mutants of one kind, or all that there are. */
export interface Amounts {
  readonly structural: number;
  readonly semantic: number;
  readonly preserving: number;
}

/** The mutants of a definition, the same ones for the same seed. */
export function* mutantsOf(sample: Sample, amounts: Amounts, seed: number): Generator<Mutant> {
  const random = new Random(seed);
  const making = {
    sample,
    random,
    sites: [...sitesOf(sample.value)],
    seen: new Set([JSON.stringify(sample.value)]),
  };
  for (const [kind, operator] of Object.entries(structural)) {
    yield* some({ ...making, kind, operator }, amounts.structural);
  }
  for (const [kind, { make, codes }] of Object.entries(semantic)) {
    yield* some({ ...making, kind, operator: make, expected: codes }, amounts.semantic);
  }
  for (const [kind, operator] of Object.entries(preserving)) {
    yield* some({ ...making, kind, operator, expected: [] }, amounts.preserving);
  }
  yield* textualMutants(sample, amounts.semantic, random);
}

interface Making {
  readonly sample: Sample;
  readonly kind: string;
  readonly operator: Operator;
  readonly sites: readonly Site[];
  readonly random: Random;
  readonly seen: Set<string>;
  readonly expected?: Mutant['expected'];
}

function* some(making: Making, count: number): Generator<Mutant> {
  const { sample, kind, operator, sites, random, seen, expected } = making;
  let made = 0;
  for (const site of shuffled(sites, random)) {
    const change = operator(sample.value, site, random);
    if (change === undefined || !isNew(change.value, seen)) continue;
    const mutant = mutantOf(kind, sample, change, random.below(2) === 0 ? 'json' : 'yaml');
    yield expected === undefined ? mutant : { ...mutant, expected };
    made += 1;
    if (made >= count) return;
  }
}

function isNew(value: Json, seen: Set<string>): boolean {
  const text = JSON.stringify(value);
  if (seen.has(text)) return false;
  seen.add(text);
  return true;
}
