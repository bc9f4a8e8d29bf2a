import type {
  AgentTurn,
  AgentTurnEvent,
  Author,
  Catalogue,
  Directory,
  Lock,
} from '@parley/contracts';

/** What an answer is made from besides the turn itself. */
export interface TurnContext {
  readonly catalogue: Catalogue;
  readonly directory: Directory;
  /** The documents outside of the draft, as far as they could be read; absent when it has none. */
  readonly lock?: Lock;
  readonly signal: AbortSignal;
}

export type AnswerEvent = Exclude<AgentTurnEvent, { event: 'failed' }>;

/** Something that answers turns: the offline planner or a model. */
export interface Answerer {
  readonly agent: Author;
  /** `provider/model`, when a model answers. */
  readonly model?: string;
  /**
   * Deltas as they are produced, then `done`.
   * @throws AppError that says what keeps it from answering, and whether another try may succeed
   */
  answer(turn: AgentTurn, context: TurnContext): AsyncIterable<AnswerEvent>;
}
