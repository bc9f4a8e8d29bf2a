import { stem } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { isAuxiliary, isDeterminer, isMark, isPreposition } from './cursor.js';
import { textOf, type Comparison, type Condition } from './intents.js';

const comparisons: readonly (readonly [string, Comparison])[] = [
  ['greater than or equal to', '>='],
  ['less than or equal to', '<='],
  ['more than or equal to', '>='],
  ['is not equal to', '!='],
  ['not equal to', '!='],
  ['different from', '!='],
  ['is not more than', '<='],
  ['not more than', '<='],
  ['no more than', '<='],
  ['not less than', '>='],
  ['no less than', '>='],
  ['at least', '>='],
  ['at most', '<='],
  ['up to', '<='],
  ['more than', '>'],
  ['greater than', '>'],
  ['higher than', '>'],
  ['larger than', '>'],
  ['bigger than', '>'],
  ['longer than', '>'],
  ['older than', '>'],
  ['later than', '>'],
  ['less than', '<'],
  ['fewer than', '<'],
  ['lower than', '<'],
  ['smaller than', '<'],
  ['cheaper than', '<'],
  ['shorter than', '<'],
  ['younger than', '<'],
  ['above', '>'],
  ['over', '>'],
  ['exceeds', '>'],
  ['exceed', '>'],
  ['exceeding', '>'],
  ['beyond', '>'],
  ['below', '<'],
  ['under', '<'],
  ['equal to', '=='],
  ['equals', '=='],
  ['exactly', '=='],
  ['>=', '>='],
  ['<=', '<='],
  ['>', '>'],
  ['<', '<'],
  ['=', '=='],
];

const compiled = comparisons.map(([words, operator]) => [words.split(' '), operator] as const);

export interface FoundComparison {
  readonly at: number;
  readonly length: number;
  readonly operator: Comparison;
  readonly value: number;
  /** Index of the number. */
  readonly valueAt: number;
}

/** A comparison with a number: "above 200", "at least 3", "30 or more". */
export function findComparison(tokens: readonly Token[]): FoundComparison | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    for (const [words, operator] of compiled) {
      if (!words.every((word, index) => tokens[at + index]?.lower === word)) continue;
      const valueAt = numberAfter(tokens, at + words.length);
      if (valueAt === undefined) continue;
      const value = tokens[valueAt]?.value ?? 0;
      return { at, length: valueAt + 1 - at, operator, value, valueAt };
    }
    const token = tokens[at];
    if (token?.value === undefined || tokens[at + 1]?.lower !== 'or') continue;
    const word = tokens[at + 2]?.lower ?? '';
    const operator = orMore[word];
    if (operator !== undefined) {
      return { at, length: 3, operator, value: token.value, valueAt: at };
    }
  }
  return undefined;
}

const orMore: Readonly<Record<string, Comparison>> = {
  more: '>=',
  higher: '>=',
  above: '>=',
  over: '>=',
  older: '>=',
  longer: '>=',
  less: '<=',
  lower: '<=',
  fewer: '<=',
  below: '<=',
  under: '<=',
};

function numberAfter(tokens: readonly Token[], from: number): number | undefined {
  for (let at = from; at < from + 3; at += 1) {
    if (tokens[at]?.value !== undefined) return at;
    if (!isDeterminer(tokens[at]) && !/^(?:eur|usd|chf|gbp)$/.test(tokens[at]?.lower ?? '')) break;
  }
  return undefined;
}

/** A clause after "if", "when" or "unless". */
export function readCondition(tokens: readonly Token[]): Condition {
  const clause = trim(tokens);
  const parts = split(clause, 'or');
  if (parts.length > 1) return joined('or', parts, clause);
  const all = split(clause, 'and');
  if (all.length > 1) return joined('and', all, clause);
  return readSimple(clause);
}

function joined(
  kind: 'and' | 'or',
  clauses: readonly (readonly Token[])[],
  whole: readonly Token[],
): Condition {
  const parts: Condition[] = [];
  for (const clause of clauses) {
    const before = parts.at(-1);
    parts.push(readSimple(withSubject(clause, before)));
  }
  return { kind, parts, text: textOf(whole) };
}

/** "the total is above 100 and below 200": the second part takes the subject of the first. */
function withSubject(clause: readonly Token[], before: Condition | undefined): readonly Token[] {
  const bare = findComparison(clause)?.at === 0 || isAuxiliary(clause[0]);
  if (!bare || before === undefined) return clause;
  if (before.kind === 'compare' || before.kind === 'missing') return [...before.left, ...clause];
  return before.kind === 'state' ? [...before.subject, ...clause] : clause;
}

