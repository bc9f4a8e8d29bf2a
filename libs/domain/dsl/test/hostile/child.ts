import type { Diagnostic } from '@parley/contracts';
import { validateDefinition } from '../../src/index.js';
import { tools } from '../tools.js';
import { hostileTexts } from './texts.js';

/** Says on standard error what takes long, to find it. */
const talkative = process.env['PARLEY_HOSTILE_TIMES'] !== undefined;

/** What became of one hostile text; a line of JSON each, because the process may not live to the end. */
export interface HostileResult {
  readonly name: string;
  readonly valid: boolean;
  /** The first error. */
  readonly first?: Pick<Diagnostic, 'code' | 'range'>;
  readonly diagnostics: number;
  /** The longest text in any diagnostic. */
  readonly longest: number;
  readonly lines: number;
  /** What the tools threw. */
  readonly thrown: readonly string[];
}

for (const index of process.argv.slice(2).map(Number)) {
  const hostile = hostileTexts[index];
  if (hostile !== undefined) console.log(JSON.stringify(resultOf(hostile.name, hostile.make())));
}

function resultOf(name: string, text: string): HostileResult {
  let valid = false;
  let diagnostics: readonly Diagnostic[] = [];
  const refused = thrownBy(
    `validate ${name}`,
    () => ({ valid, diagnostics } = validateDefinition(text)),
  );
  const first = diagnostics.find(({ severity }) => severity === 'error');
  return {
    name,
    valid,
    diagnostics: diagnostics.length,
    longest: Math.max(0, ...diagnostics.map(longestText)),
    lines: text.split('\n').length,
    thrown: [
      ...(refused === undefined ? [] : [`validate: ${refused}`]),
      ...Object.entries(tools).flatMap(([tool, run]) => {
        const said = thrownBy(`${tool} ${name}`, () => run(text, Math.floor(text.length / 2)));
        return said === undefined ? [] : [`${tool}: ${said}`];
      }),
    ],
    ...(first && { first: { code: first.code, range: first.range } }),
  };
}

function longestText({
  message,
  expected = '',
  actual = '',
  suggestions = [],
}: Diagnostic): number {
  return Math.max(...[message, expected, actual, ...suggestions].map((text) => text.length));
}

function thrownBy(what: string, run: () => unknown): string | undefined {
  const started = performance.now();
  try {
    run();
    return undefined;
  } catch (error) {
    return String(error).slice(0, 300);
  } finally {
    if (talkative) console.error(`${Math.round(performance.now() - started)} ms ${what}`);
  }
}
