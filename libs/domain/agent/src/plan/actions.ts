import { isListSchema } from '../catalogue/entity.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { proseWords } from '../language/lexicon.js';
import { stem, wordsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { isPreposition } from '../request/cursor.js';
import type { ActionIntent } from '../request/intents.js';
import { bindable, bindInputs } from './bind.js';
import { knowsContact, needsContact } from './contacts.js';
import { type Ranked, headOf, isContent, rank } from './match.js';
import type { CallStep, Step } from './model.js';
import { camelName, namingWords } from './names.js';
import { type World, ask, keyOf, resultSource } from './world.js';

/** An operation is taken when it fits this well … */
const acceptScore = 0.6;
/** … and clearly better than the next. */
const acceptMargin = 0.045;
const acceptCover = 0.45;
const candidateScore = 0.3;

/** One step, or one for each thing: "check A and B". */
export function planAction(world: World, intent: ActionIntent): Step[] {
  const parts = partsOf(world, intent);
  return parts.flatMap((part) => planOne(world, part));
}

export function partsOf(world: World, intent: ActionIntent): ActionIntent[] {
  const conjuncts = splitConjuncts(intent.words);
  if (conjuncts.length < 2) return [intent];
  const each = conjuncts.map((words) => ({
    ...intent,
    words,
    text: [intent.verb, ...words.map((token) => token.text)].join(' '),
  }));
  const ranked = each.map((part) => ({ part, best: best(world, part) }));
  const keys = new Set(ranked.map(({ best: found }) => found?.operation.key));
  const whole = best(world, intent);
  const clear = ranked.every(
    ({ best: found }) => found !== undefined && found.score >= acceptScore - 0.08,
  );
  if (clear && keys.size === each.length) {
    return each.map((part, at) => ({
      ...part,
      text: `${textVerb(intent)} ${conjuncts[at]?.map((token) => token.text).join(' ') ?? ''}`,
    }));
  }
  const unknown = ranked.filter(
    ({ best: found }) => found === undefined || found.score < acceptScore - 0.08,
  );
  const known = ranked.length - unknown.length;
  if (
    known > 0 &&
    unknown.length > 0 &&
    (whole?.score ?? 0) < acceptScore &&
    world.index.operations.length > 0
  ) {
    return each.map((part, at) => ({
      ...part,
      text: `${textVerb(intent)} ${conjuncts[at]?.map((token) => token.text).join(' ') ?? ''}`,
    }));
  }
  return [intent];
}

function textVerb(intent: ActionIntent): string {
  return intent.text.split(' ')[0] ?? intent.verb;
}

function best(world: World, intent: ActionIntent): Ranked | undefined {
  const query = {
    verb: intent.verb,
    words: intent.words,
    context: world.spoken,
    connectors: world.connectors,
  };
  return rank(world.index, query)[0];
}

/** Noun phrases before the first preposition, what follows it stays with the last. */
function splitConjuncts(words: readonly Token[]): (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of words) {
    const joint = token.lower === 'and' || token.text === ',';
    if (joint && !parts.slice(-1)[0]?.some((one) => /^(?:that|saying)$/.test(one.lower)))
      parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.some((token) => isContent(token) || token.kind === 'quote'));
}

export function planOne(world: World, intent: ActionIntent): Step[] {
  const operation = chooseOperation(world, intent);
  if (operation === leaveOut) return [];
  if (operation === undefined) return [openStep(world, intent)];
  const before = contactReads(world, operation, intent);
  return [...before, callStep(world, operation, intent)];
}

/** Whom a message goes to is looked up when the records know the address and nothing else does. */
function contactReads(world: World, operation: IndexedOperation, intent: ActionIntent): Step[] {
  const open = operation.inputs.find(
    (item) => item.required && needsContact(world, item, intent.words),
  );
  if (open === undefined) return [];
  const spoken = new Set(intent.words.map((token) => token.stem));
  const [reader] = world.index.operations.filter(
    (one) =>
      one.reads &&
      spoken.has(one.entity) &&
      !isListSchema(one.operation.response?.schema) &&
      knowsContact(one, open) &&
      bindable(world, one),
  );
  if (reader === undefined) return [];
  const { id } = reader.operation;
  return [callStep(world, reader, { kind: 'action', verb: '', words: [], text: id })];
}

