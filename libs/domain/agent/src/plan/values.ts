import type { JsonObject } from '@parley/kernel';
import { negativeWords, positiveWords, synonymsOf } from '../language/lexicon.js';
import { stem, stemsOf, wordsOf } from '../language/stem.js';
import {
  choicesOf,
  descriptionOf,
  jqPath,
  propertiesOf,
  typeOf,
  type ValueType,
} from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';

/** A document that steps can read: the input, the result of a step, the item of a loop. */
export interface Source {
  readonly kind: 'input' | 'result' | 'item';
  /** jq of the whole document. */
  readonly jq: string;
  readonly schema: JsonObject;
  /** Stem of what the document describes. */
  readonly entity: string;
  /** Stems by which the request may speak of it. */
  readonly words: ReadonlySet<string>;
  /** The operation that gave it, for results. */
  readonly operation?: IndexedOperation;
  readonly step?: string;
  /** For decisions: nobody may have been asked, and then nobody has refused. */
  readonly conditional?: boolean;
}

/** A value inside a source. */
export interface Found {
  readonly source: Source;
  readonly path: readonly string[];
  readonly name: string;
  readonly schema: JsonObject;
  readonly type: ValueType;
  readonly jq: string;
}

export function valuesOf(source: Source, depth?: number): Found[] {
  return propertiesOf(source.schema, depth).map((property) => ({
    source,
    path: property.path,
    name: property.name,
    schema: property.schema,
    type: typeOf(property.schema),
    jq: source.jq + jqPath(property.path),
  }));
}

/** The words of a name in one form: `order_id`, `orderID` and `orderId` are the same. */
export function nameKey(name: string): string {
  return wordsOf(name).map(stem).join(' ');
}

/** Every name by which a value may be meant: `id` of a thing is also `thingId`. */
export function keysOf(found: Found): Set<string> {
  const keys = new Set([nameKey(found.name)]);
  const parent = found.path.at(-2);
  if (parent !== undefined) keys.add(nameKey(`${parent}_${found.name}`));
  else if (found.source.entity !== '') keys.add(`${found.source.entity} ${nameKey(found.name)}`);
  return keys;
}

/** How well a phrase names a value, between 0 and 1. */
export function nameScore(phrase: readonly string[], found: Found): number {
  if (phrase.length === 0) return 0;
  const own = new Set(found.path.flatMap(stemsOf));
  const described = new Set(stemsOf(descriptionOf(found.schema)));
  const named = new Set(stemsOf(found.name));
  const hit = (word: string): number => {
    if (own.has(word)) return 1;
    if ([...synonymsOf(word)].some((other) => own.has(other))) return 0.8;
    if (found.source.words.has(word) || found.source.entity === word) return 0.55;
    return described.has(word) ? 0.5 : 0;
  };
  const direct = phrase.filter((word) => hit(word) >= 0.8);
  const spoken = phrase.reduce((sum, word) => sum + hit(word), 0) / phrase.length;
  if (direct.length === 0) return spoken * 0.6;
  const covers = (word: string) =>
    phrase.includes(word) || [...synonymsOf(word)].some((other) => phrase.includes(other));
  const about = [...named].filter((word) => covers(word) || word === found.source.entity).length;
  return 0.7 * spoken + (0.3 * about) / Math.max(1, named.size) - 0.01 * (found.path.length - 1);
}

/** A test that a value can be put to, as jq, with words for people. */
export interface Test {
  readonly jq: string;
  readonly label: string;
}

/** What says that the result of a check is good: a flag, a status, a number left. */
export function outcomeTests(source: Source): Test[] {
  const values = valuesOf(source, 2);
  const flags = values.filter(({ type, path }) => type === 'boolean' && path.length === 1);
  const chosen = flags.length > 1 ? preferred(flags, source) : flags;
  if (chosen.length > 0) return chosen.map(flagTest);
  const states = values.flatMap((value) =>
    choicesOf(value.schema)
      .filter((choice) => stemsOf(choice).some((word) => positiveWords.has(word)))
      .filter(
        (choice) => !stemsOf(choice).some((word) => negativeWords.has(word) || word === 'not'),
      )
      .map((choice) => equalsTest(value, choice)),
  );
  if (states.length > 0) return states;
  const left = values.filter(
    ({ type, name }) => type === 'number' && stemsOf(name).some((word) => leftWords.has(word)),
  );
  return left.map(({ jq, name }) => ({ jq: `${jq} > 0`, label: `${name} is above 0` }));
}

const leftWords = new Set('available free remaining left open'.split(' ').map(stem));

function preferred(flags: readonly Found[], { operation }: Source): Found[] {
  const about = flags.filter(({ name }) =>
    stemsOf(name).some((word) => operation?.title.has(word) ?? false),
  );
  if (about.length === 1) return about;
  const good = flags.filter(({ name }) => {
    const words = stemsOf(name);
    return (
      words.some((word) => positiveWords.has(word)) &&
      !words.some((word) => negativeWords.has(word))
    );
  });
  return good.length === 1 ? good : [...flags];
}

/** A flag whose name says that something is wrong is good when it is false. */
export function flagTest(found: Found): Test {
  const words = stemsOf(found.name);
  const bad =
    words.some((word) => negativeWords.has(word)) && !words.some((word) => positiveWords.has(word));
  return bad
    ? { jq: `(${found.jq} | not)`, label: `${found.name} is false` }
    : { jq: found.jq, label: `${found.name} is true` };
}

export function equalsTest(found: Found, choice: string): Test {
  const jq = `${found.jq} == ${JSON.stringify(choice)}`;
  return { jq, label: `${found.name} is "${choice}"` };
}
