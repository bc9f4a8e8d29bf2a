// `npm run chaos`: engines on a database that fails, by the thousand; and bugs that it must find.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Crew } from './crew.ts';
import { mutants, type Mutant } from './mutants.ts';
import type { Order, Result } from './worker.ts';

const help = `Simulates whole engines in made-up time: processes that die, freeze and are overtaken, a
database that loses, repeats and delays what it is told, clocks that jump. One seed is one history.

  npm run chaos [-- OPTIONS]

  --runs N      simulated runs of workflows (10000); 200000 is a thorough look
  --seed N      the history of this seed, or the first of --runs
  --mutants     plants bugs, one at a time, and tells by which seed each was found
  --help        this text

Exit codes: 0 every promise was kept (every bug was found), 1 not so, 2 not understood.
`;
const mutantRunsMax = 10_000;

process.exitCode = await main();

async function main(): Promise<number> {
  let values;
  try {
    const runs = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    values = parseArgs({ options: { runs, seed: runs, mutants: flag, help: flag } }).values;
  } catch (error) {
    console.error(`parley: ${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [runs, seed] = [Number(values.runs ?? 10_000), Number(values.seed ?? 1)];
  if (!(runs > 0) || !Number.isInteger(seed)) {
    console.error(`parley: --runs and --seed are numbers\n\n${help}`);
    return 2;
  }
  if (values.mutants) return findMutants();
  if (values.seed !== undefined && values.runs === undefined) return replay(seed);
  return simulate(runs, seed);
}

async function simulate(runs: number, firstSeed: number): Promise<number> {
  const threads = Math.min(availableParallelism(), 4);
  const since = performance.now();
  const results = await Promise.all(
    Array.from({ length: threads }, (_, at) =>
      once({
        name: 'as it is',
        patches: [],
        from: firstSeed + at,
        step: threads,
        runsMax: Math.ceil(runs / threads),
      }),
    ),
  );
  const seconds = (performance.now() - since) / 1000;
  const sum = (of: (result: Result) => number) => results.reduce((all, one) => all + of(one), 0);
  const total = sum((result) => result.runs);
  const histories = sum((result) => result.histories);
  console.log(
    `${String(total)} runs in ${String(histories)} histories from seed ${String(firstSeed)}: ` +
      `${seconds.toFixed(1)} s, ${(total / seconds).toFixed(0)} runs/s, ` +
      `${(sum((result) => result.virtualMs) / 3_600_000).toFixed(1)} h of made-up time`,
  );
  const injected = new Map<string, number>();
  for (const result of results) {
    for (const [what, times] of Object.entries(result.injected)) {
      injected.set(what, (injected.get(what) ?? 0) + times);
    }
  }
  const listed = [...injected].sort(([, a], [, b]) => b - a);
  console.log(`injected: ${listed.map(([what, times]) => `${what} ${String(times)}`).join(', ')}`);
  const broken = results.flatMap(({ found }) => (found === undefined ? [] : [found]));
  for (const { seed, violation } of broken) {
    console.log(`seed ${String(seed)} breaks ${violation}`);
    console.log(`  again: npm run chaos -- --seed ${String(seed)}`);
  }
  if (broken.length === 0) console.log('every promise was kept');
  return broken.length === 0 ? 0 : 1;
}

async function replay(seed: number): Promise<number> {
  const order = { name: 'as it is', patches: [], from: seed, step: 1, runsMax: Infinity };
  const result = await once({ ...order, historiesMax: 1 });
  console.log(JSON.stringify({ seed, ...result }, undefined, 2));
  return result.found === undefined ? 0 : 1;
}

async function findMutants(): Promise<number> {
  const threads = Math.min(availableParallelism(), 4);
  const left = [...mutants];
  let missed = 0;
  const since = performance.now();
  const hunt = async (): Promise<void> => {
    const crew = new Crew();
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const result = await crew.ask(orderFor(mutant));
      if (result.found === undefined) missed += 1;
      console.log(verdict(mutant, result));
    }
    await crew.end();
  };
  await Promise.all(Array.from({ length: threads }, hunt));
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const found = mutants.length - missed;
  console.log(`${String(found)} of ${String(mutants.length)} planted bugs found in ${seconds} s`);
  return missed === 0 ? 0 : 1;
}

function orderFor({ name, patch }: Mutant): Order {
  return { name, patches: [patch], from: 1, step: 1, runsMax: mutantRunsMax };
}

function verdict({ name }: Mutant, { found, runs }: Result): string {
  if (found === undefined) return `NOT FOUND  ${name}, in ${String(runs)} runs`;
  return `found      ${name}: seed ${String(found.seed)}, after ${String(runs)} runs: ${found.violation}`;
}

async function once(order: Order): Promise<Result> {
  const crew = new Crew();
  try {
    return await crew.ask(order);
  } finally {
    await crew.end();
  }
}
