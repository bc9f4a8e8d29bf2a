// What the service computes, as one function per tool. It also runs on threads that are started from
// this file's folder, so it imports packages only.
import type {
  AtPosition,
  BreakingReport,
  CheckBreaking,
  CompileDefinition,
  CompletionResult,
  DefinitionDiff,
  DefinitionFacts,
  DefinitionGraph,
  Diagnostic,
  DiffDefinitions,
  FormatDefinition,
  HoverResult,
  ImprovementList,
  MigratedDefinition,
  MigrateDefinition,
  RenameInDefinition,
  RewrittenDefinition,
  SuggestImprovements,
  ValidateDefinition,
  ValidationResult,
} from '@parley/contracts';
import {
  breakingChanges,
  compileDefinition,
  completeAt,
  diffDefinitions,
  formatDefinition,
  graphOf,
  hoverAt,
  LineIndex,
  migrateDefinition,
  renameAt,
  renameStep,
  suggestImprovements,
  validateDefinition,
  type Compilation,
  type CompileOptions,
} from '@parley/dsl';
import { factsOf } from '@parley/ir';
import { err, ok, type Result } from '@parley/kernel';

/** A tool needs a definition without errors, and this one has some. */
export interface NotValid {
  readonly diagnostics: Diagnostic[];
}

type Answer<T> = Result<T, NotValid>;

export interface Compiled extends Compilation {
  readonly facts?: DefinitionFacts;
}

/** Every tool by name, from the body of its request to its answer. */
export const tools = {
  validate: (body: ValidateDefinition): Answer<ValidationResult> => {
    const { valid, diagnostics } = validateDefinition(body.source, optionsOf(body));
    return ok({ valid, diagnostics });
  },
  compile: ({ facts, ...body }: CompileDefinition): Answer<Compiled> => {
    const compilation = compileDefinition(body.source, optionsOf(body));
    const { ir } = compilation;
    return ok(
      facts === true && ir !== undefined ? { ...compilation, facts: factsOf(ir) } : compilation,
    );
  },
  format: ({ source }: FormatDefinition): Answer<RewrittenDefinition> =>
    rewritten(source, formatDefinition(source)),
  diff: ({ before, after, ...body }: DiffDefinitions): Answer<DefinitionDiff> =>
    ok(diffDefinitions(before, after, optionsOf(body))),
  breaking: ({ before, after, ...body }: CheckBreaking): Answer<BreakingReport> => {
    const compared = breakingChanges(before, after, optionsOf(body));
    if (compared.ok) return compared;
    const { before: a, after: b } = compared.error;
    return err({ diagnostics: a.length > 0 ? a : b });
  },
  graph: (body: ValidateDefinition): Answer<DefinitionGraph> => {
    const { ir, diagnostics } = compileDefinition(body.source, optionsOf(body));
    return ir === undefined ? err({ diagnostics }) : ok(graphOf(ir));
  },
  complete: ({ source, position, ...body }: AtPosition): Answer<CompletionResult> => {
    const lines = new LineIndex(source);
    const { from, to, items } = completeAt(source, lines.offset(position), optionsOf(body));
    return ok({ range: lines.range({ start: from, end: to }), items });
  },
  hover: ({ source, position, ...body }: AtPosition): Answer<HoverResult> => {
    const lines = new LineIndex(source);
    const found = hoverAt(source, lines.offset(position), optionsOf(body));
    if (found === undefined) return ok({});
    const { from, to, markdown } = found;
    return ok({ hover: { range: lines.range({ start: from, end: to }), markdown } });
  },
  rename: ({ source, what, name }: RenameInDefinition): Answer<RewrittenDefinition> =>
    rewritten(
      source,
      typeof what === 'string'
        ? renameStep(source, what, name)
        : renameAt(source, new LineIndex(source).offset(what), name),
    ),
  migrate: ({ source }: MigrateDefinition): Answer<MigratedDefinition> => {
    const migrated = migrateDefinition(source);
    if (!migrated.ok) return err({ diagnostics: migrated.error });
    const { definition, report } = migrated.value;
    return ok({ definition, report: [...report] });
  },
  suggest: ({ source, ...body }: SuggestImprovements): Answer<ImprovementList> => {
    const options = optionsOf(body);
    const { valid, diagnostics } = validateDefinition(source, options);
    return ok({ suggestions: valid ? suggestImprovements(source, options) : [], diagnostics });
  },
} as const;

export type Tools = typeof tools;
export type ToolName = keyof Tools;
export type BodyOf<K extends ToolName> = Parameters<Tools[K]>[0];
export type AnswerOf<K extends ToolName> = ReturnType<Tools[K]>;

function optionsOf({ catalogue, timezone, lock, unresolved }: CompileOptions): CompileOptions {
  return { catalogue, timezone, lock, unresolved };
}

function rewritten(
  source: string,
  result: Result<string, Diagnostic[]>,
): Answer<RewrittenDefinition> {
  if (!result.ok) return err({ diagnostics: result.error });
  return ok({ source: result.value, changed: result.value !== source });
}
