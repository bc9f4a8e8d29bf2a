import type { Catalogue, Diagnostic, SideEffect } from '@parley/contracts';
import { irFormat, sealIr, type Ir } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { sideEffectsOf } from '../side-effects.js';
import { parseDefinition, type ParsedSource } from '../source/parse.js';
import type { Context } from './context.js';
import { compileTaskList, finishedNodes } from './task-list.js';
import { compileWorkflow, declaredNames } from './workflow.js';

/** What a definition is compiled against. */
export interface CompileOptions {
  /** Operations that `call: connector` may name; without it they are not checked. */
  readonly catalogue?: Catalogue;
  /** The zone for schedules when the definition names none. */
  readonly timezone?: string;
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

/** Compiles a definition. Equal definitions and catalogues give equal IR. */
export function compileDefinition(source: string, options: CompileOptions = {}): Compilation {
  return compileParsed(parseDefinition(source), options);
}

/** The same for a text that has been read already. */
export function compileParsed(parsed: ParsedSource, options: CompileOptions = {}): Compilation {
  const { reporter, root, source } = parsed;
  if (root === undefined)
    return { valid: false, diagnostics: reporter.diagnostics(), sideEffects: [] };
  const ctx: Context = {
    source,
    reporter,
    catalogue: options.catalogue,
    nodes: new Map(),
    scopes: new Map(),
    declared: declaredNames(root),
    compileTasks: (node, place) => {
      compileTaskList(ctx, node, place);
    },
  };
  const head = compileWorkflow(ctx, root, options.timezone);
  const diagnostics = reporter.diagnostics();
  if (reporter.hasErrors || head === undefined)
    return { valid: false, diagnostics, sideEffects: [] };
  const ir = sealIr({
    format: irFormat,
    ...head,
    nodes: finishedNodes(ctx),
    scopes: Object.fromEntries(ctx.scopes),
    root: 'do',
  });
  const inputSchema = ir.input?.schema;
  return {
    valid: true,
    diagnostics,
    ir,
    sideEffects: sideEffectsOf(ir),
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}
