import { choicesOf, descriptionOf } from '../catalogue/schema.js';
import { isRead } from '../catalogue/operation.js';
import { isStopWord, negativeWords, positiveWords } from '../language/lexicon.js';
import { stem, stemsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { readCondition } from '../request/conditions.js';
import { tokenize } from '../language/tokens.js';
import type { Condition } from '../request/intents.js';
import { bindable } from './bind.js';
import type { OpenQuestion } from './model.js';
import {
  equalsTest,
  flagTest,
  nameScore,
  outcomeTests,
  valuesOf,
  type Found,
  type Source,
  type Test,
} from './values.js';
import { inputJq, keyOf, needInput, resultSource, type World } from './world.js';
import type { IndexedOperation } from '../catalogue/search.js';

/** A condition as jq; `reads` are operations that must be called before it can be known. */
export type Resolved =
  | { readonly ok: true; readonly jq: string; readonly reads: readonly IndexedOperation[] }
  | { readonly ok: false; readonly question: OpenQuestion };

const nameScoreMin = 0.5;
const implicitScoreMin = 0.78;
/** A number is read for a comparison only when the request calls it by its name. */
const exactScoreMin = 0.93;

/** Turns a condition into jq over what is known at this place. */
export function resolve(world: World, condition: Condition): Resolved {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return combine(world, condition);
    case 'not': {
      const part = resolve(world, condition.part);
      return part.ok ? { ...part, jq: notJq(part.jq) } : part;
    }
    case 'checks':
      return resolveChecks(world, condition);
    case 'decision': {
      const human = lastDecision(world);
      if (human === undefined) return resolve(world, condition.state);
      return yes(decisionJq(human, condition.approved));
    }
    case 'compare':
      return resolveComparison(world, condition);
    case 'missing':
      return resolveMissing(world, condition);
    case 'state':
      return resolveState(world, condition);
  }
}

function yes(jq: string, reads: readonly IndexedOperation[] = []): Resolved {
  return { ok: true, jq, reads };
}

export function notJq(jq: string): string {
  const inner = /^\((.*) \| not\)$/.exec(jq)?.[1];
  if (inner !== undefined && !inner.includes('(')) return inner;
  return isSimple(jq) ? `(${jq} | not)` : `((${jq}) | not)`;
}

