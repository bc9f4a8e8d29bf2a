import { compile, JqError, type Limits, type Program } from '@parley/jq';
import { assert, type Json } from '@parley/kernel';
import { exitCodes, Failure } from '../exit-codes.js';
import { oneLine } from '../output/text.js';
import type { Terminal } from '../terminal.js';
import { indentJson } from './indent-json.js';
import { jsonValues, StreamError } from './json-stream.js';
import { readText } from '../input.js';

export interface JqOptions {
  readonly compactOutput?: boolean;
  readonly rawOutput?: boolean;
  readonly joinOutput?: boolean;
  readonly nullInput?: boolean;
  readonly slurp?: boolean;
  readonly sortKeys?: boolean;
  readonly exitStatus?: boolean;
  readonly tab?: boolean;
  readonly indent?: number;
  readonly arg?: readonly (readonly [string, string])[];
  readonly argjson?: readonly (readonly [string, string])[];
}

/** Exit codes of `parley jq`: those of jq. */
const jqExitCodes = {
  ok: 0,
  falsy: 1,
  unusable: 2,
  notCompiled: 3,
  noOutput: 4,
  failed: 5,
} as const;

/** Nobody waits for others here, so a program may take longer than one in a definition. */
const limits: Limits = {
  fuel: 1_000_000_000,
  outputs: 10_000_000,
  outputNodes: 100_000_000,
  depth: 10_000,
};

interface JqCall {
  readonly source: string;
  readonly files: readonly string[];
  readonly options: JqOptions;
}

/** Evaluates a program for each value of the input and prints what comes out; gives the exit code. */
export async function runJq(
  terminal: Terminal,
  { source, files, options }: JqCall,
): Promise<number> {
  const variables = variablesOf(options);
  const compiled = compile(source, { variables: Object.keys(variables) });
  if (!compiled.ok) {
    const { message, line, column, suggestions = [] } = compiled.error;
    const nearest = suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(', ')}?`;
    terminal.err(`jq: error: ${oneLine(message)} at line ${line}, column ${column}${nearest}\n`);
    return jqExitCodes.notCompiled;
  }
  const run = new Run(terminal, compiled.value, { variables, options });
  if (options.nullInput === true) run.evaluate(null);
  else await evaluateFiles(run, terminal, { files, slurp: options.slurp === true });
  return run.exitCode;
}

function variablesOf({ arg = [], argjson = [] }: JqOptions): Record<string, Json> {
  const values = argjson.map(([name, text]): [string, Json] => {
    try {
      const [only, second] = [...jsonValues(text)];
      if (only !== undefined && second === undefined) return [name, only.value];
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
    }
    throw new Failure(
      exitCodes.usage,
      `--argjson ${name} is not JSON; use --arg ${name}=TEXT for a text.`,
    );
  });
  return Object.fromEntries([...arg, ...values]);
}

/** As jq: what stands before a mistake in the input is evaluated. */
async function evaluateFiles(
  run: Run,
  terminal: Terminal,
  { files, slurp }: { readonly files: readonly string[]; readonly slurp: boolean },
): Promise<void> {
  const all: Json[] = [];
  for (const file of files.length === 0 ? ['-'] : files) {
    const input = await readText(terminal, file);
    const name = file === '-' ? '<stdin>' : file;
    try {
      for (const { value, line, column } of jsonValues(input)) {
        if (slurp) all.push(value);
        else run.evaluate(value, `${name}:${line}:${column}`);
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      const { message, line, column } = error;
      terminal.err(`jq: error (at ${name}:${line}:${column}): ${oneLine(message)}\n`);
      run.unusable = true;
      return;
    }
  }
  if (slurp) run.evaluate(all);
}

class Run {
  unusable = false;
  private failed = false;
  private last: Json | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly program: Program,
    private readonly given: {
      readonly variables: Record<string, Json>;
      readonly options: JqOptions;
    },
  ) {}

  get exitCode(): number {
    if (this.unusable) return jqExitCodes.unusable;
    if (this.failed) return jqExitCodes.failed;
    if (this.given.options.exitStatus !== true) return jqExitCodes.ok;
    if (this.last === undefined) return jqExitCodes.noOutput;
    return this.last === null || this.last === false ? jqExitCodes.falsy : jqExitCodes.ok;
  }

  evaluate(input: Json, place?: string): void {
    const { variables, options } = this.given;
    try {
      const now = this.terminal.now() / 1_000;
      for (const output of this.program.run(input, { variables, now, limits, exact: true })) {
        this.last = output;
        this.terminal.out(outputText(output, options));
      }
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      this.failed = true;
      const at = place === undefined ? '' : ` (at ${place})`;
      this.terminal.err(`jq: error${at}: ${oneLine(error.message)}\n`);
    }
  }
}

function outputText(output: Json, options: JqOptions): string {
  const { rawOutput, joinOutput, compactOutput, sortKeys, tab, indent = 2 } = options;
  const end = joinOutput === true ? '' : '\n';
  if (typeof output === 'string' && (rawOutput === true || joinOutput === true))
    return output + end;
  const text = textOf(sortKeys === true ? sorted : plain, output);
  if (compactOutput === true || (indent === 0 && tab !== true)) return text + end;
  return indentJson(text, tab === true ? '\t' : ' '.repeat(indent)) + end;
}

/** The library writes values itself: it knows how jq writes numbers. */
const plain = compiledHere('tojson');
const sorted = compiledHere(
  'walk(if type == "object" then to_entries | sort_by(.key) | from_entries else . end) | tojson',
);

function compiledHere(source: string): Program {
  const compiled = compile(source);
  assert(compiled.ok, 'a program that compiles');
  return compiled.value;
}

function textOf(program: Program, value: Json): string {
  const text = program.first(value, { limits, exact: true });
  assert(typeof text === 'string', 'a value has a text');
  return text;
}
