import type { Catalogue, Diagnostic, SideEffect } from '@parley/contracts';
import { sealIr, type Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { checkDefinition } from '../check/check.js';
import type { Lock } from '../lock/lock.js';
import { lowerDefinition } from '../lower/lower.js';
import { sideEffectsOf } from '../side-effects.js';
import { parseDefinition, type ParsedSource } from '../source/parse.js';
import { reportExecutors, reportUnavailable } from './unavailable.js';

/** What a definition is compiled against. */
export interface CompileOptions {
  /** Operations that `call: connector` may name; without it they are not checked. */
  readonly catalogue?: Catalogue;
  /** The zone for schedules when the definition names none. */
  readonly timezone?: string;
  /** The documents outside of the definition, as they were when they were fetched. */
  readonly lock?: Lock;
  /** What it is that such a document is not in the lock; a warning when absent. */
  readonly unresolved?: 'warning' | 'error';
}

export interface Validation {
  readonly valid: boolean;
  readonly diagnostics: Diagnostic[];
}

export interface Compilation extends Validation {
  /** Present when there is no error. */
  readonly ir?: Ir;
  readonly sideEffects: SideEffect[];
  /** JSON Schema of the workflow's input, when it declares one. */
  readonly inputSchema?: Json;
}

/** Whether a definition is right, and everything that is wrong with it. */
export function validateDefinition(source: string, options: CompileOptions = {}): Validation {
  const { valid, diagnostics } = compileDefinition(source, options);
  return { valid, diagnostics };
}

/** Compiles a definition. Equal definitions, catalogues and locks give equal IR. */
export function compileDefinition(source: string, options: CompileOptions = {}): Compilation {
  return compileParsed(parseDefinition(source), options);
}

/** The same for a text that has been read already. */
export function compileParsed(parsed: ParsedSource, options: CompileOptions = {}): Compilation {
  const ir = irOf(parsed, options);
  const diagnostics = parsed.reporter.diagnostics();
  if (ir === undefined) return { valid: false, diagnostics, sideEffects: [] };
  const inputSchema = ir.input?.schema;
  return {
    valid: true,
    diagnostics,
    ir,
    sideEffects: sideEffectsOf(ir),
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}

function irOf({ reporter, root }: ParsedSource, options: CompileOptions): Ir | undefined {
  if (root === undefined) return undefined;
  checkDefinition(root, reporter, options);
  if (reporter.hasErrors) return undefined;
  const lowered = lowerDefinition(root, options);
  if (!lowered.ok) {
    reporter.report('PL1061', root, { message: lowered.error });
    return undefined;
  }
  const ir = sealIr(lowered.value);
  reportUnavailable(root, reporter, ir);
  reportExecutors(root, reporter, ir);
  return ir;
}
