import type { Edit } from '@parley/dsl';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { findComparison } from '../request/conditions.js';
import type { Comparison } from '../request/intents.js';
import { stem, stemsOf } from '../language/stem.js';
import { synonymsOf } from '../language/lexicon.js';
import { tokenize, type Token } from '../language/tokens.js';
import { isContent } from '../plan/match.js';
import { retryPolicy } from '../plan/write.js';
import type { Editor } from './editor.js';
import { casesOf, writeCases, type ViewStep } from './view.js';

/** A number somewhere in a draft that a request may change. */
interface NumberPlace {
  readonly step: ViewStep;
  readonly kind: 'condition' | 'wait' | 'retry' | 'input';
  readonly value: number;
  readonly words: ReadonlySet<string>;
  readonly label: string;
  /** For conditions: what is compared; for waits the unit, for inputs the name. */
  readonly about: string;
  readonly operator?: Comparison;
}

const comparison = /(\$[\w.]+|\([^()]*\| length\)) (>=|<=|==|!=|>|<) (-?\d+(?:\.\d+)?)/g;

const cue =
  /\b(?:change|set|raise|lower|increase|decrease|reduce|bump|adjust|update|make|threshold|limit|should be|instead of|from|only|use|at)\b/i;

/** "change the threshold to 500", "wait 2 hours instead of one", "retry 5 times instead of 3". */
export function changeNumber(editor: Editor, text: string): boolean {
  if (!cue.test(text)) return false;
  const tokens = tokenize(text);
  const found = newAndOld(tokens);
  if (found === undefined) return false;
  const places = numberPlaces(editor);
  const words = tokens.filter((token) => isContent(token)).map((token) => token.stem);
  const rated = places
    .map((place) => ({ place, score: scoreOf(place, words, found) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const [first] = rated;
  if (first === undefined) return false;
  const tied = rated.filter(
    ({ score, place }) =>
      place !== first.place && first.score - score < 0.25 && !sameMeaning(place, first.place),
  );
  const chosen =
    tied.length === 0
      ? first.place
      : askPlace(editor, text, [first.place, ...tied.map(({ place }) => place)]);
  if (chosen === undefined) return true;
  const alike = places.filter((place) => place === chosen || sameMeaning(place, chosen));
  return alike.map((place) => setNumber(editor, place, found)).every(Boolean);
}

interface NewNumber {
  readonly value: number;
  readonly old?: number;
  readonly unit?: string;
  readonly operator?: Comparison;
}

const unitPattern = /^(second|minute|hour|day|week)s?$/;

function newAndOld(tokens: readonly Token[]): NewNumber | undefined {
  const numbers = tokens.flatMap((token, at) =>
    token.value === undefined ||
    (token.kind === 'word' &&
      /^(?:one|once)$/.test(token.lower) &&
      !unitPattern.test(tokens[at + 1]?.lower ?? ''))
      ? []
      : [{ value: token.value, at }],
  );
  if (numbers.length === 0 || numbers.length > 2) return undefined;
  const oldAt = numbers.find(
    ({ at }) => /^(?:from|of|than)$/.test(before(tokens, at)) && isOld(tokens, at),
  );
  const old = numbers.length === 2 ? (oldAt ?? numbers[0]) : oldAt;
  const next = numbers.find((one) => one !== old);
  if (next === undefined) return undefined;
  const compared = findComparison(tokens);
  const unit = unitPattern.exec(tokens[next.at + 1]?.lower ?? '')?.[1];
  return {
    value: next.value,
    ...(old === undefined ? {} : { old: old.value }),
    ...(unit === undefined ? {} : { unit }),
    ...(compared !== undefined && compared.valueAt === next.at
      ? { operator: compared.operator }
      : {}),
  };
}

function before(tokens: readonly Token[], at: number): string {
  return tokens[at - 1]?.lower ?? '';
}

/** "from 200", "instead of 200", "rather than 200" name what it is now; "more than 200" does not. */
function isOld(tokens: readonly Token[], at: number): boolean {
  const two = `${tokens[at - 2]?.lower ?? ''} ${tokens[at - 1]?.lower ?? ''}`;
  return tokens[at - 1]?.lower === 'from' || /^(?:instead of|rather than|out of)$/.test(two);
}

function numberPlaces(editor: Editor): NumberPlace[] {
  return editor.view.steps.flatMap((step) => [
    ...conditionPlaces(step),
    ...waitPlaces(step),
    ...retryPlaces(step),
    ...inputPlaces(step),
  ]);
}

function conditionPlaces(step: ViewStep): NumberPlace[] {
  const texts = [step.task['if'], ...casesOf(step).map(({ when }) => when)].filter(
    (text) => typeof text === 'string',
  );
  return texts.flatMap((text) =>
    [...text.matchAll(comparison)].map(([, path = '', operator = '', value = '']) => ({
      step,
      kind: 'condition' as const,
      value: Number(value),
      about: path,
      operator: operator as Comparison,
      words: new Set([
        ...stemsOf(path),
        ...step.words,
        ...stemsOf('threshold limit condition bound cutoff value'),
      ]),
      label: `${path.split('.').at(-1) ?? path} ${operator} ${value} of "${step.name}"`,
    })),
  );
}

function waitPlaces(step: ViewStep): NumberPlace[] {
  const duration = step.task['wait'];
  if (!isJsonObject(duration)) return [];
  return Object.entries(duration).flatMap(([unit, value]) =>
    typeof value === 'number'
      ? [
          {
            step,
            kind: 'wait' as const,
            value,
            about: unit,
            words: new Set([...step.words, ...stemsOf('wait pause delay time'), stem(unit)]),
            label: `wait of ${value} ${unit}`,
          },
        ]
      : [],
  );
}

function retryPlaces(step: ViewStep): NumberPlace[] {
  const count = member(step.task, ['catch', 'retry', 'limit', 'attempt', 'count']);
  if (typeof count !== 'number') return [];
  return [
    {
      step,
      kind: 'retry',
      value: count,
      about: 'retry',
      words: new Set([...step.words, ...stemsOf('retry attempt time try retries')]),
      label: `${count} retries of "${step.name}"`,
    },
  ];
}

function member(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, key) => (isJsonObject(at) ? at[key] : undefined),
    value,
  );
}

function inputPlaces(step: ViewStep): NumberPlace[] {
  const input = member(step.task, ['with', 'input']);
  if (!isJsonObject(input)) return [];
  return Object.entries(input).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [
          {
            step,
            kind: 'input' as const,
            value,
            about: name,
            words: new Set([...stemsOf(name), ...step.words]),
            label: `${name} of "${step.name}"`,
          },
        ]
      : [],
  );
}

