import { err, ok, type Json, type Result } from '@parley/kernel';
import { analyse, type Facts, type PathRead } from './analysis.js';
import { compiler } from './compile/compiler.js';
import type { Core } from './core.js';
import { locate, overLimit, SyntaxFault, type JqSyntaxError } from './errors.js';
import { Meter, SOURCE_LENGTH_MAX, type Limits } from './limits.js';
import { checkOutput } from './output.js';
import { resolve } from './resolve.js';
import { BreakSignal, NONE, type Scalar, type Stream } from './runtime.js';
import { parse } from './syntax/parser.js';

export interface CompileOptions {
  /** Names, without `$`, that the environment of a run will give. Others do not compile. */
  readonly variables?: readonly string[];
}

export interface RunEnv {
  /** A value for every variable that the program uses. */
  readonly variables?: Readonly<Record<string, Json>>;
  /** What `now` is: seconds since the epoch. */
  readonly now?: number;
  readonly limits?: Limits;
  /** Steps that it may take, in place of `limits.fuel`. */
  readonly fuel?: number;
  /** Its steps are added here, also when it fails. */
  readonly gauge?: { steps: number };
  /**
   * Whether numbers of the output keep the spelling of their source (`1.0`, `1E+2`), and computed ones
   * are spelled as jq does. Without it only those stay `JsonNumber`s that a double cannot carry.
   */
  readonly exact?: boolean;
}

/** A compiled program. It holds no state: one program serves any number of runs. */
export interface Program extends Facts {
  readonly source: string;
  /** All outputs. Throws a `JqError`. Inputs are never changed; outputs may share parts of them. */
  run(input: Json, env?: RunEnv): Json[];
  /**
   * Hands over the outputs as they come, so that those before an error are seen. `use` returns true to
   * want no more. Throws a `JqError`.
   */
  each(input: Json, use: (output: Json) => boolean | undefined, env?: RunEnv): void;
  /** The first output, without computing others; undefined when there is none. Throws a `JqError`. */
  first(input: Json, env?: RunEnv): Json | undefined;
}

export type { PathRead };

/** Compiles a jq program, or says where and why it is none. */
export function compile(
  source: string,
  options: CompileOptions = {},
): Result<Program, JqSyntaxError> {
  const variables = (options.variables ?? []).map((name) => name.replace(/^\$/, ''));
  try {
    if (source.length > SOURCE_LENGTH_MAX) {
      const span = { offset: SOURCE_LENGTH_MAX, length: source.length - SOURCE_LENGTH_MAX };
      throw new SyntaxFault('syntax', `longer than ${SOURCE_LENGTH_MAX} characters`, span);
    }
    const core = resolve(parse(source), source, variables);
    return ok(new CompiledProgram(source, core, variables));
  } catch (fault) {
    if (fault instanceof SyntaxFault) return err(locate(fault, source));
    // Chains of operators are as deep as they are long.
    if (fault instanceof RangeError) return err(locate(tooLong(source), source));
    throw fault;
  }
}

function tooLong({ length }: string): SyntaxFault {
  return new SyntaxFault('syntax', 'nested too deep', { offset: 0, length });
}

class CompiledProgram implements Program {
  readonly variables: readonly string[];
  readonly paths: readonly PathRead[];
  readonly usesNow: boolean;
  private readonly stream: Stream;
  /** Of a program that has one output at most. */
  private readonly scalar: Scalar | undefined;

  constructor(
    readonly source: string,
    core: Core,
    private readonly declared: readonly string[],
  ) {
    const facts = analyse(core);
    this.variables = facts.variables;
    this.paths = facts.paths;
    this.usesNow = facts.usesNow;
    this.stream = compiler.stream(core);
    this.scalar = core.card === 'many' ? undefined : compiler.scalar(core);
  }

  run(input: Json, env: RunEnv = NO_ENV): Json[] {
    if (this.scalar !== undefined) {
      const output = this.only(this.scalar, input, env);
      return output === undefined ? [] : [output];
    }
    const outputs: Json[] = [];
    this.each(input, (output) => void outputs.push(output), env);
    return outputs;
  }

  each(input: Json, use: (output: Json) => boolean | undefined, env: RunEnv = NO_ENV): void {
    const meter = this.meter(env);
    const size = { nodes: 0, exact: meter.exact };
    let count = 0;
    try {
      this.stream(input, { value: null, up: undefined, meter }, (output) => {
        count += 1;
        if (count > meter.limits.outputs) {
          throw overLimit(`more than ${meter.limits.outputs} outputs`);
        }
        return use(checkOutput(output, meter.limits, size)) === true;
      });
    } catch (error) {
      throw explained(error);
    } finally {
      if (env.gauge !== undefined) env.gauge.steps += meter.spent;
    }
  }

  first(input: Json, env: RunEnv = NO_ENV): Json | undefined {
    return this.scalar === undefined
      ? this.firstOf(input, env)
      : this.only(this.scalar, input, env);
  }

  /** Without the closures that count outputs: there is one at most. */
  private only(scalar: Scalar, input: Json, env: RunEnv): Json | undefined {
    const meter = this.meter(env);
    try {
      const output = scalar(input, { value: null, up: undefined, meter });
      if (output === NONE) return undefined;
      const { limits, exact } = meter;
      if (limits.outputs < 1) throw overLimit(`more than ${limits.outputs} outputs`);
      if ((typeof output === 'string' || typeof output === 'boolean') && limits.outputNodes >= 1) {
        return output;
      }
      return checkOutput(output, limits, { nodes: 0, exact });
    } catch (error) {
      throw explained(error);
    } finally {
      if (env.gauge !== undefined) env.gauge.steps += meter.spent;
    }
  }

  private firstOf(input: Json, env: RunEnv): Json | undefined {
    let first: Json | undefined;
    this.each(
      input,
      (output) => {
        first = output;
        return true;
      },
      env,
    );
    return first;
  }

  private meter(run: RunEnv): Meter {
    return new Meter(this.globals(run.variables), run);
  }

  private globals(given: RunEnv['variables']): readonly (Json | undefined)[] {
    if (this.declared.length === 0) return NO_GLOBALS;
    return this.declared.map((name) =>
      given !== undefined && Object.hasOwn(given, name) ? given[name] : undefined,
    );
  }
}

const NO_GLOBALS: readonly undefined[] = [];
const NO_ENV: RunEnv = {};

/** The stack of the process is a limit too, however deep the caller already was. */
function explained(error: unknown): unknown {
  if (error instanceof RangeError) return overLimit('evaluation is nested too deep', error);
  if (error instanceof BreakSignal) {
    return new Error('invariant broken: a break left its label', { cause: error });
  }
  return error;
}
