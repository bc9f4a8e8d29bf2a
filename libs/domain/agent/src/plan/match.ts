import { isStopWord, synonymsOf, verbClasses } from '../language/lexicon.js';
import { stem } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { isRead } from '../catalogue/operation.js';
import { isListSchema } from '../catalogue/entity.js';
import { strength, type IndexedOperation, type SearchIndex } from '../catalogue/search.js';
import { isAuxiliary, isDeterminer, isPreposition, isPronoun } from '../request/cursor.js';

export interface Ranked {
  readonly operation: IndexedOperation;
  readonly score: number;
  /** How much of what the request speaks of the operation is about. */
  readonly cover: number;
  readonly verbFit: number;
}

/** What an action is looked up with. */
export interface Query {
  readonly verb: string;
  readonly words: readonly Token[];
  /** Stems that an action without an object may be about, the likeliest first. */
  readonly context: readonly string[];
  /** Connectors that are already used in the same workflow. */
  readonly connectors?: ReadonlySet<string>;
}

interface Term {
  readonly stem: string;
  readonly weight: number;
  readonly head: boolean;
}

const factors = { cover: 0.52, verb: 0.3, specific: 0.18 } as const;

/** Operations in the order of how well they fit. */
export function rank(index: SearchIndex, query: Query): Ranked[] {
  const terms = termsOf(query.words);
  const plural = isPlural(query.words);
  const pronoun = isPronoun(query.words[0]) && headOf(query.words) === undefined;
  return index.operations
    .map((operation) => scoreOf(index, operation, { query, terms, plural, pronoun }))
    .filter(({ score }) => score > 0.15)
    .sort((a, b) => b.score - a.score || a.operation.inputs.length - b.operation.inputs.length);
}

interface Read {
  readonly query: Query;
  readonly terms: readonly Term[];
  readonly plural: boolean;
  /** "it" is what the action is about; the words say where to or with what. */
  readonly pronoun: boolean;
}

function scoreOf(index: SearchIndex, operation: IndexedOperation, read: Read): Ranked {
  const { query, terms, plural } = read;
  const verbFit = verbFitOf(operation, query.verb);
  const cover = coverFor(index, operation, read);
  const specific = specificityOf(index, operation, read);
  let score = factors.cover * cover + factors.verb * verbFit + factors.specific * specific;
  if (
    !read.pronoun &&
    !recipientVerbs.has(query.verb) &&
    terms.some(({ head, stem: word }) => head && strength(operation, word) < 0.3)
  ) {
    score -= 0.08;
  }
  if (query.connectors?.has(operation.connector) === true) score += 0.02;
  if (verbFit < 0.3) score *= 0.75 + verbFit / 2;
  if (operation.operation.deprecated) score -= 0.2;
  if (isRead(operation) && operation.reads) {
    const lists = isList(operation);
    if (plural === lists) score += 0.03;
    else score -= 0.03;
  }
  return { operation, score, cover, verbFit };
}

function coverFor(index: SearchIndex, operation: IndexedOperation, read: Read): number {
  const { query, terms, pronoun } = read;
  const near = contextCover(operation, query.context);
  if (terms.length === 0) return near;
  if (recipientVerbs.has(query.verb)) return messageCover(index, operation, read);
  const own = coverOf(index, operation, terms);
  return pronoun ? 0.6 * near + 0.4 * own : own;
}

/** Verbs whose object is who hears of it; some also name the way it is sent. */
const recipientVerbs = new Set(
  'email mail text sms message call notify tell inform alert remind warn ping contact thank'
    .split(' ')
    .map(stem),
);
const channels = new Set('email mail text sms call'.split(' ').map(stem));

function messageCover(index: SearchIndex, operation: IndexedOperation, read: Read): number {
  const { query, terms } = read;
  const said = coverOf(index, operation, terms);
  const sends = [...operation.verbs].some((verb) => verbClasses(verb).has('send'));
  if (channels.has(query.verb)) return 0.75 * strength(operation, query.verb) + 0.25 * said;
  return (sends ? 0.6 : 0) + (sends ? 0.4 : 1) * said;
}

/** Whether an operation answers with many things of one kind. */
function isList({ operation }: IndexedOperation): boolean {
  return isListSchema(operation.response?.schema);
}

function isPlural(words: readonly Token[]): boolean {
  const head = headOf(words);
  return head !== undefined && /[^s]s$/.test(head.lower) && head.stem !== head.lower;
}

