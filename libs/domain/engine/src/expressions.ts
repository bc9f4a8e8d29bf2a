import { compileCached, DEFAULT_LIMITS, JqError, type Program as JqProgram } from '@parley/jq';
import { err, ok, type Json, type Result } from '@parley/kernel';
import { runError, TooHeavy, type RunError } from './errors.js';

/** Value of a variable (`$name`, asked without the `$`) where an expression is evaluated. */
export type Lookup = (name: string) => Json;

export interface Env {
  /** What `.` is. */
  readonly input: Json;
  readonly lookup: Lookup;
  /** Milliseconds since the epoch: what jq's `now` means. */
  readonly now: number;
  readonly work?: EvaluationWork;
}

/** What the expressions of a turn, or of a question, cost together. */
export interface EvaluationWork {
  /** Steps that they have taken. */
  steps: number;
  /** Steps that they may take. */
  readonly max: number;
  /** Whether more of them are to be taken elsewhere, and do not fail. */
  readonly isShared?: boolean;
}

export type Evaluate = (env: Env) => Json;

/** Compiles an expression for a place where the variables `names` exist. */
export function compileExpression(
  source: string,
  names: ReadonlySet<string>,
): Result<Evaluate, string> {
  const compiled = compileCached(source, { variables: [...names].sort() });
  return compiled.ok ? ok(evaluator(compiled.value)) : err(compiled.error.message);
}

/** Only the variables that the program uses are computed, each time it is evaluated. */
function evaluator(program: JqProgram): Evaluate {
  const names = program.variables;
  return ({ input, lookup, now, work }) => {
    // Without a prototype: a variable may be called `__proto__`.
    const variables = Object.create(null) as Record<string, Json>;
    for (const name of names) variables[name] = lookup(name);
    const env = { variables, now: now / 1_000 };
    if (work === undefined) return program.first(input, env) ?? null;
    const fuel = Math.min(work.max - work.steps, evaluationMax);
    try {
      return program.first(input, { ...env, gauge: work, fuel }) ?? null;
    } catch (thrown) {
      if (work.isShared === true && isLimit(thrown)) throw new TooHeavy();
      throw thrown;
    }
  };
}

/** Steps that one expression may take, wherever it is evaluated. */
const evaluationMax = DEFAULT_LIMITS.fuel;

/** Whether an expression needs more than it may have; otherwise it failed. */
export function isLimit(thrown: unknown): boolean {
  return thrown instanceof JqError && thrown.kind === 'limit';
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
