import { planEdit } from '../draft/edit.js';
import { isNounLike, isKnownVerb } from '../language/lexicon.js';
import { tokenize } from '../language/tokens.js';
import { rank } from '../plan/match.js';
import { isDeterminer, isPronoun } from '../request/cursor.js';
import type { ActionIntent, Intent } from '../request/intents.js';
import { parseRequest } from '../request/parse.js';
import type { ComposeContext } from './compose.js';

/** An operation that fits a clause this well is what the clause asks for. */
const mappedScore = 0.6;

const courtesy =
  /^(?:(?:ok|okay|hi|hello|thanks|thank you|great|good|no|yes|actually|well|and|but|now|oh)[,!. ]+)*(?:(?:please|kindly)[, ]+)?(?:(?:can|could|would) you (?:please )?|i(?:'d| would) like (?:you )?to |(?:i|we) (?:want|need) (?:you )?to |you should )?/i;

/** Words with which a change of a draft begins … */
const editOpeners =
  /^(?:also|additionally|in addition|besides|furthermore|add|insert|remove|drop|delete|get rid of|instead|replace|swap|rename|skip|move|don't|do not|retry|no longer|start over|start again|from scratch|new workflow|forget (?:it|that|all that)|begin again)\b.*\S/i;

/** … or which it has inside. */
const editPhrases =
  /\b(?:instead of|rather than|in place of)\b|[a-z]\s+(?:instead|as well|too)[.!]?$/i;

/** A text that can only be a value: a quotation, a number, a single word or an identifier. */
export function isBareValue(text: string): boolean {
  const plain = text.trim().replace(/[.!]$/, '');
  return /^["“][^"”]+["”]$/.test(plain) || /^[^\s,;:!?]+$/.test(plain);
}

/** Whether a text begins or speaks as changes do. */
export function isEditLike(text: string): boolean {
  if (isBareValue(text)) return false;
  const plain = text.trim().replace(courtesy, '');
  return editOpeners.test(plain) || editPhrases.test(plain);
}

/**
 * Whether a text asks for something to be done, as opposed to naming a value: a sentence whose verb
 * and nouns are those of an operation, a decision, a loop, a schedule, or a change of the draft.
 */
export function isRequest(text: string, source: string, context: ComposeContext): boolean {
  if (isBareValue(text)) return false;
  if (isEditLike(text)) return true;
  const plain = text.trim().replace(courtesy, '');
  const request = parseRequest(plain, context.index.verbs);
  if (request.trigger !== undefined && request.intents.length > 0) return true;
  if (request.intents.some((intent) => isOrder(intent, context))) return true;
  const edited = planEdit(source, text, { ...context, answers: new Map() }, { isAdding: false });
  return edited !== undefined && edited.questions.length === 0;
}

function isOrder(intent: Intent, context: ComposeContext): boolean {
  switch (intent.kind) {
    case 'action':
      return isMapped(intent, context);
    case 'ask':
      return intent.condition !== undefined || /\b(?:approv|sign|decid|confirm)/i.test(intent.text);
    case 'if':
      return [...intent.then, ...intent.otherwise].length > 0;
    default:
      return true;
  }
}

/** A verb and an operation for it; "invoice number" has a word that may be a verb and is none. */
function isMapped(intent: ActionIntent, { index }: ComposeContext): boolean {
  if (intent.verb === '') return false;
  const [, next] = tokenize(intent.text);
  if (next === undefined) return false;
  const isObject = isDeterminer(next) || isPronoun(next);
  const mayBeNoun = isNounLike(intent.verb) || !isKnownVerb(intent.verb);
  if (mayBeNoun && !isObject && intent.words.length <= 2) return false;
  if (isPronoun(next) && index.verbs.has(intent.verb)) return true;
  const query = { verb: intent.verb, words: intent.words, context: [] };
  const [best] = rank(index, query);
  return best !== undefined && best.score >= mappedScore;
}
