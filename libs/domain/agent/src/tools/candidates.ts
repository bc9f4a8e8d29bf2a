import type { Catalogue } from '@parley/contracts';
import { indexCatalogue, type IndexedOperation } from '../catalogue/search.js';
import { tokenize } from '../language/tokens.js';
import { rank } from '../plan/match.js';
import type { Intent } from '../request/intents.js';
import { parseRequest } from '../request/parse.js';

/** An operation that a model may use in one turn. */
export interface Candidate {
  /** `connector/operation`, as tools name it. */
  readonly key: string;
  readonly connector: string;
  readonly operation: IndexedOperation['operation'];
  readonly label: string;
  /** How well it fits the clause that found it, between 0 and about 1. */
  readonly score: number;
}

/** Candidates of one clause, at least. */
const perClauseMin = 3;

/**
 * The operations that a request may be about: the best of every clause first, then of the whole
 * text, at most `k`. Deterministic.
 */
export function candidates(catalogue: Catalogue, text: string, k = 10): Candidate[] {
  const index = indexCatalogue(catalogue);
  const { intents, trigger } = parseRequest(text, index.verbs);
  const context = (trigger ?? []).map((token) => token.stem);
  const actions = intents.flatMap(actionsIn);
  const perClause = Math.max(perClauseMin, Math.ceil(k / Math.max(1, actions.length)));
  const best = new Map<string, Candidate>();
  const note = (operation: IndexedOperation, score: number) => {
    const { key, connector, label } = operation;
    if ((best.get(key)?.score ?? -1) >= score) return;
    best.set(key, { key, connector, operation: operation.operation, label, score });
  };
  for (const { verb, words } of actions) {
    for (const { operation, score } of rank(index, { verb, words, context }).slice(0, perClause)) {
      note(operation, score);
    }
  }
  const words = tokenize(text).filter((token) => token.kind === 'word');
  for (const { operation, score } of rank(index, { verb: '', words, context }).slice(0, k)) {
    note(operation, score * 0.8);
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1))
    .slice(0, k);
}

function actionsIn(intent: Intent): Extract<Intent, { kind: 'action' }>[] {
  switch (intent.kind) {
    case 'action':
      return [intent];
    case 'if':
      return [...intent.then, ...intent.otherwise].flatMap(actionsIn);
    case 'each':
      return intent.body.flatMap(actionsIn);
    case 'guard':
      return [...intent.body, ...intent.onError].flatMap(actionsIn);
    case 'parallel':
      return intent.branches.flatMap(actionsIn);
    default:
      return [];
  }
}
