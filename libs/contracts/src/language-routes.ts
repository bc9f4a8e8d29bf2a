import * as definitions from './definitions.js';
import * as tools from './language-tools.js';
import type { Route } from './routes.js';

const mebibyte = 1_048_576;

/** A text of 1 MiB can take 6 MiB as JSON. */
const oneText = 7 * mebibyte;
/** A text with a catalogue and a lock. */
const textWithContext = 16 * mebibyte;
const textsWithContext = 22 * mebibyte;

const common = {
  service: 'dsl-compiler',
  method: 'POST',
  permission: 'read',
  status: 200,
} as const;

/** The tools of the language. What is wrong with a definition is an answer where a tool can say it. */
export const languageRoutes = {
  validateDefinition: {
    ...common,
    path: '/v1/dsl/validate',
    summary: 'Diagnostics of a definition',
    body: tools.ValidateDefinition,
    bodyBytesMax: textWithContext,
    response: tools.ValidationResult,
    errors: ['timeout', 'overloaded'],
  },
  compileDefinition: {
    ...common,
    path: '/v1/dsl/compile',
    summary: 'Compile a definition to IR, with facts about it and the lock on request',
    body: tools.CompileDefinition,
    bodyBytesMax: textWithContext,
    response: tools.CompileResult,
    errors: ['timeout', 'overloaded'],
  },
  formatDefinition: {
    ...common,
    path: '/v1/dsl/format',
    summary: 'A definition in the usual order and layout; comments stay',
    body: tools.FormatDefinition,
    bodyBytesMax: oneText,
    response: tools.RewrittenDefinition,
    errors: ['invalid-definition', 'timeout', 'overloaded'],
  },
  diffDefinitions: {
    ...common,
    path: '/v1/dsl/diff',
    summary: 'Compare two definitions',
    body: tools.DiffDefinitions,
    bodyBytesMax: textsWithContext,
    response: definitions.DefinitionDiff,
    errors: ['timeout', 'overloaded'],
  },
  checkBreaking: {
    ...common,
    path: '/v1/dsl/breaking',
    summary:
      'What callers of a workflow notice of a new version, and the version number it deserves',
    body: tools.CheckBreaking,
    bodyBytesMax: textsWithContext,
    response: tools.BreakingReport,
    errors: ['invalid-definition', 'timeout', 'overloaded'],
  },
  graphDefinition: {
    ...common,
    path: '/v1/dsl/graph',
    summary: 'The picture of a definition',
    body: tools.ValidateDefinition,
    bodyBytesMax: textWithContext,
    response: definitions.DefinitionGraph,
    errors: ['invalid-definition', 'timeout', 'overloaded'],
  },
  completeDefinition: {
    ...common,
    path: '/v1/dsl/complete',
    summary: 'What can be written at a position',
    body: tools.AtPosition,
    bodyBytesMax: textWithContext,
    response: tools.CompletionResult,
    errors: ['timeout', 'overloaded'],
  },
  hoverDefinition: {
    ...common,
    path: '/v1/dsl/hover',
    summary: 'What there is to say about a position',
    body: tools.AtPosition,
    bodyBytesMax: textWithContext,
    response: tools.HoverResult,
    errors: ['timeout', 'overloaded'],
  },
  renameInDefinition: {
    ...common,
    path: '/v1/dsl/rename',
    summary: 'Give a step, or something in `use`, another name wherever it is named',
    body: tools.RenameInDefinition,
    bodyBytesMax: oneText,
    response: tools.RewrittenDefinition,
    errors: ['invalid-definition', 'timeout', 'overloaded'],
  },
  migrateDefinition: {
    ...common,
    path: '/v1/dsl/migrate',
    summary: 'Bring a definition of DSL 0.8 to 1.0, with a report of what could not be brought',
    body: tools.MigrateDefinition,
    bodyBytesMax: oneText,
    response: tools.MigratedDefinition,
    errors: ['invalid-definition', 'timeout', 'overloaded'],
  },
  suggestImprovements: {
    ...common,
    path: '/v1/dsl/suggest',
    summary: 'What would make a definition better',
    body: tools.SuggestImprovements,
    bodyBytesMax: textWithContext,
    response: tools.ImprovementList,
    errors: ['timeout', 'overloaded'],
  },
} as const satisfies Record<string, Omit<Route, 'id'>>;
