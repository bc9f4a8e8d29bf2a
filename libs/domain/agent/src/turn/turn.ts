import type { Answer, Catalogue, ProposedDraft, Suggestion } from '@parley/contracts';
import type { People } from '../plan/world.js';

/** What a person said, and the state that it was said in. */
export interface PlannerTurn {
  readonly text: string;
  readonly answers?: readonly Answer[];
  readonly history?: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly draft?: ProposedDraft;
  /** A run that the turn is about. */
  readonly run?: {
    readonly id: string;
    readonly status: string;
    readonly failedStep?: string;
    readonly error?: { readonly title?: string; readonly detail?: string; readonly type: string };
  };
}

/** What the planner may use. */
export interface PlannerContext {
  readonly catalogue: Catalogue;
  readonly directory: People;
  /** Of the tenant; schedules are read in it. */
  readonly timezone: string;
}

/** The answer to a turn; without a draft the draft stays as it was. */
export interface PlannerReply {
  readonly reply: string;
  readonly draft?: ProposedDraft;
  readonly suggestions: readonly Suggestion[];
}