export function callStep(
  world: World,
  operation: IndexedOperation,
  intent: ActionIntent,
): CallStep {
  const name = world.names.take(nameOf(operation, intent));
  const input = bindInputs(world, { operation, step: name, words: intent.words });
  world.connectors.add(operation.connector);
  world.sources = [...world.sources, resultSource(name, operation)];
  const head = headOf(intent.words);
  const spoken = [head?.stem, operation.entity].filter(
    (word): word is string => word !== undefined && word !== '',
  );
  world.spoken = [...new Set([...spoken, ...world.spoken])].slice(0, 6);
  return { kind: 'call', name, operation, input };
}

function nameOf(operation: IndexedOperation, intent: ActionIntent): string {
  const cut = intent.words.findIndex(
    (token, index) =>
      index > 0 &&
      (isPreposition(token) ||
        token.lower === 'if' ||
        token.lower === 'whether' ||
        token.lower === 'that'),
  );
  const nouns = namingWords(
    (cut < 0 ? intent.words : intent.words.slice(0, cut)).filter(isContent),
  );
  const id = operation.operation.id;
  const own = /^[a-z][A-Za-z0-9]*$/.test(id) ? id : camelName(wordsOf(id), 'call');
  const verb = intent.verb === '' ? '' : (wordsOf(intent.text)[0] ?? '');
  if (nouns.length === 0 || nouns.length > 3 || verb === '' || stem(verb) !== intent.verb)
    return own;
  return camelName([verb, ...nouns], own);
}

/** The operation that is meant; a question when that is not plain. */
function chooseOperation(
  world: World,
  intent: ActionIntent,
): IndexedOperation | typeof leaveOut | undefined {
  const ranked = rank(world.index, {
    verb: intent.verb,
    words: intent.words,
    context: contextFor(world, intent),
    connectors: world.connectors,
  });
  const key = keyOf(world, `operation:${intent.text.toLowerCase()}`);
  const answer = world.answers.get(key);
  const answered = answer === undefined ? undefined : world.index.byKey.get(answer);
  if (answered !== undefined) return answered;
  if (answer === leaveOut) return leaveOut;
  const plain = plainChoice(world, ranked, intent);
  if (plain !== undefined) return plain;
  const options = ranked.filter(({ score }) => score >= candidateScore).slice(0, 5);
  const text =
    options.length === 0
      ? `I found no operation for "${intent.text}". Which one should I use, or should I leave it out?`
      : `Which operation does "${intent.text}" mean?`;
  ask(world, {
    key,
    text,
    blocking: true,
    options: [
      ...options.map(({ operation }) => ({ label: operation.label, value: operation.key })),
      { label: 'Leave this step out', value: leaveOut },
    ],
    free: false,
    step: openName(intent),
  });
  return undefined;
}

export const leaveOut = 'leave-out';

/** Things that "it" can be: what was spoken of last, then what the trigger speaks of. */
function contextFor(world: World, intent: ActionIntent): readonly string[] {
  const pronoun = intent.words.some((token) => /^(?:it|them|that|this)$/.test(token.lower));
  // The last noun of a trigger is what it is about: "a client returns a thing".
  const things = world.entities.map((source) => source.entity).toReversed();
  return pronoun
    ? [...new Set([...world.spoken, ...things])]
    : [...new Set([...things, ...world.spoken])];
}

function plainChoice(
  world: World,
  ranked: readonly Ranked[],
  intent: ActionIntent,
): IndexedOperation | undefined {
  const [first, second] = ranked;
  if (first === undefined || first.score < acceptScore) return undefined;
  const content = intent.words.filter(isContent);
  if (content.length > 0 && first.cover < acceptCover) return undefined;
  const head = headOf(intent.words);
  if (
    head !== undefined &&
    !proseWords.has(head.stem) &&
    first.verbFit < 1 &&
    !world.index.knows(head.stem)
  )
    return undefined;
  if (first.verbFit < 0.3 && first.cover < 0.85) return undefined;
  if (second === undefined || first.score - second.score >= acceptMargin) return first.operation;
  const exact = first.verbFit === 1 && second.verbFit < 1 && first.cover >= second.cover - 0.06;
  return exact ? first.operation : undefined;
}

function openStep(world: World, intent: ActionIntent): Step {
  return { kind: 'open', name: world.names.take(openName(intent)), text: intent.text };
}

function openName(intent: ActionIntent): string {
  return camelName([wordsOf(intent.text)[0] ?? 'step', ...namingWords(intent.words)], 'openStep');
}
