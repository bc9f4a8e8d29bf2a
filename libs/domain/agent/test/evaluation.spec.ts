import { describe, expect, it } from '@jest/globals';
import { judge, type Verdict } from './judge.js';
import { clinicScenarios } from './requests/clinic.js';
import { libraryScenarios } from './requests/library.js';
import { rentalScenarios } from './requests/rental.js';
import { secondScenarios } from './requests/second.js';

/**
 * Raised whenever the planner gets better; never lowered. The honest figures are those of the first
 * run of each batch, before anything was changed for it: held out of the first two businesses 67 %
 * (10 of 15), the second batch 69 % (11 of 16), the third business 69 % (11 of 16).
 */
const rightShareMin = 0.92;

const scenarios = [...clinicScenarios, ...rentalScenarios, ...secondScenarios, ...libraryScenarios];
const onlyTuned = process.env['EVALUATION'] === 'tuned';
const verdicts = scenarios.filter(({ heldOut }) => !(onlyTuned && heldOut === true)).map(judge);

function share(of: readonly Verdict[]): number {
  return of.length === 0 ? 1 : of.filter(({ right }) => right).length / of.length;
}

function row(name: string, of: readonly Verdict[]): string {
  const right = of.filter((verdict) => verdict.right).length;
  return `${name.padEnd(24)} ${String(right).padStart(3)} of ${String(of.length).padStart(3)}  ${(share(of) * 100).toFixed(0).padStart(4)} %`;
}

const edits = verdicts.filter(({ scenario }) => scenario.touches !== undefined);
const asking = verdicts.filter(({ scenario }) => scenario.mustAsk !== undefined);
const table = [
  row('all', verdicts),
  row(
    'seen while tuning',
    verdicts.filter(({ scenario }) => scenario.heldOut !== true),
  ),
  row(
    'held out',
    verdicts.filter(({ scenario }) => scenario.heldOut === true),
  ),
  row(
    'clinic',
    verdicts.filter(({ scenario }) => scenario.business === 'clinic'),
  ),
  row(
    'rental',
    verdicts.filter(({ scenario }) => scenario.business === 'rental'),
  ),
  row(
    'library',
    verdicts.filter(({ scenario }) => scenario.business === 'library'),
  ),
  row('edits', edits),
  row('must ask', asking),
  ...verdicts
    .filter(({ right }) => !right)
    .map(
      ({ scenario, faults }) => `  ✗ ${scenario.business}, ${scenario.name}: ${faults.join('; ')}`,
    ),
];
process.stdout.write(`\n${table.join('\n')}\n`);

describe('requests in plain words', () => {
  it('are varied enough to mean something', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(40);
    expect(
      scenarios.filter(({ touches }) => touches !== undefined).length / scenarios.length,
    ).toBeGreaterThanOrEqual(0.25);
  });

  it('are mostly understood, judged by the calls that are made', () => {
    expect(share(verdicts)).toBeGreaterThanOrEqual(rightShareMin);
  });

  it('never invent an operation, a role or a member', () => {
    expect(
      verdicts.filter(({ invented }) => invented > 0).map(({ scenario }) => scenario.name),
    ).toEqual([]);
  });

  it('never change a step that an edit is not about', () => {
    expect(
      verdicts
        .filter(({ disturbed }) => disturbed.length > 0)
        .map(({ scenario, disturbed }) => `${scenario.name}: ${disturbed.join()}`),
    ).toEqual([]);
  });

  it('ask when they must', () => {
    expect(share(asking)).toBeGreaterThanOrEqual(0.8);
  });
});