/** Splits at a conjunction only where a whole clause follows; "A and B are fine" stays one. */
function split(tokens: readonly Token[], word: 'and' | 'or'): (readonly Token[])[] {
  const parts: (readonly Token[])[] = [];
  let from = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    if (tokens[at]?.lower !== word) continue;
    const left = tokens.slice(from, at);
    const right = tokens.slice(at + 1);
    if (orMore[right[0]?.lower ?? ''] !== undefined) continue;
    if (!hasPredicate(left) || !(hasPredicate(right) || findComparison(right)?.at === 0)) continue;
    parts.push(left);
    from = at + 1;
  }
  parts.push(tokens.slice(from));
  return parts;
}

const predicateStems = new Set(
  'be have exceed fail succeed exist need want contain equal cost agree approv declin refus reject say match pass work say'
    .split(' ')
    .map((word) => (word === 'be' || word === 'have' ? word : stem(word))),
);

export function isPredicate(token: Token): boolean {
  return token.kind === 'word' && (predicateStems.has(token.stem) || isAuxiliary(token));
}

function hasPredicate(tokens: readonly Token[]): boolean {
  return tokens.some(isPredicate) || findComparison(tokens) !== undefined;
}

function trim(tokens: readonly Token[]): readonly Token[] {
  let from = 0;
  let to = tokens.length;
  while (from < to && (tokens[from]?.kind === 'mark' || tokens[from]?.lower === 'that')) from += 1;
  while (to > from && isMark(tokens[to - 1], ',.;:!?-—–')) to -= 1;
  return tokens.slice(from, to);
}

const approvalStems = new Set('approv agre accept ok okay consent'.split(' '));
const refusalStems = new Set([
  'reject',
  'declin',
  'refus',
  'disapprov',
  'disagre',
  'deni',
  'object',
]);

