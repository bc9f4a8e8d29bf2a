import { codepointLength } from '../values/codepoints.js';
import type { CharacterTest } from './pattern.js';

const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]/u;
const DIGIT = /\p{Nd}/u;
const SPACE = /[\t-\r\u0085\p{Z}]/u;

function unicode(pattern: RegExp, ascii: RegExp): CharacterTest {
  const table = Array.from({ length: 128 }, (_, code) => ascii.test(String.fromCharCode(code)));
  return (code) => (code < 128 ? table[code] === true : pattern.test(String.fromCodePoint(code)));
}

export const isWord = unicode(WORD, /\w/);
export const isDigit = unicode(DIGIT, /\d/);
export const isSpace = unicode(SPACE, /[\t-\r ]/);

export function negated(test: CharacterTest): CharacterTest {
  return (code) => !test(code);
}

export function fold(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  const lower = String.fromCodePoint(code).toLowerCase();
  return lower.codePointAt(0) ?? code;
}

/** Matches what is equal to some accepted character but for its case. */
export function ignoringCase(test: CharacterTest): CharacterTest {
  return (code) => {
    if (test(code) || test(fold(code))) return true;
    const upper = String.fromCodePoint(code).toUpperCase();
    return codepointLength(upper) === 1 && test(upper.codePointAt(0) ?? code);
  };
}

const POSIX: Record<string, RegExp> = {
  alnum: /[\p{L}\p{M}\p{N}]/u,
  alpha: /[\p{L}\p{M}]/u,
  ascii: /[\0-\x7f]/,
  blank: /[\t\p{Zs}]/u,
  cntrl: /\p{C}/u,
  digit: DIGIT,
  graph: /[^\p{Z}\p{C}]/u,
  lower: /\p{Ll}/u,
  print: /[^\p{C}]/u,
  punct: /[\p{P}\p{S}]/u,
  space: SPACE,
  upper: /\p{Lu}/u,
  word: WORD,
  xdigit: /[0-9a-fA-F]/,
};

/** `[:name:]` and `\p{name}`; undefined when there is no such property. */
export function property(name: string): CharacterTest | undefined {
  const posix = Object.hasOwn(POSIX, name.toLowerCase()) ? POSIX[name.toLowerCase()] : undefined;
  const pattern = posix ?? unicodeProperty(name);
  return pattern === undefined ? undefined : (code) => pattern.test(String.fromCodePoint(code));
}

/** General categories by name, else scripts. */
function unicodeProperty(name: string): RegExp | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  for (const source of [`\\p{${name}}`, `\\p{Script=${name}}`]) {
    try {
      return new RegExp(source, 'u');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