function isSimple(jq: string): boolean {
  return /^[$.\w"[\]]+$/.test(jq);
}

/** Parts of a conjunction keep their meaning whatever they are made of. */
export function joinJq(parts: readonly string[], operator: 'and' | 'or'): string {
  if (parts.length === 1) return parts[0] ?? 'true';
  const other = operator === 'and' ? ' or ' : ' and ';
  return parts.map((part) => (part.includes(other) ? `(${part})` : part)).join(` ${operator} `);
}

function combine(world: World, condition: Condition & { kind: 'and' | 'or' }): Resolved {
  const parts: string[] = [];
  const reads: IndexedOperation[] = [];
  for (const part of condition.parts) {
    const resolved = resolve(world, part);
    if (!resolved.ok) return resolved;
    parts.push(resolved.jq);
    reads.push(...resolved.reads);
  }
  return yes(joinJq(parts, condition.kind), reads);
}

export function lastDecision(world: World): Source | undefined {
  return world.sources.findLast((source) => source.entity === decisionEntity);
}

function decisionJq({ jq, conditional }: Source, approved: boolean): string {
  if (!approved) return `${jq}.approved == false`;
  return conditional === true ? `${jq}.approved != false` : `${jq}.approved`;
}

/** Marks the results of human steps among the sources. */
export const decisionEntity = '\u0000decision';

// The outcome of checks

function resolveChecks(world: World, condition: Condition & { kind: 'checks' }): Resolved {
  const results = world.sources.filter((source) => source.kind === 'result');
  const last = results.at(-1);
  if (last?.entity === decisionEntity && condition.count === 'last') {
    return yes(decisionJq(last, !condition.negated));
  }
  const checks = results.filter(
    (source) => source.operation !== undefined && isRead(source.operation),
  );
  const wanted = { last: 1, both: 2, any: 2, all: checks.length }[condition.count];
  const chosen = checks.slice(-Math.max(1, wanted));
  if (chosen.length === 0) return { ok: false, question: unclear(world, condition.text, []) };
  const parts: string[] = [];
  for (const source of chosen) {
    const outcome = outcomeOf(world, source, condition.text);
    if (!outcome.ok) return outcome;
    parts.push(outcome.jq);
  }
  const negateEach = condition.count === 'any' && condition.negated;
  if (condition.count === 'any') {
    return yes(joinJq(negateEach ? parts.map(notJq) : parts, 'or'));
  }
  const all = joinJq(parts, 'and');
  return yes(condition.negated ? notJq(all) : all);
}

/** What of a check's result says that it went well; asked when that is not plain. */
function outcomeOf(world: World, source: Source, text: string): Resolved {
  const key = keyOf(world, `outcome:${source.step ?? ''}`);
  const tests = outcomeTests(source);
  const only = tests[0];
  if (tests.length === 1 && only !== undefined) return yes(only.jq);
  const options = tests.length > 0 ? tests : anyTests(source);
  const question: OpenQuestion = {
    key,
    text: `What of the result of "${source.step ?? ''}" tells that "${text}"?`,
    blocking: true,
    options: options.slice(0, optionsMax).map(({ jq, label }) => ({ label, value: jq })),
    free: false,
    ...(source.step === undefined ? {} : { step: source.step }),
  };
  const answer = world.answers.get(key);
  if (answer !== undefined && options.some(({ jq }) => jq === answer)) return yes(answer);
  return { ok: false, question };
}

export const optionsMax = 8;

/** Everything that could be tested about a result. */
function anyTests(source: Source): Test[] {
  return valuesOf(source, 2).flatMap((value): Test[] => {
    if (value.type === 'boolean') return [flagTest(value)];
    const choices = choicesOf(value.schema);
    if (choices.length > 0) return choices.map((choice) => equalsTest(value, choice));
    if (value.type === 'number')
      return [{ jq: `${value.jq} > 0`, label: `${value.name} is above 0` }];
    if (value.type === 'array') {
      return [
        { jq: `(${value.jq} | length) > 0`, label: `${value.name} is not empty` },
        { jq: `(${value.jq} | length) == 0`, label: `${value.name} is empty` },
      ];
    }
    return [];
  });
}

// Values

/** Where a value that the request names can be read, the best first. */
function candidatesFor(
  world: World,
  phrase: readonly string[],
  fits: (found: Found) => boolean,
): (Found & { readonly score: number })[] {
  const sources = [...world.entities, ...world.sources];
  return sources
    .flatMap((source, age) =>
      valuesOf(source).map((found) => ({
        ...found,
        score: nameScore(phrase, found) + age * 0.001,
      })),
    )
    .filter((found) => found.score >= nameScoreMin && fits(found))
    .sort((a, b) => b.score - a.score);
}

/** Notes that the run's input must have a value, when it is one of the input's. */
function use(world: World, found: Found): string {
  if (found.source.kind === 'input') {
    needInput(world, { path: found.path, schema: found.schema, required: true });
  }
  return found.jq;
}

function resolveComparison(world: World, condition: Condition & { kind: 'compare' }): Resolved {
  const spoken = stemsIn(condition.left);
  // "if it is over 100, …, if it is over 500, …" goes on about the same value.
  const phrase = spoken.length > 0 ? spoken : world.compared;
  if (phrase.length > 0) world.compared = phrase;
  const numeric = ({ type }: Found) => type === 'number';
  const best = candidatesFor(world, phrase, numeric)[0] ?? countOf(world, phrase);
  const right = JSON.stringify(condition.right);
  if (best !== undefined) return yes(`${use(world, best)} ${condition.operator} ${right}`);
  const implicit = implicitRead(world, phrase, numeric);
  if (implicit !== undefined) {
    return yes(`${implicit.found.jq} ${condition.operator} ${right}`, [implicit.operation]);
  }
  return askValue(world, condition, (jq) => `${jq} ${condition.operator} ${right}`);
}

/** "more than 3 items": the length of a list. */
function countOf(world: World, phrase: readonly string[]): Found | undefined {
  const words = phrase.filter((word) => word !== stem('number') && word !== stem('count'));
  const list = candidatesFor(world, words, ({ type }) => type === 'array')[0];
  if (list === undefined) return undefined;
  use(world, list);
  return { ...list, source: { ...list.source, kind: 'item' }, jq: `(${list.jq} | length)` };
}

/** A value that nobody has read yet, when there is exactly one plain way to read it. */
function implicitRead(
  world: World,
  phrase: readonly string[],
  fits: (found: Found) => boolean,
): { readonly operation: IndexedOperation; readonly found: Found } | undefined {
  const found = world.index.operations
    .filter(
      (operation) => operation.reads && bindable(world, operation, [...phrase, ...world.mentioned]),
    )
    .flatMap((operation) => {
      const source = resultSource(operation.operation.id, operation);
      return valuesOf(source)
        .filter(fits)
        .map((value) => ({ operation, found: value, score: nameScore(phrase, value) }));
    })
    .filter(({ score }) => score >= exactScoreMin)
    .sort((a, b) => b.score - a.score);
  const [first, second] = found;
  if (first === undefined) return undefined;
  const clear =
    second === undefined ||
    second.operation === first.operation ||
    first.score - second.score > 0.08;
  return clear ? first : undefined;
}

function askValue(
  world: World,
  condition: Condition & { kind: 'compare' },
  test: (jq: string) => string,
): Resolved {
  const key = keyOf(world, `value:${condition.text}`);
  const numbers = [...world.entities, ...world.sources].flatMap((source) =>
    valuesOf(source).filter(({ type }) => type === 'number'),
  );
  const name = condition.left.map((token) => token.lower).join(' ');
  const given = camel(condition.left);
  const options = numbers
    .slice(-optionsMax)
    .map((found) => ({ label: describe(found), value: found.jq }));
  if (given !== '' && !world.unattended) {
    options.push({ label: `"${given}", given when a run starts`, value: `${inputJq}.${given}` });
  }
  const answer = world.answers.get(key);
  const chosen = numbers.find(({ jq }) => jq === answer);
  if (chosen !== undefined) return yes(test(use(world, chosen)));
  if (answer !== undefined && answer === `${inputJq}.${given}`) {
    needInput(world, { path: [given], schema: { type: 'number' }, required: true });
    return yes(test(answer));
  }
  const text = `Which value is "${name === '' ? condition.text : name}" in "${condition.text}"?`;
  return { ok: false, question: { key, text, blocking: true, options, free: false } };
}

function camel(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => token.kind === 'word')
    .map(({ lower }, index) =>
      index === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1),
    )
    .join('')
    .replace(/[^A-Za-z0-9]/g, '');
}

