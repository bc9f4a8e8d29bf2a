import { relative } from 'node:path';

/** What Jest writes with `--json`, as far as it is read here. */
export interface JestResults {
  readonly testResults: readonly {
    /** Absolute path of the test file. */
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The tiers, cheapest first, and what a machine may lack for them. */
export const tiers = [
  { name: 'unit', needs: undefined },
  { name: 'service', needs: undefined },
  { name: 'platform', needs: undefined },
  {
    name: 'end-to-end',
    needs: 'there is no browser: install Debian’s package chromium or set PARLEY_BROWSER',
  },
] as const;
export type Tier = (typeof tiers)[number]['name'];

/** Unit tests need nothing, service tests PostgreSQL, platform tests everything that `npm start` starts. */
export function tierOf(path: string): Tier {
  if (path.endsWith('.e2e.spec.ts')) return 'end-to-end';
  if (!path.endsWith('.int.spec.ts')) return 'unit';
  return /(?:^|\/)tools\/(?:dev|testbed)\//.test(path) ? 'platform' : 'service';
}

/** Counts per tier; a file that did not load counts as one failed test. */
export function countTiers(results: readonly JestResults[]): Map<Tier, Count> {
  const counts = new Map<Tier, Count>();
  for (const { name, status, assertionResults } of results.flatMap((one) => one.testResults)) {
    const tier = tierOf(name);
    const broken = status === 'failed' && !assertionResults.some((one) => one.status === 'failed');
    const of = (...statuses: string[]) =>
      assertionResults.filter((one) => statuses.includes(one.status)).length;
    const file = {
      passed: of('passed'),
      failed: of('failed') + (broken ? 1 : 0),
      skipped: of('pending', 'skipped', 'todo', 'disabled'),
    };
    counts.set(tier, add(counts.get(tier) ?? none, file));
  }
  return counts;
}

const none: Count = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Count, b: Count): Count {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

export function total(counts: ReadonlyMap<Tier, Count>): Count {
  return [...counts.values()].reduce(add, none);
}

/** Whether a tier has tests here and ran none of them. */
export function isSkipped(counts: ReadonlyMap<Tier, Count>, tier: Tier): boolean {
  const { passed, failed, skipped } = counts.get(tier) ?? none;
  return passed + failed === 0 && skipped > 0;
}

/** One line per tier, and one per group of tests that was skipped in a tier that ran. */
export function summary(results: readonly JestResults[], root: string): string[] {
  const counts = countTiers(results);
  const lines = tiers.flatMap(({ name, needs }) => {
    const count = counts.get(name);
    if (count === undefined) return [];
    const label = name.padEnd(12);
    if (!isSkipped(counts, name)) return [`  ${label}${closingLine(count)}`];
    return [`  ${label}SKIPPED${needs === undefined ? '' : `: ${needs}`}`];
  });
  const groups = results
    .flatMap((one) => one.testResults)
    .filter(({ name }) => !isSkipped(counts, tierOf(name)))
    .flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'pending')
        .map(({ ancestorTitles }) => `${relative(root, name)}: ${ancestorTitles.join(' › ')}`),
    );
  return [...lines, ...[...new Set(groups)].map((group) => `  SKIPPED     ${group}`)];
}

/** `3 passed, 0 failed`, with the skipped ones where there are any. */
export function closingLine({ passed, failed, skipped }: Count): string {
  const line = `${String(passed)} passed, ${String(failed)} failed`;
  return skipped === 0 ? line : `${line}, ${String(skipped)} skipped`;
}
