export {
  compileDefinition,
  validateDefinition,
  type Compilation,
  type CompileOptions,
  type Validation,
} from './compile/compile.js';
export { inputsOf, type OperationInput } from './check/operation-inputs.js';
export { codes, type CodeRow, type DiagnosticCode } from './diagnostics/codes.js';
export { nearest } from './diagnostics/nearest.js';
export { argumentOf, showTemplate, sideEffectOf, sideEffectsOf } from './side-effects.js';
export {
  parseDefinition,
  sourceDepthMax,
  sourceLengthMax,
  type ParsedSource,
} from './source/parse.js';
export { LineIndex } from './source/positions.js';
export { memberOf, toJson, type SourceNode, type Span } from './source/tree.js';
export { isTimezone } from './values/timezone.js';
export { parseCron, type Cron, type CronProblem } from './values/cron.js';
export { describeDuration, formatDuration, parseDuration } from './values/duration.js';
export { applyEdits, editsMax } from './edit/apply.js';
export type {
  AddStep,
  Edit,
  MoveStep,
  Placement,
  RemoveStep,
  RenameStep,
  ReplaceStep,
  SetCondition,
  SetDocument,
  SetInput,
  SetInputSchema,
  SetMember,
  SetSchedule,
  WrapSteps,
} from './edit/edits.js';
export { findStep, stepPaths, type FoundStep } from './edit/locate.js';
export { formatDefinition } from './format/format.js';
export { migrateDefinition } from './migrate/migrate.js';
export { renameAt, renameStep } from './rename/rename.js';
export { renderDefinition } from './render/render.js';
export { completeAt } from './complete/complete.js';
export type { Completion, CompletionList } from './complete/proposal.js';
export { placeOf, stepAt, type StepPlace } from './complete/steps.js';
export { hoverAt, type Hover } from './hover/hover.js';
export { suggestionCodes, type SuggestionCode, type SuggestionRow } from './suggest/codes.js';
export type { Suggestion } from './suggest/report.js';
export { suggestImprovements } from './suggest/suggest.js';
export { describeNode, labelOf, showDuration } from './describe.js';
export { breakingChanges, breakingReport, type NotComparable } from './breaking/breaking.js';
export { diffDefinitions } from './diff/diff.js';
export { unifiedDiff } from './diff/text-diff.js';
export { graphOf } from './graph.js';
export { definitionOf, sourceOf } from './overlay/definition.js';
export { lowerOverlay, type LoweredOverlay, type OverlayProblem } from './overlay/overlay.js';
export { externalsOf, type ExternalReference } from './lock/externals.js';
export type { ExternalKind, Lock, LockedExternal } from './lock/lock.js';
