import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@parley/kernel';
import { parse } from 'yaml';
import type { Scenario, Step } from './gherkin.ts';
import type { Mode, Outcome, TaskRun } from './run.ts';

/** What a scenario has come to so far. */
interface Progress {
  definition: string;
  input: Json;
  outcome?: Outcome;
}

/** @returns what failed, or undefined when everything held */
export async function play(scenario: Scenario, mode: Mode): Promise<string | undefined> {
  const progress: Progress = { definition: '', input: {} };
  for (const step of scenario.steps) {
    try {
      await perform(step, progress, mode);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `line ${String(step.line)}, "${step.text}": ${reason}`;
    }
  }
  return progress.outcome === undefined ? 'the scenario executes nothing' : undefined;
}

async function perform(step: Step, progress: Progress, mode: Mode): Promise<void> {
  const { text, document = '' } = step;
  if (text === 'a workflow with definition:') {
    progress.definition = document;
  } else if (text === 'given the workflow input is:') {
    progress.input = parse(document) as Json;
  } else if (text === 'the workflow is executed') {
    const { definition, input } = progress;
    progress.outcome = await mode.execute({ definition, input });
  } else {
    const { outcome } = progress;
    if (outcome === undefined) throw new Error('the workflow was not executed yet');
    const checked = checks.some(([pattern, check]) => {
      const match = pattern.exec(text);
      if (match === null) return false;
      check(outcome, match.slice(1), document);
      return true;
    });
    if (!checked) throw new Error('this step is not understood');
  }
}

type Check = (outcome: Outcome, words: readonly string[], document: string) => void;

/** What may be said of a run, in the words of the kit. */
const checks: readonly (readonly [RegExp, Check])[] = [
  [/^the workflow should complete$/, (outcome) => assertStatus(outcome, 'completed')],
  [/^the workflow should fault$/, (outcome) => assertStatus(outcome, 'failed')],
  [/^the workflow should cancel$/, (outcome) => assertStatus(outcome, 'cancelled')],
  [
    /^the workflow should complete with output:$/,
    (outcome, _words, document) => {
      assertStatus(outcome, 'completed');
      assertEqual(outcome.output, parse(document));
    },
  ],
  [
    /^the workflow should fault with error:$/,
    (outcome, _words, document) => {
      assertStatus(outcome, 'failed');
      assertEqual(outcome.error, parse(document));
    },
  ],
  [
    /^the workflow output should have properties (.+)$/,
    ({ output }, [names = '']) => {
      for (const [, path = ''] of names.matchAll(/'([^']+)'/g)) propertyOf(output, path);
    },
  ],
  [
    /^the workflow output should have an? '([^']+)' property with value:$/,
    ({ output }, [path = ''], document) => assertEqual(propertyOf(output, path), parse(document)),
  ],
  [
    /^the workflow output should have an? '([^']+)' property containing (\d+) items$/,
    ({ output }, [path = '', count = '']) => {
      const items = propertyOf(output, path);
      if (!Array.isArray(items)) throw new Error(`'${path}' is ${shown(items)}, not a list`);
      assertEqual(items.length, Number(count));
    },
  ],
  [/^(\S+) should run first$/, ({ tasks }, [name]) => assertEqual(tasks[0]?.name, name)],
  [/^(\S+) should run last$/, ({ tasks }, [name]) => assertEqual(tasks.at(-1)?.name, name)],
  [
    /^(\S+) should run (before|after) (\S+)$/,
    ({ tasks }, [name = '', where, other = '']) => {
      const [mine, theirs] = [placeOf(tasks, name), placeOf(tasks, other)];
      if (where === 'before' ? mine < theirs : mine > theirs) return;
      throw new Error(`the order is ${tasks.map((task) => task.name).join(', ')}`);
    },
  ],
  [
    /^(\S+) should (complete|fault|cancel)$/,
    ({ tasks }, [name = '', how = '']) => {
      const wanted = { complete: 'completed', fault: 'failed', cancel: 'cancelled' }[how];
      assertEqual(tasks[placeOf(tasks, name)]?.status, wanted);
    },
  ],
];

function assertStatus({ status, error }: Outcome, wanted: Outcome['status']): void {
  if (status === wanted) return;
  throw new Error(`the run is ${status}${error === undefined ? '' : `: ${shown(error)}`}`);
}

function assertEqual(actual: unknown, wanted: unknown): void {
  // Parsed once more, so that only what JSON can say is compared.
  const plain: unknown = actual === undefined ? undefined : JSON.parse(JSON.stringify(actual));
  if (!isDeepStrictEqual(plain, wanted)) {
    throw new Error(`it is ${shown(actual)}, not ${shown(wanted)}`);
  }
}

function propertyOf(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    const has = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
    if (!has) throw new Error(`${shown(value)} has no '${path}'`);
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function placeOf(tasks: readonly TaskRun[], name: string): number {
  const place = tasks.findIndex((task) => task.name === name);
  if (place < 0) throw new Error(`${name} did not run`);
  return place;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 400);
}
