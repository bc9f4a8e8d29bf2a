import {
  compileDefinition,
  completeAt,
  formatDefinition,
  hoverAt,
  parseDefinition,
  suggestImprovements,
} from '@parley/dsl';

import { measureEditor } from './editor.ts';
import { definitionOf } from './language-definition.ts';
import { measureJq } from './language-jq.ts';
import { timingFrom, timingOf, type Timing } from './language-timing.ts';
import { lineText, type Line, type Report, type Skipped } from './report.ts';

const budgets = {
  compileMs: 25,
  /** Time of ten times the tasks, over that of the tasks ten times: 10 would be quadratic. */
  linearity: 1.5,
  completeMs: 20,
};
const tasks = 1_000;
/** Positions that completion and hover are asked at, spread over the text. */
const positions = 400;

export interface LanguageOptions {
  /** Without the page of the editor, which needs the platform and a browser. */
  readonly quick: boolean;
  readonly say: (text: string) => void;
}

/** How fast the language is: jq against jq, a large definition compiled and completed. */
export async function measureLanguage({ quick, say }: LanguageOptions): Promise<Report> {
  const lines: (Line | Skipped)[] = [];
  const add = (line: Line | Skipped) => {
    lines.push(line);
    say(lineText(line));
  };
  for (const line of await measureJq(say)) add(line);
  const source = definitionOf(tasks);
  const lineCount = source.split('\n').length;
  say(
    `\nA definition of ${tasks} tasks: ${lineCount} lines, ${Math.round(source.length / 1024)} KiB`,
  );
  for (const line of compiling(source, say)) add(line);
  for (const line of completing(source)) add(line);
  say('\nFor information');
  for (const [name, run] of Object.entries(others(source)))
    say(`  ${name}: ${said(timingOf(run))}`);
  say('');
  const keystroke = 'a keystroke in the editor';
  if (quick) add({ name: keystroke, skipped: '--quick starts no platform and no browser' });
  else lines.push(...(await measureEditor({ say })).lines);
  return { lines, processes: [] };
}

/** Compiled without mistakes, or there is nothing to measure. */
function compiled(source: string): void {
  const { valid, diagnostics } = compileDefinition(source);
  if (!valid) throw new Error(`the definition is refused: ${JSON.stringify(diagnostics[0])}`);
}

function compiling(source: string, say: (text: string) => void): Line[] {
  const small = timingOf(() => compiled(source), { warmUpMs: 2_000, measureMs: 3_000 });
  const large = definitionOf(10 * tasks);
  const { tenSmall, oneLarge } = alternating(source, large);
  say(`  ${tasks} tasks: ${said(small)}`);
  say(`  ten times in a row: ${said(tenSmall)}`);
  say(`  ${10 * tasks} tasks: ${said(oneLarge)}`);
  return [
    {
      name: `validate and compile ${tasks} tasks`,
      value: small.medianMs,
      unit: 'ms',
      budget: budgets.compileMs,
      boundBy: 'reading, checking, compiling its expressions, sealing the IR',
    },
    {
      name: `${10 * tasks} tasks at once, over ten times ${tasks}`,
      value: oneLarge.medianMs / tenSmall.medianMs,
      unit: '×',
      budget: budgets.linearity,
      boundBy: 'memory: the larger one does not fit the caches',
    },
  ];
}

/** The same work in one piece and in ten, in turns, so that a busy moment of the machine hits both. */
function alternating(small: string, large: string): { tenSmall: Timing; oneLarge: Timing } {
  const taken = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < 12; round += 1) {
    const started = performance.now();
    for (let done = 0; done < 10; done += 1) compiled(small);
    const between = performance.now();
    compiled(large);
    const ended = performance.now();
    if (round < 2) continue;
    taken.small.push(between - started);
    taken.large.push(ended - between);
  }
  return { tenSmall: timingFrom(taken.small), oneLarge: timingFrom(taken.large) };
}

function completing(source: string): Line[] {
  const offsets = Array.from({ length: positions }, (_, at) => offsetIn(source, at));
  for (const offset of offsets) completeAt(source, offset);
  const timing = timingFrom(offsets.map((offset) => leastMs(() => completeAt(source, offset))));
  return (['medianMs', 'p99Ms'] as const).map((kind) => ({
    name: `completion in it, ${kind === 'medianMs' ? 'median' : 'slowest of a hundred'}`,
    value: timing[kind],
    unit: 'ms',
    budget: budgets.completeMs,
    boundBy: 'reading the text that is being typed',
  }));
}

/** The least of three: what a place costs, not what else the machine did meanwhile. */
function leastMs(run: () => unknown): number {
  const taken = [0, 1, 2].map(() => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return Math.min(...taken);
}

/** Spread over the text, and so at keys, in values, in expressions and between them. */
function offsetIn(source: string, at: number): number {
  return Math.floor((source.length * (at + 0.5)) / positions);
}

function others(source: string): Readonly<Record<string, () => unknown>> {
  let at = 0;
  return {
    read: () => parseDefinition(source),
    format: () => formatDefinition(source),
    suggest: () => suggestImprovements(source),
    hover: () => hoverAt(source, offsetIn(source, (at += 7) % positions)),
  };
}

function said({ medianMs, p99Ms, runs }: Timing): string {
  return `${medianMs.toFixed(2)} ms (slowest of a hundred ${p99Ms.toFixed(2)} ms, ${runs} runs)`;
}
