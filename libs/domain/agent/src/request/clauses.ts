import type { Token } from '../language/tokens.js';
import { findComparison, isPredicate } from './conditions.js';
import {
  isAuxiliary,
  isDeterminer,
  isMark,
  isPreposition,
  isPronoun,
  type Cursor,
} from './cursor.js';
import { durationAt } from './durations.js';
import {
  conditionOpeners,
  connectors,
  eachOpeners,
  elseMarkers,
  errorOpeners,
  parallelMarkers,
} from './markers.js';

export function isMarkerEnd(cursor: Cursor, length: number): boolean {
  const next = cursor.peek(length);
  return next === undefined || next.kind === 'mark' || cursor.startsClause(cursor.at + length);
}

export function seesElse(cursor: Cursor): boolean {
  const length = cursor.sees(elseMarkers);
  if (length === 0) return false;
  return cursor.sees(['otherwise', 'else', 'or else']) > 0 || isMarkerEnd(cursor, length);
}

/** Where a condition ends: a comma, "then", or the verb of what is to be done. */
export function conditionEnd(cursor: Cursor, from: number, trailing: boolean): number {
  let predicate = false;
  for (let at = from; at < cursor.tokens.length; at += 1) {
    const token = cursor.tokens[at];
    if (token === undefined) break;
    if (isMark(token, ',:—–->→')) return commaJoins(cursor, from, at) ? afterComma(cursor, at) : at;
    if (cursor.sees(['then', 'otherwise', 'or else', 'else', 'and then'], at) > 0 && at > from)
      return at;
    const before = cursor.tokens[at - 1];
    if (predicate && at > from && cursor.startsClause(at)) {
      const joined = before?.lower === 'and' || before?.lower === 'or';
      if (joined && (trailing || !commaAhead(cursor, at)))
        return before?.lower === 'and' ? at - 1 : at;
      if (
        !joined &&
        !(isInside(cursor, before) && !isParticle(cursor, at - 1)) &&
        complement(cursor, from, at)
      )
        return at;
    }
    if (
      isPredicate(token) ||
      (at > from &&
        /^(?:comes?|goes|went|came|takes|arrives?|wants?|asks?|requests?)$/.test(token.lower))
    )
      predicate = true;
    if (trailing && at > from && cursor.sees(['for each', 'for every', 'in parallel'], at) > 0)
      return at;
  }
  return cursor.tokens.length;
}

/** Nothing can be done yet when the predicate has no complement: "if it is | open". */
function complement(cursor: Cursor, from: number, at: number): boolean {
  const clause = cursor.tokens.slice(from, at);
  const verb = clause.findIndex(isPredicate);
  if (verb < 0) return true;
  const own = clause[verb];
  return (own !== undefined && !isAuxiliary(own)) || clause.length > verb + 1;
}

/** "comes in" takes its particle along. */
function isParticle(cursor: Cursor, at: number): boolean {
  return (
    cursor.tokens[at]?.lower === 'in' &&
    /^(?:comes?|came|coming)$/.test(cursor.tokens[at - 1]?.lower ?? '')
  );
}

function isInside(cursor: Cursor, before: Token | undefined): boolean {
  if (isPronoun(before)) return false;
  return (
    before?.lower === 'to' ||
    before?.lower === 'not' ||
    isDeterminer(before) ||
    isPreposition(before) ||
    isAuxiliary(before)
  );
}

function commaAhead(cursor: Cursor, at: number): boolean {
  return cursor.tokens.slice(at).some((token) => isMark(token, ','));
}

/** "if it is late, broken or lost, do X": the comma stands inside a list of complements. */
function commaJoins(cursor: Cursor, from: number, at: number): boolean {
  const rest = cursor.tokens.slice(at + 1, at + 5);
  const or = rest.findIndex((token) => token.lower === 'or');
  return (
    from < at && or > 0 && or <= 2 && !cursor.startsClause(at + 1) && commaAhead(cursor, at + 1)
  );
}

function afterComma(cursor: Cursor, at: number): number {
  const next = cursor.tokens.findIndex((token, index) => index > at && isMark(token, ','));
  return next < 0 ? cursor.tokens.length : next;
}

/** "an X is placed", "someone asks for Y": something happens, nothing is compared. */
export function isEvent(cursor: Cursor, clause: readonly Token[], opener: string): boolean {
  if (/^(?:unless|only|provided|even|in)$/.test(opener)) return false;
  if (findComparison(clause) !== undefined) return false;
  const head = clause[0]?.lower ?? '';
  if (
    /^(?:a|an|any|new|another|someone|somebody|anyone|anybody|we|i|one|people|customers|users|clients|members)$/.test(
      head,
    )
  ) {
    return true;
  }
  if (opener === 'upon' || opener === 'each' || opener === 'every' || opener === 'whenever')
    return true;
  if (head === 'it' || head === 'they' || head === 'both' || head === 'that') return false;
  if (opener === 'if') return false;
  const verb = clause.find((token) => isPredicate(token));
  const action = clause.some(
    (token, index) => index > 0 && /(?:ed|s)$/.test(token.lower) && cursor.isVerb(token),
  );
  const motion = clause.some((token) =>
    /^(?:comes?|arrives?|gets?|wants?|asks?|requests?|signs?|calls?|submits?|returns?|brings?)$/.test(
      token.lower,
    ),
  );
  return verb === undefined || !isAuxiliary(verb)
    ? action || motion || verb === undefined
    : action || motion;
}

