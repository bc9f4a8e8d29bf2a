export { planTurn } from './turn/plan-turn.js';
export type { PlannerContext, PlannerReply, PlannerTurn } from './turn/turn.js';
