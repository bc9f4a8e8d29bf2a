import { z } from 'zod';
import { Catalogue } from './connectors.js';
import { Diagnostic, Position, SideEffect } from './definitions.js';
import { DefinitionFacts } from './facts.js';
import { JsonValue } from './ids.js';

/** Largest text of a definition, in UTF-16 code units. */
const sourceLengthMax = 1_048_576;
/** Largest number of external documents of one definition. */
const externalsMax = 200;

const Source = z.string().max(sourceLengthMax).describe('The definition, YAML or JSON');

/** A stretch of a text; the end is behind its last character. */
export const TextRange = z.object({ start: Position, end: Position }).meta({ id: 'TextRange' });
export type TextRange = z.infer<typeof TextRange>;

/** An external document as it was read. */
export const LockedExternal = z
  .object({
    kind: z.enum(['openapi', 'asyncapi', 'proto', 'function', 'schema', 'agent-card', 'script']),
    uri: z.string().max(8_192),
    sha256: z.string().describe("SHA-256 of the document's bytes, in hex"),
    content: JsonValue,
  })
  .meta({ id: 'LockedExternal' });
export type LockedExternal = z.infer<typeof LockedExternal>;

/** Pins the external documents of a definition: with the same lock it means the same. */
export const Lock = z
  .object({ externals: z.array(LockedExternal).max(externalsMax) })
  .meta({ id: 'Lock' });
export type Lock = z.infer<typeof Lock>;

/** An external document that there is none of, and why. */
export const MissingExternal = z
  .object({
    kind: z.string(),
    uri: z.string(),
    pointer: z.string().describe('JSON Pointer of the reference'),
    reason: z.string(),
  })
  .meta({ id: 'MissingExternal' });
export type MissingExternal = z.infer<typeof MissingExternal>;

/** What a definition is read against. */
const languageContext = {
  /** Operations that `call: connector` may name; without it they are not checked. */
  catalogue: Catalogue.optional(),
  /** The zone for schedules when the definition names none. */
  timezone: z.string().optional(),
  /** The external documents, as pinned before. */
  lock: Lock.optional(),
};

/** Body of `POST /v1/dsl/validate` and `/v1/dsl/graph`. */
export const ValidateDefinition = z
  .strictObject({
    source: Source,
    ...languageContext,
    resolve: z
      .boolean()
      .optional()
      .describe('Fetch the external documents that the lock does not have; default false'),
    unresolved: z
      .enum(['warning', 'error'])
      .optional()
      .describe('What an external document is that nobody has fetched; default warning'),
  })
  .meta({ id: 'ValidateDefinition' });
export type ValidateDefinition = z.infer<typeof ValidateDefinition>;

/** Body of `POST /v1/dsl/compile`. */
export const CompileDefinition = ValidateDefinition.extend({
  facts: z.boolean().optional().describe('Also answer with facts; default false'),
}).meta({ id: 'CompileDefinition' });
export type CompileDefinition = z.infer<typeof CompileDefinition>;

export const ValidationResult = z
  .object({ valid: z.boolean(), diagnostics: z.array(Diagnostic) })
  .meta({ id: 'ValidationResult' });
export type ValidationResult = z.infer<typeof ValidationResult>;

export const CompileResult = z
  .object({
    valid: z.boolean(),
    diagnostics: z.array(Diagnostic),
    /** The IR (format `parley.ir/1`); present when valid. */
    ir: JsonValue.optional(),
    sideEffects: z.array(SideEffect),
    /** JSON Schema of the workflow's input, when it declares one. */
    inputSchema: JsonValue.optional(),
    /** Present when asked for and valid. */
    facts: DefinitionFacts.optional(),
    /** What was given and what was fetched; present when it was asked to resolve. */
    lock: Lock.optional(),
    missing: z
      .array(MissingExternal)
      .optional()
      .describe('What could not be fetched, when it was asked to resolve'),
  })
  .meta({ id: 'CompileResult' });
export type CompileResult = z.infer<typeof CompileResult>;

/** Body of `POST /v1/dsl/format`. */
export const FormatDefinition = z.strictObject({ source: Source }).meta({ id: 'FormatDefinition' });
export type FormatDefinition = z.infer<typeof FormatDefinition>;

/** A text that a tool has rewritten. */
export const RewrittenDefinition = z
  .object({ source: z.string(), changed: z.boolean() })
  .meta({ id: 'RewrittenDefinition' });
export type RewrittenDefinition = z.infer<typeof RewrittenDefinition>;

/** Body of `POST /v1/dsl/diff`. */
export const DiffDefinitions = z
  .strictObject({ before: Source, after: Source, ...languageContext })
  .meta({ id: 'DiffDefinitions' });
export type DiffDefinitions = z.infer<typeof DiffDefinitions>;