export function nounPhraseEnd(cursor: Cursor, from: number): number {
  for (let at = from; at < cursor.tokens.length; at += 1) {
    if (cursor.tokens[at]?.kind === 'mark') return at;
    if (cursor.sees(['then', 'and then'], at) > 0) return at;
    if (at > from && cursor.sees(['if', 'when', 'unless'], at) > 0) return at;
    const before = cursor.tokens[at - 1];
    if (at > from && cursor.startsClause(at) && !isInside(cursor, before)) return at;
  }
  return cursor.tokens.length;
}

export function actionEnd(cursor: Cursor, from: number): number {
  const whether =
    /^(?:check|see|verify|determine|find|ensure|confirm|make|look|validate|test)$/.test(
      cursor.tokens[from]?.lower ?? '',
    );
  for (let at = from; at < cursor.tokens.length; at += 1) {
    const token = cursor.tokens[at];
    if (isMark(token, ',:()—–->→')) {
      if (isMark(token, ',') && isList(cursor, at)) continue;
      return at;
    }
    if (at === from) continue;
    if (
      cursor.sees(
        [
          'then',
          'and then',
          'after that',
          'otherwise,',
          'else',
          'or else',
          'and after that',
          'and finally',
          'and afterwards',
        ],
        at,
      ) > 0
    )
      return at;
    if (token?.lower === 'otherwise') return at === cursor.tokens.length - 1 ? at + 1 : at;
    const inner =
      whether &&
      /^(?:if|whether)$/.test(token?.lower ?? '') &&
      at <= from + 5 &&
      !commaAhead(cursor, at);
    if (inner || (whether && /^(?:whether)$/.test(token?.lower ?? '')))
      return whetherEnd(cursor, at);
    if (whether && token?.lower === 'if' && at <= from + 2) return whetherEnd(cursor, at);
    if (
      cursor.sees(
        [
          'only if',
          'only when',
          'but only',
          'if',
          'when',
          'unless',
          'in case',
          'provided',
          'as long as',
          'as soon as',
          'once',
        ],
        at,
      ) > 0
    )
      return at;
    if (cursor.sees(eachOpeners, at) > 0 && !/^(?:to|with|go|loop)$/.test(token?.lower ?? ''))
      return at;
    if (cursor.sees(parallelMarkers, at) > 0) return at;
    if (cursor.sees(['before', 'after'], at) > 0 && isOrderClause(cursor, at)) return at;
    if (
      cursor.sees(errorOpeners, at) > 0 ||
      cursor.sees(['and retry', 'retrying', 'and try'], at) > 0
    )
      return at;
    if (
      cursor.sees(['with up to', 'with at most', 'up to'], at) > 0 &&
      /^(?:times|retries|attempts|tries)$/.test(
        cursor.tokens[at + 3]?.lower ?? cursor.tokens[at + 4]?.lower ?? '',
      )
    )
      return at;
    if (token?.lower === 'and' && cursor.startsClause(at + 1)) return at;
    if (token?.lower === 'and' && opensBlock(cursor, at + 1)) return at;
    if (
      token?.lower === 'and' &&
      /^(?:also|finally|then|afterwards)$/.test(cursor.tokens[at + 1]?.lower ?? '')
    )
      return at;
  }
  return cursor.tokens.length;
}

function isOrderClause(cursor: Cursor, at: number): boolean {
  const next = cursor.tokens[at + 1];
  if (next === undefined) return false;
  if (cursor.tokens[at]?.lower === 'after' && durationAt(cursor, at + 1) !== undefined) return true;
  if (/ing$/.test(next.lower) && cursor.isVerb(next)) return true;
  return /^(?:you|we|it)$/.test(next.lower);
}

function opensBlock(cursor: Cursor, at: number): boolean {
  const openers = [conditionOpeners, eachOpeners, parallelMarkers, errorOpeners];
  return openers.some((phrases) => cursor.sees(phrases, at) > 0);
}

function whetherEnd(cursor: Cursor, from: number): number {
  for (let at = from; at < cursor.tokens.length; at += 1) {
    if (isMark(cursor.tokens[at], ',:—–')) return at;
    if (
      at > from + 2 &&
      cursor.sees(['then', 'and then', 'and if', 'and only', 'otherwise'], at) > 0
    )
      return at;
    if (at > from + 2 && cursor.tokens[at]?.lower === 'and' && cursor.startsClause(at + 1))
      return at;
  }
  return cursor.tokens.length;
}

/** "check A, B and C": the comma separates nouns. */
function isList(cursor: Cursor, at: number): boolean {
  if (cursor.startsClause(at + 1) || cursor.sees(connectors, at + 1) > 0) return false;
  if (cursor.sees(conditionOpeners, at + 1) > 0 || cursor.sees(elseMarkers, at + 1) > 0)
    return false;
  if (cursor.sees(eachOpeners, at + 1) > 0 || cursor.sees(parallelMarkers, at + 1) > 0)
    return false;
  for (let ahead = at + 1; ahead < Math.min(at + 7, cursor.tokens.length); ahead += 1) {
    const token = cursor.tokens[ahead];
    if (token?.lower === 'and' || token?.lower === 'or') return !cursor.startsClause(ahead + 1);
    if (token?.kind === 'mark' && token.text !== ',') return false;
    if (token !== undefined && (isPredicate(token) || cursor.startsClause(ahead))) return false;
  }
  return false;
}

/** "A customer wants to return something." as the first sentence tells what happened. */
export function isSituation(cursor: Cursor, clause: readonly Token[]): boolean {
  const head = clause[0]?.lower ?? '';
  if (!/^(?:a|an|someone|somebody|customers?|users?|new)$/.test(head)) return false;
  return (
    !cursor.isVerb(clause[0]) &&
    clause.some(
      (token, index) => index > 0 && (isPredicate(token) || /(?:ed|s)$/.test(token.lower)),
    )
  );
}
