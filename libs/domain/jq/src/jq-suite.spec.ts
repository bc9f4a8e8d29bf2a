import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { compile, JqError, parseJsonStream } from './index.js';
import { equals } from './values/order.js';

const directory = process.env['PARLEY_SPEC_DIR'];

interface Case {
  readonly program: string;
  readonly mustFail: boolean;
  readonly input: string;
  readonly outputs: readonly string[];
}

/** A case: program, input, one output a line. Blank lines end it; `%%FAIL` must not compile. */
function readCases(file: string): Case[] {
  const text = readFileSync(join(directory ?? '', 'jq', file), 'utf8');
  const blocks = text
    .split(/\n(?:[ \t]*\n)+/)
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
  return blocks
    .filter((lines) => lines.length > 0)
    .map(([first = '', second = '', ...outputs]) =>
      first.startsWith('%%FAIL')
        ? { mustFail: true, program: second, input: 'null', outputs: [] }
        : { mustFail: false, program: first, input: second, outputs },
    );
}

/** jq's test runner reads numbers that JSON does not have, and keeps how numbers are written. */
function read(text: string): Json {
  const [value = null] = parseJsonStream(text);
  return value;
}

const unlimited = { spend: () => undefined, exact: true };

type Outcome = 'passed' | 'refused' | 'limit' | 'wrong';

function judge({ program, mustFail, input, outputs }: Case): Outcome {
  const compiled = compile(program);
  if (mustFail) return compiled.ok ? 'wrong' : 'passed';
  if (!compiled.ok) return compiled.error.code === 'unsupported' ? 'refused' : 'wrong';
  const actual: Json[] = [];
  try {
    const env = { now: 1_425_599_621, exact: true };
    compiled.value.each(read(input), (output) => void actual.push(output), env);
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    if (error.kind === 'limit') return 'limit';
  }
  const same =
    actual.length === outputs.length &&
    actual.every((value, i) => equals(value, read(outputs[i] ?? ''), unlimited));
  return same ? 'passed' : 'wrong';
}

/** Share of the cases that pass. What is missing is refused (modules, inputs, environment) or too deep. */
const FLOORS: Record<string, number> = {
  'man.test': 0.99,
  'jq.test': 0.95,
  'onig.test': 1,
  'base64.test': 1,
  'uri.test': 1,
  'optional.test': 1,
};

const suite = directory === undefined ? describe.skip : describe;

suite(`jq's own tests${directory === undefined ? ' (PARLEY_SPEC_DIR is not set)' : ''}`, () => {
  it.each(Object.entries(FLOORS))('%s passes for at least %d', (file, floor) => {
    const results = readCases(file).map((one) => ({ program: one.program, outcome: judge(one) }));
    const of = (outcome: Outcome): string[] =>
      results.filter((result) => result.outcome === outcome).map(({ program }) => program);
    expect(of('wrong')).toEqual([]);
    expect(of('passed').length / results.length).toBeGreaterThanOrEqual(floor);
  });
});
