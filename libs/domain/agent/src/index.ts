export { planTurn } from './turn/plan-turn.js';
export {
  hindrancesAmong,
  hindrancesIn,
  hindrancesInWords,
  idleScheduleInWords,
  newHindrances,
  type Hindrance,
} from './turn/hindrances.js';
export type { PlannerContext, PlannerReply, PlannerTurn } from './turn/turn.js';
export { candidates, type Candidate } from './tools/candidates.js';
export { editTools, type EditTool, type EditToolName } from './tools/edit-tools.js';
export {
  applyToolCall,
  emptyDraft,
  type ToolCall,
  type ToolContext,
  type ToolState,
} from './tools/apply-tool-call.js';
export { summariseChange } from './tools/summarise-change.js';
