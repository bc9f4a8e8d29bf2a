import { isStopWord, synonymsOf, verbClasses } from '../language/lexicon.js';
import type { Token } from '../language/tokens.js';
import { isContent } from '../plan/match.js';
import type { View, ViewStep } from './view.js';

const acceptScore = 0.6;
const acceptMargin = 0.05;
const fillerStems = new Set([
  'step',
  'part',
  'task',
  'it',
  'on',
  'thing',
  'bit',
  'piec',
  'call',
  'action',
  'be',
  'do',
]);

export interface RatedStep {
  readonly step: ViewStep;
  readonly score: number;
}

/** Steps in the order of how well a phrase names them. */
export function rateSteps(view: View, phrase: readonly Token[]): RatedStep[] {
  const words = phrase
    .filter((token) => token.kind === 'word' && (isContent(token) || isNumbered(token)))
    .map((token) => token.stem)
    .filter((word) => !fillerStems.has(word) && !isStopWord(word));
  const exact = phrase.map((token) => token.text).join('');
  return view.steps
    .map((step) => ({ step, score: step.name === exact ? 2 : scoreOf(step, words) }))
    .filter(({ score }) => score > 0.2)
    .sort((a, b) => b.score - a.score);
}

function isNumbered(token: Token): boolean {
  return /\d/.test(token.lower);
}

function scoreOf(step: ViewStep, words: readonly string[]): number {
  if (words.length === 0) return 0;
  let sum = 0;
  for (const word of words) sum += strengthOf(step, word);
  const spoken = sum / words.length;
  const own = [...step.words];
  const named = own.filter((word) => words.includes(word)).length / Math.max(1, own.length);
  const leaf = ['call', 'human', 'wait'].includes(step.kind) ? 0.03 : -0.05;
  return spoken === 0 ? 0 : 0.85 * spoken + 0.12 * named + leaf;
}

function strengthOf(step: ViewStep, word: string): number {
  if (step.words.has(word)) return 1;
  if ([...synonymsOf(word)].some((other) => step.words.has(other))) return 0.8;
  const classes = verbClasses(word);
  const verbs = step.operation?.verbs ?? new Set<string>();
  const alike = [...verbs].some((verb) => [...verbClasses(verb)].some((one) => classes.has(one)));
  if (alike) return 0.7;
  const { operation } = step;
  if (operation === undefined) return 0;
  return Math.min(0.6, operation.terms.get(word) ?? 0);
}

/** The one step that a phrase means, when that is plain. */
export function plainStep(rated: readonly RatedStep[]): ViewStep | undefined {
  const [first, second] = rated;
  if (first === undefined || first.score < acceptScore) return undefined;
  if (second !== undefined && first.score - second.score < acceptMargin) return undefined;
  return first.step;
}