const generic = new Set(
  stemsOf(
    'change set raise lower increase decrease reduce bump adjust update make only use instead threshold limit it that should',
  ),
);

function scoreOf(place: NumberPlace, words: readonly string[], found: NewNumber): number {
  let score = 0;
  if (found.old !== undefined) {
    if (found.old !== place.value) return 0;
    score += 1;
  }
  if (place.kind === 'wait') {
    if (found.unit === undefined && !words.includes('wait')) return 0;
    score += found.unit === undefined ? 0 : 0.8;
  } else if (
    found.unit !== undefined &&
    place.kind !== 'input' &&
    !place.words.has(stem(found.unit))
  )
    return 0;
  if (place.kind === 'condition' && words.some((word) => /^(?:threshold|limit|cutoff)$/.test(word)))
    score += 0.6;
  if (
    place.kind === 'retry' &&
    !words.some((word) => /^(?:retri|retry|attempt|time|try|tri)$/.test(word))
  )
    return 0;
  if (place.kind === 'retry') score += 0.6;
  const named = words.filter((word) => !generic.has(word));
  const hits = named.filter(
    (word) =>
      place.words.has(word) || [...synonymsOf(word)].some((other) => place.words.has(other)),
  );
  if (place.kind === 'input' && hits.length === 0) return 0;
  score += named.length === 0 ? 0.3 : hits.length / named.length;
  if (
    named.length > 0 &&
    hits.length / named.length < 0.34 &&
    found.old === undefined &&
    place.kind !== 'wait'
  )
    return 0;
  return score;
}

/** The same comparison in two places is one threshold. */
function sameMeaning(a: NumberPlace, b: NumberPlace): boolean {
  return (
    a.kind === 'condition' && b.kind === 'condition' && a.about === b.about && a.value === b.value
  );
}

function askPlace(
  editor: Editor,
  text: string,
  places: readonly NumberPlace[],
): NumberPlace | undefined {
  const answer = editor.ask({
    key: `number:${text.toLowerCase()}`,
    text: `Which number should I change?`,
    blocking: true,
    options: places.map(({ label, step, about }) => ({ label, value: `${step.path} ${about}` })),
    free: false,
  });
  return places.find(({ step, about }) => `${step.path} ${about}` === answer);
}

function setNumber(editor: Editor, place: NumberPlace, found: NewNumber): boolean {
  const { step } = place;
  switch (place.kind) {
    case 'condition':
      return setComparison(editor, place, found);
    case 'wait': {
      const duration: JsonObject =
        found.unit === undefined
          ? { [place.about]: found.value }
          : found.unit === 'week'
            ? { days: found.value * 7 }
            : { [`${found.unit}s`]: found.value };
      return editor.apply([
        { kind: 'setMember', step: step.path, path: ['wait'], value: duration },
      ]);
    }
    case 'retry':
      return editor.apply([
        {
          kind: 'setMember',
          step: step.path,
          path: ['catch', 'retry', 'limit'],
          value: retryPolicy(found.value)['limit'] ?? null,
        },
      ]);
    case 'input':
      return editor.apply([
        { kind: 'setInput', step: step.path, input: place.about, value: found.value },
      ]);
  }
}

function setComparison(editor: Editor, place: NumberPlace, found: NewNumber): boolean {
  const { step, about, operator, value } = place;
  const from = `${about} ${operator ?? ''} ${value}`;
  const to = `${about} ${found.operator ?? operator ?? ''} ${found.value}`;
  const pattern = new RegExp(`${from.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\d.])`, 'g');
  const condition = step.task['if'];
  if (typeof condition === 'string' && pattern.test(condition)) {
    return editor.apply([
      { kind: 'setCondition', step: step.path, if: condition.replaceAll(pattern, () => to) },
      ...messageEdits(step, value, found.value),
    ]);
  }
  const cases = casesOf(step).map((way) =>
    way.when === undefined ? way : { ...way, when: way.when.replaceAll(pattern, () => to) },
  );
  return editor.apply([
    { kind: 'setMember', step: step.path, path: ['switch'], value: writeCases(cases) },
  ]);
}

/** What the approver reads names the same number. */
function messageEdits(step: ViewStep, from: number, to: number): Edit[] {
  const message = member(step.task, ['with', 'message']);
  const pattern = new RegExp(`(?<![\\d.])${from}(?![\\d.]*\\d)`);
  if (step.kind !== 'human' || typeof message !== 'string' || !pattern.test(message)) return [];
  const value = message.replace(pattern, String(to));
  return [{ kind: 'setInput', step: step.path, input: 'message', value }];
}
