import type { AgentTurn, AgentTurnEvent, Author, Catalogue, Directory } from '@parley/contracts';

/** What an answer is made from besides the turn itself. */
export interface TurnContext {
  readonly catalogue: Catalogue;
  readonly directory: Directory;
  readonly signal: AbortSignal;
}

/** Something that answers turns: the offline planner or a model. */
export interface Answerer {
  readonly agent: Author;
  /** `provider/model`, when a model answers. */
  readonly model?: string;
  /** Deltas as they are produced, then `done` or `failed`. */
  answer(turn: AgentTurn, context: TurnContext): AsyncIterable<AgentTurnEvent>;
}
