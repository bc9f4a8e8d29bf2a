import type { Token } from '../language/tokens.js';
import type { Cursor } from './cursor.js';
import { isDeterminer, isMark } from './cursor.js';
import { textOf, type AskIntent } from './intents.js';

export interface FoundAsk {
  readonly intent: Omit<AskIntent, 'aside'>;
  /** Tokens of the clause that belong to it. */
  readonly length: number;
}

const approve =
  '(?:approv\\w*|sign[- ]?off|sign|signs off|authori[sz]\\w*|decide|decides|decision|permission|consent|okay|ok|go[- ]ahead|confirm\\w*|agree|review|take a look|check|release)';
const name = "((?:[\\p{L}0-9][\\p{L}0-9'’-]*)(?: [\\p{L}0-9][\\p{L}0-9'’-]*){0,4}?)";
const article =
  '(?:the |a |an |our |one of the |someone (?:from|in) (?:the )?|somebody (?:from|in) (?:the )?)?';
const end = '(?=$| (?:to|for|if|when|whether|before|about|first|once|unless|and|then|on|by)\\b)';

/** In each, the first group is who is asked. */
const forms: readonly RegExp[] = [
  new RegExp(
    `^(?:ask|request|prompt|get|have|let) ${article}${name} (?:to|for|for an?|for (?:his|her|their)) (?:an |the |a )?${approve}(?: (?:it|this|that|them))?`,
    'iu',
  ),
  new RegExp(
    `^(?:have|let) ${article}${name} (?:approve|sign off|decide|review|authori[sz]e|confirm)(?: (?:it|this|that))?`,
    'iu',
  ),
  new RegExp(
    `^(?:get|request|require|obtain|needs?|ask for|wait for|await|seek) (?:an? |the )?(?:approval|sign-?off|permission|authori[sz]ation|consent|ok|okay|go-?ahead|decision|confirmation) (?:from|of|by) ${article}${name}${end}`,
    'iu',
  ),
  new RegExp(
    `^(?:get|request|require|obtain|need|wait for|await|ask for) ${article}${name}'?s? (?:approval|sign-?off|permission|authori[sz]ation|consent|ok|okay|go-?ahead)\\b`,
    'iu',
  ),
  new RegExp(
    `^(?:escalate|send|forward|pass|submit|hand|route)(?: (?:it|this|that|them|the \\p{L}+))? (?:over )?to ${article}${name} for (?:an? )?(?:approval|sign-?off|authori[sz]ation|a decision|decision|review)`,
    'iu',
  ),
  new RegExp(
    `^(?:it|this|that|(?:the|an?|every|each) [\\p{L} ]+?)? ?(?:needs?|requires?) (?:an? |the )?(?:approval|sign-?off|permission|ok|okay) (?:from|of|by) ${article}${name}${end}`,
    'iu',
  ),
  new RegExp(
    `^${article}${name} (?:must|should|has to|have to|needs to|need to|shall|will|can)(?: first)? (?:approve|sign off|authori[sz]e|decide|okay)(?: (?:on )?(?:it|this|that|them))?`,
    'iu',
  ),
  new RegExp(`^ask ${article}${name}(?: first)?${end}`, 'iu'),
];

/** "ask X to approve", "get approval from X", "X must sign off". */
export function readAsk(clause: readonly Token[], cursor: Cursor): FoundAsk | undefined {
  let skip = 0;
  while (/^(?:please|also|then|first|and|we|you|i)$/.test(clause[skip]?.lower ?? '')) skip += 1;
  const words = clause.slice(skip);
  const text = words.map((token) => token.text).join(' ');
  for (const form of forms) {
    const match = form.exec(text);
    const who = match?.[1];
    if (match === null || who === undefined || /^(?:it|this|that|them|us|me|you)$/i.test(who))
      continue;
    if (form === forms.at(-1) && !isPlainAsk(words, match[0])) continue;
    const from = match[0].lastIndexOf(who) < 0 ? 0 : match[0].indexOf(who);
    const at = text
      .slice(0, from)
      .split(' ')
      .filter((word) => word !== '').length;
    const size = who.split(' ').length;
    const whoTokens = words
      .slice(at, at + size)
      .filter((token) => !isDeterminer(token) && !isMark(token, ','));
    if (whoTokens.some((token) => cursor.isVerb(token) && /ing$/.test(token.lower))) continue;
    return { intent: { kind: 'ask', who: whoTokens, text: textOf(words) }, length: clause.length };
  }
  return undefined;
}

/** A bare "ask X" is about a decision; "ask X for their phone number" is not. */
function isPlainAsk(words: readonly Token[], matched: string): boolean {
  const rest = words.slice(matched.split(' ').length);
  const next = rest[0]?.lower;
  if (next === undefined) return true;
  return /^(?:first|when|if|whether|before|unless|once|about)$/.test(next);
}