function readSimple(tokens: readonly Token[]): Condition {
  const text = textOf(tokens);
  const negated = tokens.some((token) => /^(?:not|no|never|neither|isn't)$/.test(token.lower));
  const comparison = findComparison(tokens);
  if (comparison !== undefined) return readComparison(tokens, comparison, text);
  return (
    readChecks(tokens, negated, text) ??
    readDecision(tokens, negated, text) ??
    readMissing(tokens, negated, text) ??
    readState(tokens, negated, text)
  );
}

function readComparison(tokens: readonly Token[], found: FoundComparison, text: string): Condition {
  const before = tokens.slice(0, found.at);
  const after = tokens.slice(found.at + found.length).filter((token) => token.kind === 'word');
  const cut = before.findIndex(isPredicate);
  const named = meaningful(cut < 0 ? before : before.slice(0, cut));
  const unit = after[0] !== undefined && !isPreposition(after[0]) ? after[0].lower : undefined;
  const rest = meaningful(cut < 0 ? [] : before.slice(cut + 1));
  const negated = before.some((token) => token.lower === 'not');
  const operator = negated ? opposite[found.operator] : found.operator;
  const left = [...named, ...rest, ...meaningful(after)];
  return {
    kind: 'compare',
    left,
    operator,
    right: found.value,
    ...(unit === undefined ? {} : { unit }),
    text,
  };
}

const opposite: Readonly<Record<Comparison, Comparison>> = {
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
};

function meaningful(tokens: readonly Token[]): Token[] {
  return tokens.filter(
    (token) =>
      token.kind === 'word' &&
      !isDeterminer(token) &&
      !isAuxiliary(token) &&
      !isPreposition(token) &&
      !/^(?:not|no|there|that|which|who|and|or|than|eur|usd|chf|gbp|euros?|dollars?|francs?)$/.test(
        token.lower,
      ),
  );
}

/** "both are fine", "if so", "everything is ok", "either fails". */
function readChecks(
  tokens: readonly Token[],
  negated: boolean,
  text: string,
): Condition | undefined {
  const words = tokens.map((token) => token.lower).join(' ');
  if (
    /^(?:so|yes|true|it is|they are|it does|they do|that is the case|there (?:is|are)(?: (?:one|any|some))?)$/.test(
      words,
    )
  ) {
    return { kind: 'checks', count: words === 'they are' ? 'both' : 'last', negated: false, text };
  }
  if (
    /^(?:not|no|it is not|they are not|it does not|that is not the case|there (?:is|are) (?:none|not))$/.test(
      words,
    )
  ) {
    return {
      kind: 'checks',
      count: words === 'they are not' ? 'both' : 'last',
      negated: true,
      text,
    };
  }
  const subject =
    /^(both|all|everything|all of (?:them|these|it)|both of them|they|either|neither|any|any of (?:them|these)|one of (?:them|these)|none|the (?:checks?|results?)|(?:all|both)(?: the| of the)? checks|(?:any|either|one)(?: of the)? checks?|it|this|that)(?: of them)? (?:is|are|was|were|comes?|come back|go|goes|pass|passes|passed|fail|fails|failed|looks?|turns? out|both (?:are|pass|fail))\b/.exec(
      words,
    );
  if (subject === null) return undefined;
  const rest = words.slice(subject[0].length).trim();
  const generic =
    /^(?:|not|all|both|fine|ok|okay|good|well|in order|alright|all right|positive|successful|ready|clear|green|satisfied|possible|true|not (?:fine|ok|okay|good|possible|true|the case)|both (?:fine|ok|okay|good)|back (?:fine|ok|okay|positive|clean|negative)|negative|bad|false)$/.test(
      rest,
    );
  const fails = /\bfail/.test(subject[0]) || /negative|bad|false/.test(rest);
  if (!generic) return undefined;
  const head = subject[1] ?? '';
  const negative = negated || fails || /^(?:neither|none)/.test(head);
  if (/^(?:it|this|that)$/.test(head) && fails) return undefined;
  const count = /^(?:any|either|one)/.test(head)
    ? 'any'
    : /^(?:both|neither|they)/.test(head)
      ? 'both'
      : /^(?:all|everything|none|the checks|the results)/.test(head)
        ? 'all'
        : 'last';
  return { kind: 'checks', count, negated: negative, text };
}

/** "approved", "the head agrees", "she says no". */
function readDecision(
  tokens: readonly Token[],
  negated: boolean,
  text: string,
): Condition | undefined {
  const words = tokens.map((token) => token.lower).join(' ');
  const says = /\bsay(?:s)? (yes|no|ok)\b/.exec(words);
  const state = readState(tokens, negated, text);
  if (says !== null) return { kind: 'decision', approved: says[1] !== 'no', state, text };
  const verb = tokens.findLast(
    (token) => approvalStems.has(token.stem) || refusalStems.has(token.stem),
  );
  if (verb === undefined) return undefined;
  const refusal = refusalStems.has(verb.stem);
  return { kind: 'decision', approved: refusal === negated, state, text };
}

function readMissing(
  tokens: readonly Token[],
  negated: boolean,
  text: string,
): Condition | undefined {
  const at = tokens.findIndex((token) =>
    /^(?:missing|absent|empty|blank|given|provided|specified|known|set)$/.test(token.lower),
  );
  if (at < 0 || at !== tokens.length - 1) return undefined;
  const cut = tokens.findIndex(isPredicate);
  if (cut <= 0) return undefined;
  const present = /^(?:given|provided|specified|known|set)$/.test(tokens[at]?.lower ?? '');
  const left = meaningful(tokens.slice(0, cut));
  if (left.every(({ lower }) => /^(?:something|anything|any|some|one)$/.test(lower)))
    return undefined;
  return { kind: 'missing', left, negated: present ? !negated : negated, text };
}

function readState(tokens: readonly Token[], negated: boolean, text: string): Condition {
  const cut = tokens.findIndex(isPredicate);
  if (tokens[0]?.lower === 'there' && cut >= 0) {
    const state = meaningful(tokens.slice(cut + 1)).filter(
      (token) => !/^(?:any|enough|some)$/.test(token.lower),
    );
    return { kind: 'state', subject: [], state, negated, text };
  }
  if (cut < 0) return { kind: 'state', subject: [], state: meaningful(tokens), negated, text };
  const subject = meaningful(tokens.slice(0, cut));
  const verb = tokens[cut];
  const own = verb !== undefined && !isAuxiliary(verb) ? [verb] : [];
  const state = [...own, ...tokens.slice(cut + 1)].filter(
    (token) => token.kind === 'quote' || token.kind === 'number' || meaningful([token]).length > 0,
  );
  return { kind: 'state', subject, state, negated, text };
}
