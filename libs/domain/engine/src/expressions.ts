import { compileCached, JqError, type Program as JqProgram } from '@parley/jq';
import { err, ok, type Json, type Result } from '@parley/kernel';
import { runError, type RunError } from './errors.js';

/** Value of a variable (`$name`, asked without the `$`) where an expression is evaluated. */
export type Lookup = (name: string) => Json;

export interface Env {
  /** What `.` is. */
  readonly input: Json;
  readonly lookup: Lookup;
  /** Milliseconds since the epoch: what jq's `now` means. */
  readonly now: number;
}

export type Evaluate = (env: Env) => Json;

/**
 * Compiles an expression for a place where the variables `names` exist. Only those that the source
 * mentions are computed when it is evaluated.
 */
export function compileExpression(
  source: string,
  names: ReadonlySet<string>,
): Result<Evaluate, string> {
  const variables = mentionedVariables(source, names);
  const compiled = compileCached(source, { variables });
  return compiled.ok ? ok(evaluator(compiled.value, variables)) : err(compiled.error.message);
}

function evaluator(program: JqProgram, names: readonly string[]): Evaluate {
  return ({ input, lookup, now }) => {
    const variables: Record<string, Json> = {};
    for (const name of names) variables[name] = lookup(name);
    return program.first(input, { variables, now }) ?? null;
  };
}

function mentionedVariables(source: string, names: ReadonlySet<string>): string[] {
  const mentioned = new Set<string>();
  for (const match of source.matchAll(/\$([A-Za-z_]\w*)/g)) {
    const name = match[1] ?? '';
    if (names.has(name)) mentioned.add(name);
  }
  return [...mentioned].sort();
}

/** jq's notion of true: everything but `false` and `null`. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false;
}

/** The error that an expression which could not be evaluated is to the run; undefined: not such. */
export function expressionError(thrown: unknown): RunError | undefined {
  if (!(thrown instanceof JqError)) return undefined;
  return runError('expression', 'Expression could not be evaluated', { detail: thrown.message });
}
