import type { Question } from '@parley/contracts';
import type { SearchIndex } from '../catalogue/search.js';
import { stem, stemsOf } from '../language/stem.js';
import { tokenize } from '../language/tokens.js';
import { findPeople } from '../plan/people.js';
import type { People } from '../plan/world.js';
import { subjectOf } from './questions.js';

/** What answers may name besides the options that were offered. */
export interface Known {
  readonly index: SearchIndex;
  readonly people: People;
}

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
};

const leads =
  /^(?:(?:please|ok|okay|yes|no|well|then)[, ]+)*(?:i(?:'d| would) (?:say|use|take|choose|ask|pick)|i (?:think|guess|choose|mean|meant)(?: that)?|(?:it|that|this) (?:is|should be|must be|will be)|it's|that's|should be|let's (?:use|ask|take)|make it|go with|use|take|choose|pick|select|ask|let|by|with|via)\s+/i;

/** An answer without what leads up to it: "I think it is", "use", "ask". */
export function withoutLead(said: string): string {
  let plain = said.trim().replace(/(?:,? please)?[.!]*$/i, '');
  for (let rest = plain.replace(leads, ''); rest !== plain; rest = plain.replace(leads, '')) {
    plain = rest;
  }
  return plain;
}

/** The option that a text is, letter for letter: its label, its value, or its position. */
export function namedOption({ options }: Question, said: string): string | undefined {
  const texts = [said.trim(), said.trim().replace(/[.!]+$/, ''), withoutLead(said)].map((text) =>
    text.toLowerCase(),
  );
  const exact = options.find(({ label, value }) =>
    texts.some((text) => text === label.toLowerCase() || text === value.toLowerCase()),
  );
  return exact?.value ?? placedOption(options, texts.at(-1) ?? '');
}

function placedOption(options: Question['options'], plain: string): string | undefined {
  const position =
    /^(?:the\s+|option\s+|number\s+|no\.?\s*|#)?(?:(\d)|([a-z]+))(?:st|nd|rd|th)?(?:\s+(?:one|option|choice))?$/.exec(
      plain,
    );
  const index = position?.[1] !== undefined ? Number(position[1]) : ordinals[position?.[2] ?? ''];
  if (index !== undefined && options[index - 1] !== undefined) return options[index - 1]?.value;
  return /^(?:the )?last(?: (?:one|option|choice))?$/.test(plain)
    ? options.at(-1)?.value
    : undefined;
}

/** The option, person or operation that a text means although it says it in other words. */
export function meantOption(question: Question, said: string, known: Known): string | undefined {
  const plain = withoutLead(said);
  return (
    yesOrNo(question, said) ??
    personIn(question, plain, known) ??
    likelyOption(question, plain) ??
    operationIn(question, plain, known)
  );
}

const yes =
  /^(?:yes|y|yep|yeah|sure|true|right|correct|exactly|ok|okay|of course)\b[^a-z0-9]*(?:please)?[^a-z0-9]*$/i;
const no = /^(?:no|n|nope|false|never)\b[^a-z0-9]*(?:thanks?)?[^a-z0-9]*$/i;

/** "yes" also takes the only thing that was offered. */
function yesOrNo({ options }: Question, said: string): string | undefined {
  const plain = said.trim();
  if (no.test(plain)) {
    const declined = options.filter(({ label, value }) => no.test(value) || /^no\b/i.test(label));
    return declined.length === 1 ? declined[0]?.value : undefined;
  }
  if (!yes.test(plain)) return undefined;
  const accepted = options.filter(({ label, value }) => yes.test(value) || /^yes\b/i.test(label));
  if (accepted.length === 1) return accepted[0]?.value;
  const [only, ...others] = options;
  return others.length === 0 ? only?.value : undefined;
}

const fillers = new Set(
  'the a an one use with to of should be please it that this operation option role member everybody everyone person who our my your i think say would let decide approve approves approval approver do for will go we just maybe must can'
    .split(' ')
    .map(stem),
);

const wordsMax = 6;

function contentOf(text: string): string[] {
  return stemsOf(text).filter((word) => !fillers.has(word));
}

function personIn(question: Question, plain: string, { people }: Known): string | undefined {
  const words = contentOf(plain);
  if (words.length === 0 || words.length > wordsMax) return undefined;
  const tokens = tokenize(plain).filter(({ stem: word }) => !fillers.has(word));
  const found = findPeople(people, tokens).filter(({ value }) =>
    question.options.some((option) => option.value === value),
  );
  const [only] = found;
  if (found.length !== 1 || only === undefined) return undefined;
  const own = new Set([...stemsOf(only.label), ...stemsOf(only.value)]);
  return words.every((word) => own.has(word)) ? only.value : undefined;
}

/** The one option that has all of the words; among several the one that has no others. */
function likelyOption({ options }: Question, plain: string): string | undefined {
  const words = contentOf(plain);
  if (words.length === 0 || words.length > wordsMax) return undefined;
  const hits = options.filter(({ label, value }) => {
    const own = new Set([...stemsOf(label), ...stemsOf(value)]);
    return words.every((word) => own.has(word));
  });
  if (hits.length === 1) return hits[0]?.value;
  const whole = hits.filter(({ label }) =>
    contentOf(label.replace(/\([^)]*\)$/, '')).every((word) => words.includes(word)),
  );
  return whole.length === 1 ? whole[0]?.value : undefined;
}

/** An operation that was not among the options, by its name. */
function operationIn(question: Question, plain: string, { index }: Known): string | undefined {
  if (subjectOf(question)?.key.startsWith('operation:') !== true) return undefined;
  const name = plain
    .toLowerCase()
    .replace(/^the\s+/, '')
    .replace(/\s+(?:operation|call|endpoint)$/, '');
  const found = index.operations.filter(({ key, label, operation }) =>
    [key, label, operation.id, operation.summary ?? key, `${operation.method} ${operation.path}`]
      .map((text) => text.toLowerCase())
      .includes(name),
  );
  return found.length === 1 ? found[0]?.key : undefined;
}
