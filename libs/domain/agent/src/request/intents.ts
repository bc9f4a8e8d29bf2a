import type { Token } from '../language/tokens.js';
import type { Schedule } from './schedule.js';

/** What a request asks for, before anything of it is looked up in the catalogue. */
export type Intent =
  | ActionIntent
  | ConditionIntent
  | EachIntent
  | ParallelIntent
  | WaitIntent
  | AskIntent
  | GuardIntent;

/** Something to do: a verb, what it is done to, and the rest of the clause. */
export interface ActionIntent {
  readonly kind: 'action';
  /** Stem of the verb; empty when the clause has none that is known. */
  readonly verb: string;
  /** The clause without its verb. */
  readonly words: readonly Token[];
  /** The clause as written. */
  readonly text: string;
  /** For "check whether X is Y": what an "if so" afterwards refers to. */
  readonly outcome?: Condition;
}

export interface ConditionIntent {
  readonly kind: 'if';
  readonly condition: Condition;
  readonly then: readonly Intent[];
  readonly otherwise: readonly Intent[];
  /** "A and B if C": what A finds out may be what C speaks of. */
  readonly trailing?: boolean;
}

export interface EachIntent {
  readonly kind: 'each';
  /** The noun phrase after "each", with its relative clause. */
  readonly item: readonly Token[];
  /** The noun phrase after "in", when there is one. */
  readonly source: readonly Token[];
  readonly body: readonly Intent[];
}

export interface ParallelIntent {
  readonly kind: 'parallel';
  readonly branches: readonly Intent[];
}

export interface WaitIntent {
  readonly kind: 'wait';
  readonly duration: Duration;
}

export type Duration = Readonly<Partial<Record<'days' | 'hours' | 'minutes' | 'seconds', number>>>;

export interface AskIntent {
  readonly kind: 'ask';
  readonly who: readonly Token[];
  readonly text: string;
  /** Only then somebody is asked. */
  readonly condition?: Condition;
  /** A sentence of its own, after the steps that it is to guard. */
  readonly aside: boolean;
}

/** Steps with what to do when they fail. */
export interface GuardIntent {
  readonly kind: 'guard';
  readonly body: readonly Intent[];
  readonly retries?: number;
  readonly onError: readonly Intent[];
}

export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';

export type Condition =
  | {
      readonly kind: 'compare';
      readonly left: readonly Token[];
      readonly operator: Comparison;
      readonly right: number | string;
      /** "more than 14 days": the unit is part of the meaning. */
      readonly unit?: string;
      readonly text: string;
    }
  | {
      readonly kind: 'missing';
      readonly left: readonly Token[];
      readonly negated: boolean;
      readonly text: string;
    }
  | {
      readonly kind: 'state';
      readonly subject: readonly Token[];
      readonly state: readonly Token[];
      readonly negated: boolean;
      readonly text: string;
    }
  /** "both are fine", "if so", "any of them fails": about the checks just made. */
  | {
      readonly kind: 'checks';
      readonly count: 'last' | 'both' | 'all' | 'any';
      readonly negated: boolean;
      readonly text: string;
    }
  | {
      readonly kind: 'decision';
      readonly approved: boolean;
      /** What it means when nobody has been asked before. */
      readonly state: Condition;
      readonly text: string;
    }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[]; readonly text: string }
  | { readonly kind: 'not'; readonly part: Condition; readonly text: string };

/** A whole request. */
export interface Request {
  readonly text: string;
  /** "when an X is placed": the words of the clause. */
  readonly trigger?: readonly Token[];
  readonly schedule?: {
    readonly schedule: Schedule;
    readonly words: string;
    readonly assumed?: string;
  };
  readonly intents: readonly Intent[];
}

export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.kind === 'quote' ? `"${token.text}"` : token.text))
    .join(' ')
    .replace(/ ([,.;:])/g, '$1');
}