function describe(found: Found): string {
  const path = found.path.join('.');
  if (found.source.kind === 'input') return `${path} of the input`;
  return found.source.kind === 'item'
    ? `${path} of the item`
    : `${path} of the result of "${found.source.step ?? ''}"`;
}

export function stemsIn(tokens: readonly Token[]): string[] {
  return tokens
    .filter((token) => token.kind === 'word' && !isStopWord(token.stem))
    .map((token) => token.stem);
}

function resolveMissing(world: World, condition: Condition & { kind: 'missing' }): Resolved {
  const best = candidatesFor(world, stemsIn(condition.left), () => true)[0];
  if (best === undefined)
    return { ok: false, question: unclear(world, condition.text, world.sources.flatMap(anyTests)) };
  const jq = best.source.kind === 'input' ? best.jq : use(world, best);
  if (best.source.kind === 'input') {
    needInput(world, { path: best.path, schema: best.schema, required: false });
  }
  const empty = `(${jq} // "") == ""`;
  return yes(condition.negated ? `(${jq} // "") != ""` : empty);
}

// States

const fillers = new Set('enough any be status state has have there'.split(' ').map(stem));

function resolveState(world: World, condition: Condition & { kind: 'state' }): Resolved {
  const quoted = condition.state.find((token) => token.kind === 'quote');
  const state = stemsIn(condition.state).filter((word) => !fillers.has(word));
  const subject = stemsIn(condition.subject);
  const sources = [...world.entities, ...world.sources];
  const found =
    (quoted === undefined ? undefined : textTest(world, subject, quoted.text)) ??
    stateTest(world, sources, subject, state) ??
    outcomeTest(world, subject, state);
  if (found !== undefined) {
    if ('question' in found) return { ok: false, question: found.question };
    return yes(condition.negated ? notJq(found.jq) : found.jq);
  }
  const implicit = implicitState(world, subject, state);
  if (implicit !== undefined) {
    return yes(condition.negated ? notJq(implicit.jq) : implicit.jq, [implicit.operation]);
  }
  return askState(world, condition);
}

