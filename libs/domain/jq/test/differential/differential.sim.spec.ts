import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { judge, type Verdict } from './compare.js';
import { Oracle, type Pair } from './oracle.js';
import { FEATURES, pairs } from './programs.js';

/** All pairs of a long run, e.g. PARLEY_JQ_PAIRS=20000; else a slice that changes with the seed. */
const COUNT = Number(process.env['PARLEY_JQ_PAIRS'] ?? 4_000);
const SEED = Number(process.env['PARLEY_JQ_SEED'] ?? 20);

/** Pairs of each feature that are executed in a run of 20,000, and in other runs the same share. */
const EXECUTED_MIN = Math.floor((50 * COUNT) / 20_000);

const REFUSED_MAX = 0.02;
const EXEMPT_MAX = 0.02;

interface Judged extends Pair {
  readonly verdict: Verdict;
}

async function judgeAll(): Promise<Judged[]> {
  const oracle = await Oracle.load();
  const list = pairs(SEED, COUNT);
  const outcomes = await oracle.run(list);
  return list.flatMap((pair, i) => {
    const theirs = outcomes[i];
    if (theirs === undefined || theirs.kind === 'broken') return [];
    return [{ ...pair, verdict: judge(pair, theirs) }];
  });
}

describe(`jq itself, ${COUNT} pairs of program and input from seed ${SEED}`, () => {
  let judged: readonly Judged[] = [];
  const of = (kind: Verdict['kind']): Judged[] =>
    judged.filter(({ verdict }) => verdict.kind === kind);

  it(
    'gives the same answers and the same errors',
    async () => {
      judged = await judgeAll();
      expect(of('different')).toEqual([]);
    },
    COUNT * 20 + 60_000,
  );

  it('refuses little, and says so', () => {
    expect(of('refused').length / judged.length).toBeLessThanOrEqual(REFUSED_MAX);
    expect(of('exempt').length / judged.length).toBeLessThanOrEqual(EXEMPT_MAX);
  });

  it('covers every builtin and every form of the syntax', () => {
    const executed = new Map(FEATURES.map(([feature]) => [feature, 0]));
    for (const { feature, verdict } of judged) {
      if (verdict.kind !== 'refused') executed.set(feature, (executed.get(feature) ?? 0) + 1);
    }
    const rare = [...executed].filter(([, count]) => count < EXECUTED_MIN);
    expect(rare).toEqual([]);
  });
});
