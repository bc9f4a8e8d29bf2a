import { describe, expect, it } from '@jest/globals';
import { parseFeature } from './gherkin.ts';
import { playKit, readKit, totalOf } from './kit.ts';
import { memoryMode } from './memory-mode.ts';
import { page, printed } from './report.ts';
import { play } from './steps.ts';
import type { Outcome } from './run.ts';

const spec = process.env['PARLEY_SPEC_DIR'];
const feature = `Feature: Things
  As somebody

  # A comment
  Scenario: First
    Given a workflow with definition:
    """yaml
    do:
      - a
    """
    And given the workflow input is:
      """yaml
      x: 1
      """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    2
    """`;

function modeOf(outcome: Outcome) {
  return {
    name: 'fixed',
    title: 'Fixed',
    execute: async () => outcome,
    stop: async () => undefined,
  };
}

async function failureOf(lines: string[], outcome: Outcome): Promise<string | undefined> {
  const steps = ['When the workflow is executed', ...lines].map((line) => `    ${line}`);
  const source = ['Feature: F', '  Scenario: S', ...steps].join('\n');
  const [scenario] = parseFeature(source).scenarios;
  return scenario && play(scenario, modeOf(outcome));
}

describe('a feature file', () => {
  it('is read with its scenarios, steps and documents', () => {
    expect(parseFeature(feature)).toEqual({
      name: 'Things',
      scenarios: [
        {
          name: 'First',
          steps: [
            { text: 'a workflow with definition:', document: 'do:\n  - a', line: 6 },
            { text: 'given the workflow input is:', document: 'x: 1', line: 11 },
            { text: 'the workflow is executed', line: 15 },
            { text: 'the workflow should complete with output:', document: '2', line: 16 },
          ],
        },
      ],
    });
  });

  it.each(['Feature: F\n  Background:', 'Feature: F\n  Scenario: S\n    | a |', 'nothing'])(
    'that is not understood is refused: %j',
    (source) => {
      expect(() => parseFeature(source)).toThrow(/not understood|no feature/);
    },
  );
});

describe('what a scenario says of a run', () => {
  const outcome: Outcome = {
    status: 'completed',
    output: { a: { b: [1, 2] } },
    tasks: [
      { name: 'one', status: 'completed' },
      { name: 'two', status: 'failed' },
    ],
  };

  it.each([
    'Then the workflow should complete',
    "Then the workflow output should have properties 'a', 'a.b'",
    "Then the workflow output should have a 'a.b' property containing 2 items",
    'Then one should run first',
    'Then two should run last',
    'Then two should run after one',
    'Then one should run before two',
    'Then two should fault',
  ])('%s', async (line) => {
    expect(await failureOf([line], outcome)).toBeUndefined();
  });

  it.each([
    ['Then the workflow should fault', /is completed/],
    ["Then the workflow output should have properties 'a', 'c'", /has no 'c'/],
    ["Then the workflow output should have a 'a.b' property containing 3 items", /2, not 3/],
    ['Then two should run first', /"one", not "two"/],
    ['Then three should run after one', /three did not run/],
    ['Then one should run after two', /the order is one, two/],
    ['Then one should cancel', /"completed", not "cancelled"/],
    ['Then pigs should fly', /not understood/],
  ])('is refused when it does not hold: %s', async (line, reason) => {
    expect(await failureOf([line], outcome)).toMatch(reason);
  });

  it('is compared with values, not with texts', async () => {
    const [scenario] = parseFeature(feature).scenarios;
    const played = (output: number) => scenario && play(scenario, modeOf({ ...outcome, output }));
    expect(await played(2)).toBeUndefined();
    expect(await played(3)).toMatch(/3, not 2/);
  });
});

const kitIt = spec === undefined ? it.skip : it;

describe('the conformance kit (needs PARLEY_SPEC_DIR)', () => {
  kitIt('passes on the pure machine', async () => {
    const result = await playKit(readKit(spec ?? ''), memoryMode);
    const [total, text] = [totalOf(result), printed(result)];
    if (total.failed > 0) throw new Error(text);
    expect(total.passed).toBeGreaterThanOrEqual(21);
    expect(text).toContain(`${String(total.passed)} passed, 0 failed`);
    expect(page([result])).toContain('| `set.feature` | Set Task | passed |');
  });
});
