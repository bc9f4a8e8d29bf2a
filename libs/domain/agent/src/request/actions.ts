import { stem } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { isDeterminer, isPreposition, type Cursor } from './cursor.js';
import { textOf, type ActionIntent, type Intent } from './intents.js';

export function actionOf(cursor: Cursor, clause: readonly Token[]): ActionIntent {
  let from = 0;
  while (
    /^(?:please|then|also|and|just|we|i|you|it|should|must|will|to|simply|kindly|go|ahead|be|sure)$/.test(
      clause[from]?.lower ?? '',
    ) &&
    from < clause.length - 1
  )
    from += 1;
  const words = clause.slice(from);
  const text = textOf(words);
  const subjectFirst = words.findIndex(
    (token, index) =>
      index > 0 &&
      /^(?:should|must|has|have|needs?|gets?|will|can)$/.test(token.lower) &&
      /^(?:be|to|get)$/.test(words[index + 1]?.lower ?? ''),
  );
  if (subjectFirst > 0) return passiveOf(cursor, words, subjectFirst, text);
  const particle = words.findIndex((token, at) => at > 0 && /^(?:in|out)$/.test(token.lower));
  const ends = particle === words.length - 1 || particle === 1;
  if (words[0]?.lower === 'check' && ends && particle > 0) {
    const rest = words.filter((_token, at) => at !== 0 && at !== particle);
    return { kind: 'action', verb: `check${words[particle]?.lower ?? ''}`, words: rest, text };
  }
  const told = words.findIndex((token) => token.lower === 'know');
  if (words[0]?.lower === 'let' && told > 1) {
    const rest = [...words.slice(1, told), ...words.slice(told + 1)];
    return { kind: 'action', verb: stem('notify'), words: rest, text };
  }
  const head = words[0];
  if (head !== undefined && cursor.isVerb(head) && !isDeterminer(head)) {
    return { kind: 'action', verb: head.stem, words: words.slice(1), text };
  }
  const phrasal =
    /^(?:make sure|find out|look up|take back|set up|check out|check in|let know)/.exec(
      words
        .slice(0, 2)
        .map((token) => token.lower)
        .join(' '),
    );
  if (phrasal !== null)
    return {
      kind: 'action',
      verb: phrasal[0] === 'make sure' ? 'check' : (head?.stem ?? ''),
      words: words.slice(2),
      text,
    };
  return { kind: 'action', verb: '', words, text };
}

/** "the X should be Yed" is "Y the X". */
function passiveOf(
  cursor: Cursor,
  words: readonly Token[],
  at: number,
  text: string,
): ActionIntent {
  let verbAt = at + 1;
  while (/^(?:be|to|get|been)$/.test(words[verbAt]?.lower ?? '')) verbAt += 1;
  const verb = words[verbAt];
  const rest = [...words.slice(0, at), ...words.slice(verbAt + 1)];
  return { kind: 'action', verb: verb?.stem ?? '', words: rest, text };
}

/** "remind every X that is Y" */
export function eachInside(
  cursor: Cursor,
  action: ActionIntent,
  _depth: number,
): Intent | undefined {
  const at = action.words.findIndex(
    (token, index) =>
      /^(?:each|every)$/.test(token.lower) &&
      action.words[index + 1]?.kind === 'word' &&
      !/^(?:time|day|of)$/.test(action.words[index + 1]?.lower ?? ''),
  );
  if (at < 0) return undefined;
  const item = action.words.slice(at + 1);
  const cut = item.findIndex(
    (token, index) => index > 0 && isPreposition(token) && !/^(?:with|of)$/.test(token.lower),
  );
  const phrase = cut < 0 ? item : item.slice(0, cut);
  const rest = cut < 0 ? [] : item.slice(cut);
  const head = action.words.slice(0, at);
  const words =
    isPreposition(head.at(-1)) || head.length === 0
      ? [...head, ...phrase.slice(0, 1), ...rest]
      : [...head, ...rest];
  return { kind: 'each', item: phrase, source: [], body: [{ ...action, words }] };
}
