import { stem, withoutAccents } from './stem.js';

/** One word, number, quotation or mark of a request. */
export interface Token {
  readonly kind: 'word' | 'number' | 'quote' | 'mark';
  /** As written, quotations without their quotes. */
  readonly text: string;
  readonly lower: string;
  readonly stem: string;
  readonly value?: number;
  readonly start: number;
  readonly end: number;
}

/** Longest request that is read; the edges refuse longer ones before. */
const requestLengthMax = 20_000;

const pattern =
  /"([^"]*)"|“([^”]*)”|«([^»]*)»|(?<![A-Za-z0-9])'([^']+)'(?![A-Za-z0-9])|[€$£]?\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![A-Za-z0-9])(?:\s?(?:%|€|\$|£))?|([A-Za-z0-9À-ž][A-Za-z0-9À-ž_]*(?:['’-][A-Za-z0-9À-ž]+)*)|([.;:!?,()\n]|—|–|->|→|&|>=|<=|[<>=])/g;

const numberWords: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  hundred: 100,
  twice: 2,
  thrice: 3,
};

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.slice(0, requestLengthMax).matchAll(pattern)) {
    const [whole, q1, q2, q3, q4, number, word] = match;
    const start = match.index;
    const end = start + whole.length;
    const quote = q1 ?? q2 ?? q3 ?? q4;
    if (quote !== undefined) {
      tokens.push({ kind: 'quote', text: quote, lower: quote, stem: quote, start, end });
    } else if (number !== undefined) {
      const value = Number(number.replaceAll(',', ''));
      tokens.push({ kind: 'number', text: number, lower: number, stem: number, value, start, end });
    } else if (word !== undefined) tokens.push(...wordTokens(word, start));
    else {
      const mark = whole === '&' ? 'and' : whole;
      const kind = whole === '&' ? 'word' : 'mark';
      tokens.push({ kind, text: mark, lower: mark, stem: mark, start, end });
    }
  }
  return tokens;
}

/** A possessive loses its `'s`; a contraction is taken apart. */
function wordTokens(word: string, start: number): Token[] {
  const lower = withoutAccents(word.toLowerCase()).replaceAll('’', "'");
  const end = start + word.length;
  const negated = /^(is|are|was|were|do|does|did|has|have|ca|wo|should|would|could)n't$/.exec(
    lower,
  );
  if (negated !== null) {
    const verb = negated[1] === 'ca' ? 'can' : negated[1] === 'wo' ? 'will' : (negated[1] ?? '');
    return [plain(verb, verb, start, end), plain('not', 'not', start, end)];
  }
  if (/^(it|that|there|he|she|what|who|everything)'s$/.test(lower)) {
    const pronoun = lower.slice(0, -2);
    return [plain(pronoun, pronoun, start, end), plain('is', 'is', start, end)];
  }
  if (/^(they|we|you)'re$/.test(lower)) {
    const pronoun = lower.slice(0, -3);
    return [plain(pronoun, pronoun, start, end), plain('are', 'are', start, end)];
  }
  const bare = lower.replace(/'s$|'$/, '');
  return [plain(word.slice(0, bare.length), bare, start, end)];
}

function plain(text: string, lower: string, start: number, end: number): Token {
  const value = Object.hasOwn(numberWords, lower) ? numberWords[lower] : undefined;
  const base = { kind: 'word' as const, text, lower, stem: stem(lower), start, end };
  return value === undefined ? base : { ...base, value };
}
