import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { compile, JqError } from './index.js';
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

const NAN_MARK = '\u0000nan';

/** jq's test runner reads numbers that JSON does not have. */
function read(text: string): Json {
  const plain = text
    .replace(/^\ufeff/, '')
    .replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|nan|Infinity)\b/g, (word) => {
      if (word.startsWith('"')) return word;
      if (word.toLowerCase().includes('nan')) return JSON.stringify(NAN_MARK);
      return word.startsWith('-') ? '-1e999' : '1e999';
    });
  return JSON.parse(plain, (_key, value: Json) =>
    value === NAN_MARK ? Number.NaN : value,
  ) as Json;
}

const unlimited = { spend: () => undefined, descend: () => undefined, depth: 0 };

type Outcome = 'passed' | 'refused' | 'limit' | 'wrong';

function judge({ program, mustFail, input, outputs }: Case): Outcome {
  const compiled = compile(program);
  if (mustFail) return compiled.ok ? 'wrong' : 'passed';
  if (!compiled.ok) return compiled.error.code === 'unsupported' ? 'refused' : 'wrong';
  let actual: Json[] = [];
  try {
    actual = compiled.value.run(read(input), { now: 1_425_599_621 });
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    if (error.kind === 'limit') return 'limit';
  }
  const same =
    actual.length === outputs.length &&
    actual.every((value, i) => equals(value, read(outputs[i] ?? ''), unlimited));
  return same ? 'passed' : 'wrong';
}

/** The only wrong answers, and why. */
const KNOWN_WRONG: Record<string, readonly string[]> = {
  'jq.test': [
    // Numbers that a double cannot carry become the nearest that it can.
    '9E999999999, 9999999999E999999990, 1E-999999999, 0.000000001E-999999990',
    // Fails after one output: `run` gives all outputs or none.
    '.[]|(try . catch (if .=="ho" then "BROKEN"|error else empty end)) | if .=="ho" then error else "\\(.) there!" end',
  ],
};

/** Share of the cases that pass. What is missing is refused (modules, inputs, environment) or too deep. */
const FLOORS: Record<string, number> = {
  'man.test': 0.99,
  'jq.test': 0.93,
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
    expect(of('wrong')).toEqual(KNOWN_WRONG[file] ?? []);
    expect(of('passed').length / results.length).toBeGreaterThanOrEqual(floor);
  });
});