/** Body of `POST /v1/dsl/breaking`. */
export const CheckBreaking = z
  .strictObject({ before: Source, after: Source, ...languageContext })
  .meta({ id: 'CheckBreaking' });
export type CheckBreaking = z.infer<typeof CheckBreaking>;

/** One difference between two versions that callers, listeners or schedules can notice. */
export const BreakingChange = z
  .object({
    area: z.enum(['document', 'input', 'output', 'events', 'schedule']),
    pointer: z
      .string()
      .describe('JSON Pointer into the later definition, or the earlier when gone'),
    message: z.string(),
    breaking: z.boolean(),
  })
  .meta({ id: 'BreakingChange' });
export type BreakingChange = z.infer<typeof BreakingChange>;

export const BreakingReport = z
  .object({
    breaking: z.boolean(),
    bump: z.enum(['none', 'patch', 'minor', 'major']).describe('What the version number deserves'),
    /** The version number that the later definition deserves, when the earlier one has one. */
    version: z.string().optional(),
    sufficient: z
      .boolean()
      .describe('Whether the version number of the later definition says so already'),
    changes: z.array(BreakingChange),
  })
  .meta({ id: 'BreakingReport' });
export type BreakingReport = z.infer<typeof BreakingReport>;

/** Body of `POST /v1/dsl/complete` and `/v1/dsl/hover`. */
export const AtPosition = z
  .strictObject({ source: Source, position: Position, ...languageContext })
  .meta({ id: 'AtPosition' });
export type AtPosition = z.infer<typeof AtPosition>;

export const CompletionItem = z
  .object({
    label: z.string(),
    kind: z.enum(['member', 'task', 'value', 'reference', 'variable', 'function', 'snippet']),
    detail: z.string().optional(),
    documentation: z.string().optional().describe('Markdown'),
    insertText: z.string().describe('Takes the place of the range'),
  })
  .meta({ id: 'CompletionItem' });
export type CompletionItem = z.infer<typeof CompletionItem>;

export const CompletionResult = z
  .object({ range: TextRange, items: z.array(CompletionItem) })
  .meta({ id: 'CompletionResult' });
export type CompletionResult = z.infer<typeof CompletionResult>;

export const HoverResult = z
  .object({
    hover: z
      .object({ range: TextRange, markdown: z.string() })
      .optional()
      .describe('Absent: there is nothing to say about this place'),
  })
  .meta({ id: 'HoverResult' });
export type HoverResult = z.infer<typeof HoverResult>;

/** Body of `POST /v1/dsl/rename`. */
export const RenameInDefinition = z
  .strictObject({
    source: Source,
    what: z
      .union([
        z.string().max(8_192).describe('Name path: do/checkStock, use/retries/usual'),
        Position.describe('Where the name is given or used'),
      ])
      .describe('A step, or something that `use` declares'),
    name: z.string().max(1_024).describe('The new name'),
  })
  .meta({ id: 'RenameInDefinition' });
export type RenameInDefinition = z.infer<typeof RenameInDefinition>;

/** Body of `POST /v1/dsl/migrate`. */
export const MigrateDefinition = z
  .strictObject({ source: z.string().max(sourceLengthMax).describe('A definition in DSL 0.8') })
  .meta({ id: 'MigrateDefinition' });
export type MigrateDefinition = z.infer<typeof MigrateDefinition>;

/** What became of one part of the old definition. */
export const MigrationNote = z
  .object({
    pointer: z.string().describe('JSON Pointer into the old definition'),
    severity: z.enum(['mapped', 'approximated', 'dropped']),
    message: z.string(),
  })
  .meta({ id: 'MigrationNote' });
export type MigrationNote = z.infer<typeof MigrationNote>;

export const MigratedDefinition = z
  .object({ definition: z.string(), report: z.array(MigrationNote) })
  .meta({ id: 'MigratedDefinition' });
export type MigratedDefinition = z.infer<typeof MigratedDefinition>;

/** Body of `POST /v1/dsl/suggest`. */
export const SuggestImprovements = z
  .strictObject({ source: Source, ...languageContext })
  .meta({ id: 'SuggestImprovements' });
export type SuggestImprovements = z.infer<typeof SuggestImprovements>;

/** Something that would make a valid definition better. */
export const Improvement = z
  .object({
    code: z.string().describe('Stable code, PS2xxx'),
    message: z.string(),
    pointer: z.string(),
    range: TextRange,
    fix: z.object({ title: z.string(), range: TextRange, newText: z.string() }).optional(),
  })
  .meta({ id: 'Improvement' });
export type Improvement = z.infer<typeof Improvement>;

export const ImprovementList = z
  .object({
    suggestions: z.array(Improvement),
    /** Suggestions are made for valid definitions only. */
    diagnostics: z.array(Diagnostic),
  })
  .meta({ id: 'ImprovementList' });
export type ImprovementList = z.infer<typeof ImprovementList>;
