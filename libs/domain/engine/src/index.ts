export { advance, wasTaken } from './machine/advance.js';
export { judgeOverlay, type OverlayTarget } from './machine/overlay.js';
export type { Turn } from './machine/turn.js';
export { cloudEventOf, eventIdentity } from './cloud-event.js';
export { Fault } from './errors.js';
export { isInteresting } from './event-interest.js';
export type { EventInterest } from './listen-entries.js';
export { framesFrom, type LiveFrames } from './live-frames.js';
export { jsonSize, knownJsonSize, mayHoldGrown } from './json-size.js';
export { evolve, fold } from './evolve.js';
export { loadProgram } from './load-program.js';
export type { LoadedIr, LoadOptions, LoadProblem, SchemaCheck } from './loaded-ir.js';
export {
  initialState,
  snapshotFormat,
  stateOfWritten,
  type CallFrame,
  type DispatchedCall,
  type Failure,
  type Frame,
  type Ready,
  type RunPhase,
  type RunState,
  type Suspension,
  type Timer,
  type TimerPurpose,
  type WrittenState,
} from './state.js';
export type { Entry, EntryBody, EntryKind, Place, Reentry } from './entries.js';
export {
  isCallOpen,
  pendingEffects,
  type Abort,
  type ArmTimer,
  type CallEffect,
  type CancelTimer,
  type CloseApproval,
  type Effect,
  type OpenApproval,
  type Recovery,
} from './effects.js';
export type {
  ApplyOverlay,
  ApprovalDecided,
  CallCompleted,
  CallFailed,
  Cancel,
  Continue,
  Label,
  Rejection,
  RetryStep,
  Resume,
  SkipStep,
  Start,
  StartFrom,
  Stimulus,
  StimulusBody,
  StimulusKind,
  Suspend,
  Terminate,
  TimerFired,
  UnknownOutcome,
} from './stimuli.js';
export {
  canonicalErrorType,
  errorMatches,
  errorToJson,
  errorTypes,
  runError,
  TooHeavy,
  type ErrorTypeName,
  type RunError,
} from './errors.js';
export {
  logicalOccurrence,
  parseOccurrence,
  formatOccurrence,
  rootOccurrence,
  type Occurrence,
  type OccurrenceStep,
  type ParsedOccurrence,
} from './occurrence.js';
export {
  baseLevel,
  journalLevel,
  levelOf,
  levelOfFeature,
  levelOfKind,
  levelOfStimulus,
  type LevelledFeature,
} from './journal-levels.js';
export type { AppliedOverlay, OverlaidTasks, OverlayGiven, TaskTest } from './overlay-entries.js';
export { revisionOf, testsOf } from './overlays.js';
export type { ProcessResult } from './process-output.js';
export {
  collect,
  concerns,
  isComplete,
  isSingle,
  loadTrigger,
  startedBy,
  type Collecting,
  type Collection,
  type LoadedTrigger,
} from './collector.js';
export { idempotencyKey } from './keys.js';
export { withoutCredentials } from './credentials.js';
export {
  isStalled,
  isTerminal,
  runStateTable,
  runStatuses,
  stateOf,
  type CommandAnswer,
  type RunStatus,
} from './run-states.js';
export {
  isName,
  isPlainText,
  labelLimits,
  noLabels,
  type AttributeValue,
  type LabelChange,
  type Labels,
} from './labels.js';
export { priorityOf, unlessMedium } from './priority.js';
export { defaultLimits, type EngineLimits } from './limits.js';
export { durationToMs, isoTime } from './durations.js';
export { timeline, Timeline, type Step, type StepAttempt, type StepStatus } from './timeline.js';
export { effectsOfRun, planRerun, type RerunPlan } from './rerun.js';
export type { StateBefore } from './rerun-entries.js';
export { queryRun, type QueryProblem } from './query.js';
export { waitsOf, type Wait } from './waits.js';
export { describeEntry, type DescribedEntry } from './history/describe-entry.js';
export { shownEntry } from './history/shown.js';
export {
  exportFormat,
  readExport,
  RunExporter,
  type ExportedTurn,
  type ExportEnd,
  type JournaledTurn,
  type RunExport,
} from './history/run-export.js';
export { replayCheck, type Difference, type ReplayReport } from './history/replay-check.js';
export {
  dryRun,
  dryRunLoaded,
  MockFailure,
  type DryRun,
  type DryRunCall,
  type DryRunHandlers,
  type DryRunOptions,
  type MockDecision,
} from './dry-run.js';
