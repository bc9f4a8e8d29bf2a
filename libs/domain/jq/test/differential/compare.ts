import { stringifyJson } from '@parley/kernel';
import { compile, JqError, parseJsonStream } from '../../src/index.js';
import { MATH_BINARY, MATH_UNARY } from './builtins.js';
import { observed, type Outcome, type Pair } from './oracle.js';

export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'exempt'; readonly because: string }
  /** Not done, and said so. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'different'; readonly ours: string; readonly theirs: string };

/** What we make of a pair, in the words of the oracle. */
function ours({ program, input }: Pair): Outcome | { readonly kind: 'refused'; why: string } {
  // The program alone: what is refused must be refused without its surroundings, too.
  const compiled = compile(observed(program));
  if (!compiled.ok) {
    const { code, message } = compiled.error;
    return code === 'unsupported' ? { kind: 'refused', why: message } : { kind: 'invalid' };
  }
  const [value = null] = parseJsonStream(input);
  try {
    const [output = null] = compiled.value.run(value, { exact: true, now: 1_425_599_621 });
    // jq escapes one more character; both texts mean the same.
    return { kind: 'done', text: stringifyJson(output).replaceAll('\u007f', '\\u007f') };
  } catch (error) {
    if (error instanceof JqError && error.kind !== 'error') {
      return { kind: 'refused', why: error.message };
    }
    throw error;
  }
}

export function judge(pair: Pair, theirs: Outcome): Verdict {
  const own = ours(pair);
  if (own.kind === 'refused') return own;
  if (theirs.kind === 'broken') return { kind: 'same' };
  const [a, b] = [textOf(own), textOf(theirs)];
  if (a === b) return { kind: 'same' };
  const exemption = EXEMPTIONS.find(({ holds }) => holds(pair, a, b));
  if (exemption !== undefined) return { kind: 'exempt', because: exemption.because };
  return { kind: 'different', ours: a, theirs: b };
}

function textOf(outcome: Outcome): string {
  return outcome.kind === 'done' ? outcome.text : 'does not compile';
}

const MATH = new RegExp(
  `\\b(?:${[...MATH_UNARY, ...MATH_BINARY, 'jn', 'yn', 'fma'].join('|')})\\b`,
);

/** Relative difference up to which two results of the C library's functions are the same. */
const LAST_DIGITS = 1e-12;

interface Exemption {
  readonly because: string;
  holds(pair: Pair, ours: string, theirs: string): boolean;
}

/** Differences that are known, and why. */
const EXEMPTIONS: readonly Exemption[] = [
  {
    because: 'the last digits of the functions of the C library depend on that library',
    holds: ({ program }, ours, theirs) => MATH.test(program) && sameNumbers(ours, theirs),
  },
  {
    because: 'the exponent of NaN and of infinities is unspecified in C',
    holds: ({ program }, ours) => /frexp/.test(program) && /e\+308|null/.test(ours),
  },
  {
    because:
      'the C library of the oracle knows fewer directives, and reads incomplete dates its own way',
    holds: ({ program }) =>
      /strftime\("[^"]*%[Zkl]/.test(program) ||
      /strptime\("(?!%Y-%m-%d|%a, %d %b %Y)/.test(program),
  },
  {
    because:
      'the oracle computes dates with those of JavaScript, which end, and does not normalise them',
    holds: ({ program, input }, ours) =>
      /todate|strftime|mktime|gmtime/.test(program) &&
      (/error converting number of seconds|1899-12-31/.test(ours) ||
        /\[[-+.,\deE]*\]|\d{13}|\de\d/i.test(input + program)),
  },
  {
    because: 'the order of several NaN depends on the sorting algorithm of the C library',
    holds: ({ program }) => /nan|%/.test(program) && /sort|group_by|unique|min|max/.test(program),
  },
  {
    because:
      'a `break`, also that in `first`, `limit` and `|=`, makes jq go on with the next of `?//`',
    holds: ({ program }) =>
      /\?\/\//.test(program) && /first|limit|isempty|any|all|nth|\|=|map_values/.test(program),
  },
];

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function sameNumbers(a: string, b: string): boolean {
  if (a.replaceAll(NUMBER, '#') !== b.replaceAll(NUMBER, '#')) return false;
  const theirs = b.match(NUMBER) ?? [];
  return (a.match(NUMBER) ?? []).every((text, i) => {
    if (text === theirs[i]) return true;
    const [x, y] = [Number(text), Number(theirs[i])];
    return Math.abs(x - y) <= LAST_DIGITS * Math.max(Math.abs(x), Math.abs(y), 1e-3);
  });
}
