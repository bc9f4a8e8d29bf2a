import { compile, type Program } from '@parley/jq';
import { typicalExpressions, type TypicalExpression } from '@parley/jq/testing';
import type { Json } from '@parley/kernel';
import { loadJq, type Jq } from 'jq-wasm';

import { timingOf } from './language-timing.ts';
import type { Line } from './report.ts';

const budgets = {
  /** jq itself, compiled to WebAssembly, takes at least so many times as long. */
  overJq: 300,
  /** Ours takes at most so many times as long as code written by hand. */
  overHand: 8,
};
/** One run is too short for the clock. */
const batch = 2_000;
const rounds = { warmUpMs: 150, measureMs: 250 };

interface Measured {
  readonly name: string;
  readonly oursNs: number;
  readonly handNs: number;
  readonly jqNs: number;
}

/** Ten typical expressions: ours against jq itself, and against what one would write by hand. */
export async function measureJq(say: (text: string) => void): Promise<Line[]> {
  const jq = await loadJq();
  const measured = typicalExpressions.map((expression) => measure(expression, jq));
  say('expression         ours     by hand          jq   ours/hand     jq/ours');
  for (const one of measured) say(rowOf(one));
  say('');
  return [
    {
      name: 'jq, over ours, the mean of ten typical expressions',
      value: meanOf(measured.map(({ jqNs, oursNs }) => jqNs / oursNs)),
      unit: '×',
      budget: budgets.overJq,
      atLeast: true,
      boundBy: `the least is ${leastOf(measured).toFixed(0)} ×; starting jq costs it a millisecond`,
    },
    {
      name: 'ours, over code written by hand, the mean of the ten',
      value: meanOf(measured.map(({ handNs, oursNs }) => oursNs / handNs)),
      unit: '×',
      budget: budgets.overHand,
      boundBy: `the most is ${mostOf(measured).toFixed(1)} ×; limits are counted, and missing members allowed for`,
    },
  ];
}

function measure(expression: TypicalExpression, jq: Jq): Measured {
  const { name, source, input } = expression;
  const program = compiled(source);
  const text = JSON.stringify(input);
  return {
    name,
    oursNs: nanosecondsOf((order) => program.run(order), input),
    handNs: nanosecondsOf((order) => expression.byHand(order), input),
    jqNs: nanosecondsOf(() => jq.raw(text, source, ['-c']), input, 5),
  };
}

/** Kept, so that no run is left out because nobody looks at what it yields. */
let last: unknown;

/**
 * The inputs are equal but many: with one and the same, the engine would do most of what is written
 * by hand once and for all.
 */
function nanosecondsOf(run: (input: Json) => unknown, input: Json, times = batch): number {
  const inputs = Array.from({ length: 64 }, () => structuredClone(input));
  const { medianMs } = timingOf(() => {
    for (let done = 0; done < times; done += 1) last = run(inputs[done % inputs.length] ?? null);
    return last;
  }, rounds);
  return (medianMs * 1e6) / times;
}

function compiled(source: string): Program {
  const result = compile(source);
  if (!result.ok) throw new Error(`${source}: ${result.error.message}`);
  return result.value;
}

/** Of ratios: as much above as below it, in multiples. */
function meanOf(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

function leastOf(measured: readonly Measured[]): number {
  return Math.min(...measured.map(({ jqNs, oursNs }) => jqNs / oursNs));
}

function mostOf(measured: readonly Measured[]): number {
  return Math.max(...measured.map(({ handNs, oursNs }) => oursNs / handNs));
}

function rowOf({ name, oursNs, handNs, jqNs }: Measured): string {
  const cells = [
    `${oursNs.toFixed(0)} ns`,
    `${handNs.toFixed(0)} ns`,
    `${(jqNs / 1000).toFixed(0)} µs`,
    `${(oursNs / handNs).toFixed(1)} ×`,
    `${(jqNs / oursNs).toFixed(0)} ×`,
  ];
  return name.padEnd(12) + cells.map((cell) => cell.padStart(12)).join('');
}