function textTest(world: World, subject: readonly string[], text: string): Test | undefined {
  const best = candidatesFor(world, subject, ({ type }) => type === 'string')[0];
  return best === undefined
    ? undefined
    : { ...equalsTest(best, text), jq: `${use(world, best)} == ${JSON.stringify(text)}` };
}

interface RatedTest extends Test {
  readonly score: number;
  readonly found: Found;
}

/** A flag, a status or an amount that the words of a state name. */
function stateTest(
  world: World,
  sources: readonly Source[],
  subject: readonly string[],
  state: readonly string[],
): Test | undefined {
  const rated = sources.flatMap((source, age) =>
    valuesOf(source).flatMap((found) => {
      const test = testFor(found, subject, state);
      return test === undefined ? [] : [{ ...test, score: test.score + age * 0.002 }];
    }),
  );
  const best = rated.sort((a, b) => b.score - a.score)[0];
  if (best === undefined || best.score < 0.5) return undefined;
  use(world, best.found);
  return best;
}

function testFor(
  found: Found,
  subject: readonly string[],
  state: readonly string[],
): RatedTest | undefined {
  const about = aboutScore(found, subject);
  const words = stemsOf(found.name);
  if (found.type === 'boolean') {
    const meant = state.filter((word) => words.includes(word) || words.includes(positiveOf(word)));
    const turned = state.some(
      (word) =>
        !words.includes(word) && positiveOf(word) !== word && words.includes(positiveOf(word)),
    );
    if (meant.length > 0) {
      const jq = turned ? `(${found.jq} | not)` : found.jq;
      return {
        jq,
        label: found.name,
        found,
        score: 0.6 + 0.3 * about + (0.1 * meant.length) / Math.max(words.length, 1),
      };
    }
    const described = new Set(stemsOf(descriptionOf(found.schema)));
    if (state.length > 0 && state.every((word) => described.has(word))) {
      return { jq: found.jq, label: found.name, found, score: 0.42 + 0.3 * about };
    }
  }
  for (const choice of choicesOf(found.schema)) {
    const chosen = stemsOf(choice);
    if (chosen.length > 0 && chosen.every((word) => state.includes(word))) {
      return { ...equalsTest(found, choice), found, score: 0.62 + 0.3 * about };
    }
  }
  const named = state.some((word) => words.includes(word));
  if (named && found.type === 'array') {
    return { jq: `(${found.jq} | length) > 0`, label: found.name, found, score: 0.5 + 0.2 * about };
  }
  if (
    named &&
    found.type === 'number' &&
    words.some((word) => positiveWords.has(word) || word === stem('count'))
  ) {
    return { jq: `${found.jq} > 0`, label: found.name, found, score: 0.5 + 0.2 * about };
  }
  if (named && found.type === 'string' && found.schema['nullable'] === true) {
    return { jq: `(${found.jq} // "") != ""`, label: found.name, found, score: 0.45 + 0.2 * about };
  }
  return undefined;
}