/** The noun that an action is about: the last one before the first preposition. */
export function headOf(words: readonly Token[]): Token | undefined {
  const cut = words.findIndex((_token, index) => endsPhrase(words, index));
  const phrase = cut < 0 ? words : words.slice(0, cut);
  return phrase.findLast((token) => isContent(token));
}

/** The first noun phrase ends at a preposition, a clause, or where the next phrase begins. */
function endsPhrase(words: readonly Token[], index: number): boolean {
  const token = words[index];
  if (token === undefined || index === 0) return false;
  if (isPreposition(token) || /^(?:that|saying|because|so|which|who)$/.test(token.lower))
    return true;
  return isArticle(token) && words.slice(0, index).some(isContent);
}

function isArticle(token: Token): boolean {
  return /^(?:the|a|an|their|his|her|its|our|your)$/.test(token.lower);
}

export function isContent(token: Token): boolean {
  return (
    token.kind === 'word' &&
    token.value === undefined &&
    !isDeterminer(token) &&
    !isAuxiliary(token) &&
    !isPreposition(token) &&
    !isStopWord(token.stem)
  );
}

/** The stems that matter of a phrase, what stands after a preposition with less weight. */
function termsOf(words: readonly Token[]): Term[] {
  const head = headOf(words);
  const terms: Term[] = [];
  let weight = 1;
  for (const token of words) {
    if (/^(?:that|saying|because|so)$/.test(token.lower) && terms.length > 0) break;
    if (token.lower === 'of') weight = 0.8;
    else if (token.lower === 'via' || token.lower === 'by') weight = 0.8;
    else if (isArticle(token) && terms.length > 0 && weight === 1) weight = 0.45;
    else if (isPreposition(token)) weight = terms.length === 0 ? 0.9 : 0.45;
    if (!isContent(token)) continue;
    const isHead = token === head;
    terms.push({ stem: token.stem, weight: isHead ? 1.3 : weight, head: isHead });
  }
  return terms;
}

function coverOf(index: SearchIndex, operation: IndexedOperation, terms: readonly Term[]): number {
  let sum = 0;
  let most = 0;
  for (const term of terms) {
    const known = index.knows(term.stem);
    const weight = term.weight * (known ? index.rarity(term.stem) : term.head ? 0.9 : 0.4);
    sum += weight * strength(operation, term.stem);
    most += weight;
  }
  return most === 0 ? 0 : sum / most;
}

function contextCover(operation: IndexedOperation, context: readonly string[]): number {
  let best = 0;
  context.forEach((word, position) => {
    const own = operation.entity === word ? 1 : strength(operation, word);
    best = Math.max(best, own * (1 - 0.06 * Math.min(position, 4)));
  });
  return best;
}

/** How much of an operation's own title the request speaks of. */
function specificityOf(
  index: SearchIndex,
  operation: IndexedOperation,
  { query, terms }: Read,
): number {
  const spoken = new Set([query.verb, ...terms.map((term) => term.stem)]);
  const near = new Set(query.context);
  let sum = 0;
  let most = 0;
  for (const word of operation.title) {
    if (operation.verbs.has(word)) continue;
    const weight = index.rarity(word);
    most += weight;
    if (spoken.has(word)) sum += weight;
    else if ([...synonymsOf(word)].some((other) => spoken.has(other))) sum += weight * 0.8;
    else if (near.has(word)) sum += weight * (terms.length === 0 ? 0.9 : 0.75);
  }
  return most === 0 ? 0.6 : sum / most;
}

const vague = new Set('handle process do perform execute use make take'.split(' ').map(stem));

/** How well the verb of the request fits, between 0 and 1. */
function verbFitOf(operation: IndexedOperation, verb: string): number {
  if (operation.verbs.has(verb)) return 1;
  if (verb === '' || vague.has(verb)) return 0.5;
  const asked = verbClasses(verb);
  const reads = asked.has('read');
  if (operation.title.has(verb)) return 0.85;
  for (const own of operation.verbs) {
    for (const one of verbClasses(own)) {
      if (!asked.has(one)) continue;
      return one === 'read' && !isRead(operation) ? 0.6 : 0.78;
    }
  }
  if (asked.size === 0) return operation.reads ? 0.25 : 0.35;
  if (reads) return isRead(operation) ? 0.6 : 0;
  return operation.reads ? 0 : 0.2;
}
