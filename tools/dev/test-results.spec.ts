import { describe, expect, it } from '@jest/globals';
import {
  closingLine,
  countTiers,
  isSkipped,
  summary,
  tierOf,
  total,
  type JestResults,
} from './test-results.ts';

function file(name: string, ...statuses: string[]): JestResults['testResults'][number] {
  const assertionResults = statuses.map((status) => ({ status, ancestorTitles: ['a suite'] }));
  const failed = statuses.length === 0 || statuses.includes('failed');
  return { name: `/repo/${name}`, status: failed ? 'failed' : 'passed', assertionResults };
}

const results: JestResults[] = [
  {
    testResults: [
      file('libs/a/src/a.spec.ts', 'passed', 'passed', 'pending'),
      file('libs/a/src/a.int.spec.ts', 'passed', 'failed'),
      file('libs/a/src/broken.spec.ts'),
    ],
  },
  {
    testResults: [
      file('tools/dev/launch.int.spec.ts', 'passed'),
      file('tools/testbed/job.e2e.spec.ts', 'pending', 'pending'),
    ],
  },
];

describe('results of the tests', () => {
  it.each([
    ['libs/a/src/a.spec.ts', 'unit'],
    ['apps/a/test/a.int.spec.ts', 'service'],
    ['tools/demo/ledger.int.spec.ts', 'service'],
    ['tools/testbed/chaos.int.spec.ts', 'platform'],
    ['tools/dev/issuer/issuer.int.spec.ts', 'platform'],
    ['tools/testbed/job.e2e.spec.ts', 'end-to-end'],
  ])('%s is of tier %s', (path, tier) => {
    expect(tierOf(path)).toBe(tier);
  });

  it('are counted over all runs; a file that does not load has failed', () => {
    const counts = countTiers(results);
    expect(total(counts)).toEqual({ passed: 4, failed: 2, skipped: 3 });
    expect(isSkipped(counts, 'end-to-end')).toBe(true);
    expect(isSkipped(counts, 'unit')).toBe(false);
  });

  it('name what was skipped, and why', () => {
    expect(summary(results, '/repo')).toEqual([
      '  unit        2 passed, 1 failed, 1 skipped',
      '  service     1 passed, 1 failed',
      '  platform    1 passed, 0 failed',
      expect.stringContaining('  end-to-end  SKIPPED: there is no browser'),
      '  SKIPPED     libs/a/src/a.spec.ts: a suite',
    ]);
  });

  it('end with a line that says nothing of skipped tests where there are none', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});