/** `unavailable` → `available`. */
function positiveOf(word: string): string {
  return /^(?:un|in)[a-z]{3,}/.test(word) ? word.slice(2) : word;
}

function aboutScore(found: Found, subject: readonly string[]): number {
  if (subject.length === 0 || subject.every((word) => isStopWord(word))) return 0.5;
  const own = new Set([...found.source.words, found.source.entity, ...found.path.flatMap(stemsOf)]);
  return subject.filter((word) => own.has(word)).length / subject.length;
}

/** "the X is fine" after X was checked. */
function outcomeTest(
  world: World,
  subject: readonly string[],
  state: readonly string[],
): Test | { readonly question: OpenQuestion } | undefined {
  const positive = state.length > 0 && state.every((word) => positiveWords.has(word));
  const negative = state.length > 0 && state.every((word) => negativeWords.has(word));
  if (!positive && !negative) return undefined;
  const checks = world.sources.filter(
    (source) => source.operation !== undefined && isRead(source.operation),
  );
  const about = checks.findLast(
    (source) => subject.length === 0 || subject.some((word) => source.words.has(word)),
  );
  if (about === undefined) return undefined;
  const outcome = outcomeOf(world, about, [...subject, ...state].join(' '));
  if (!outcome.ok) return { question: outcome.question };
  return { jq: negative ? notJq(outcome.jq) : outcome.jq, label: '' };
}

function implicitState(
  world: World,
  subject: readonly string[],
  state: readonly string[],
): { readonly operation: IndexedOperation; readonly jq: string } | undefined {
  if (state.length === 0) return undefined;
  const rated = world.index.operations
    .filter((operation) => operation.reads && bindable(world, operation, subject))
    .flatMap((operation) => {
      const source = resultSource(operation.operation.id, operation);
      return valuesOf(source, 2).flatMap((found) => {
        const test = testFor(found, subject, state);
        return test === undefined ? [] : [{ operation, jq: test.jq, score: test.score }];
      });
    })
    .filter(({ score }) => score >= implicitScoreMin)
    .sort((a, b) => b.score - a.score);
  const [first, second] = rated;
  if (first === undefined) return undefined;
  const clear =
    second === undefined ||
    second.operation === first.operation ||
    first.score - second.score > 0.08;
  return clear ? first : undefined;
}

function askState(world: World, condition: Condition): Resolved {
  const near = world.sources.filter((source) => source.operation !== undefined).slice(-2);
  const tests = [...near, ...world.entities].flatMap(anyTests);
  const question = unclear(world, condition.text, tests);
  const answer = world.answers.get(question.key);
  if (answer !== undefined) {
    const test = tests.find(({ jq }) => jq === answer);
    if (test !== undefined) {
      for (const source of world.entities) {
        for (const found of valuesOf(source)) if (test.jq.includes(found.jq)) use(world, found);
      }
      return yes(test.jq);
    }
    const spoken = readCondition(tokenize(answer));
    if (spoken.text !== condition.text && spoken.kind === 'compare') return resolve(world, spoken);
  }
  return { ok: false, question };
}

function unclear(world: World, text: string, tests: readonly Test[]): OpenQuestion {
  return {
    key: keyOf(world, `condition:${text}`),
    text: `How can I tell that "${text}"?`,
    blocking: true,
    options: tests.slice(0, optionsMax).map(({ jq, label }) => ({ label, value: jq })),
    free: true,
    sentence: true,
  };
}
