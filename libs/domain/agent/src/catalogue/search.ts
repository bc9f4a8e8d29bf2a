import type { Catalogue } from '@parley/contracts';
import { isStopWord, synonymsOf } from '../language/lexicon.js';
import { stemsOf } from '../language/stem.js';
import { readOperation, type CatalogueOperation } from './operation.js';
import { propertiesOf, choicesOf } from './schema.js';

/** How much it says when a word occurs in a part of an operation's description. */
const weights = {
  name: 1,
  summary: 1,
  path: 0.85,
  tag: 0.8,
  connector: 0.55,
  description: 0.55,
  input: 0.5,
  output: 0.35,
} as const;

/** A synonym counts less than the word itself. */
const synonymWeight = 0.8;

/** An operation with the words it can be found by. */
export interface IndexedOperation extends CatalogueOperation {
  /** Strength of each stem, between 0 and 1. */
  readonly terms: ReadonlyMap<string, number>;
  /** Stems of its name and summary without verbs of no meaning. */
  readonly title: ReadonlySet<string>;
}

/** The catalogue, prepared for retrieval: rare words weigh more than words that are everywhere. */
export interface SearchIndex {
  readonly operations: readonly IndexedOperation[];
  readonly byKey: ReadonlyMap<string, IndexedOperation>;
  /** Stems of the verbs that the operations' names begin with. */
  readonly verbs: ReadonlySet<string>;
  rarity(term: string): number;
  /** Whether any operation knows the word or a synonym of it. */
  knows(term: string): boolean;
}

export function indexCatalogue(catalogue: Catalogue): SearchIndex {
  const operations = catalogue.connectors.flatMap((connector) =>
    connector.operations.map((operation) => {
      const read = readOperation(connector, operation);
      return { ...read, terms: termsOf(read, connector.title), title: titleOf(read) };
    }),
  );
  const frequency = new Map<string, number>();
  for (const { terms } of operations) {
    for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  const count = operations.length;
  const rarity = (term: string) =>
    Math.log(1 + count / (0.5 + (frequency.get(term) ?? 0))) / Math.log(1 + count * 2);
  return {
    operations,
    byKey: new Map(operations.map((operation) => [operation.key, operation])),
    verbs: new Set(operations.flatMap((operation) => [...operation.verbs])),
    rarity,
    knows: (term) =>
      frequency.has(term) || [...synonymsOf(term)].some((synonym) => frequency.has(synonym)),
  };
}

/** For work on a text that needs no catalogue. */
export const emptyIndex: SearchIndex = indexCatalogue({ connectors: [] });

/** How strongly an operation is about a word, between 0 and 1. */
export function strength(operation: IndexedOperation, term: string): number {
  const own = operation.terms.get(term) ?? 0;
  if (own >= synonymWeight) return own;
  let best = own;
  for (const synonym of synonymsOf(term)) {
    best = Math.max(best, (operation.terms.get(synonym) ?? 0) * synonymWeight);
  }
  return best;
}

function titleOf({ operation }: CatalogueOperation): Set<string> {
  const words = [...stemsOf(operation.id), ...stemsOf(operation.summary ?? '')];
  return new Set(words.filter((word) => !isStopWord(word)));
}

function termsOf(read: CatalogueOperation, connectorTitle: string): Map<string, number> {
  const { operation } = read;
  const terms = new Map<string, number>();
  const note = (text: string, weight: number) => {
    for (const term of stemsOf(text)) {
      if (!isStopWord(term) && (terms.get(term) ?? 0) < weight) terms.set(term, weight);
    }
  };
  note(operation.id, weights.name);
  note(operation.summary ?? '', weights.summary);
  note(operation.path.replaceAll(/\{[^}]*\}/g, ' '), weights.path);
  for (const tag of operation.tags) note(tag, weights.tag);
  note(`${read.connector} ${connectorTitle}`, weights.connector);
  note(operation.description ?? '', weights.description);
  for (const input of read.inputs) {
    note(`${input.name} ${input.canonical} ${choicesOf(input.schema).join(' ')}`, weights.input);
  }
  for (const property of propertiesOf(operation.response?.schema, 2)) {
    note(property.name, weights.output);
  }
  return terms;
}
