import { isDigit, isSpace, isWord, negated, property } from './characters.js';
import { problem, type Cursor } from './cursor.js';
import type { CharacterTest } from './pattern.js';

const CONTROLS: Record<string, number> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

const SETS: Record<string, CharacterTest> = {
  d: isDigit,
  D: negated(isDigit),
  s: isSpace,
  S: negated(isSpace),
  w: isWord,
  W: negated(isWord),
};

const OCTAL = /^[0-7]+/;
const HEXADECIMAL = /^[0-9a-fA-F]+/;
const CODE_MAX = 0x10ffff;

/** After a backslash, inside and outside of sets. What means nothing stands for itself. */
export function readEscape(cursor: Cursor): number | CharacterTest {
  const next = cursor.peek();
  if (next === undefined) throw problem('end pattern at escape');
  if (/[0-7]/.test(next)) return Number.parseInt(cursor.digits(OCTAL, 3), 8);
  cursor.at += 1;
  if (Object.hasOwn(SETS, next)) return SETS[next] as CharacterTest;
  if (Object.hasOwn(CONTROLS, next)) return CONTROLS[next] as number;
  const braced = cursor.looksAt('{');
  if (next === 'x') return braced ? bracedCode(cursor, HEXADECIMAL, 16) : shortHexadecimal(cursor);
  if (next === 'o' && braced) return bracedCode(cursor, OCTAL, 8);
  if ((next === 'p' || next === 'P') && braced) return propertyOf(cursor, next === 'P');
  if (next === 'c') return control(cursor);
  return next.codePointAt(0) ?? 0;
}

function shortHexadecimal(cursor: Cursor): number {
  const digits = cursor.digits(HEXADECIMAL, 2);
  return digits === '' ? 'x'.charCodeAt(0) : Number.parseInt(digits, 16);
}

function bracedCode(cursor: Cursor, pattern: RegExp, base: number): number {
  const text = /^\{([0-9a-fA-F]{1,11})\}/.exec(cursor.ahead(13))?.[1];
  if (text === undefined || pattern.exec(text)?.[0] !== text) {
    return base === 16 ? 'x'.charCodeAt(0) : 'o'.charCodeAt(0);
  }
  cursor.at += text.length + 2;
  const code = Number.parseInt(text, base);
  if (code > CODE_MAX) throw problem('invalid code point value');
  return code;
}

function control(cursor: Cursor): number {
  const next = cursor.peek();
  if (next === undefined) throw problem('end pattern at control');
  cursor.at += 1;
  return next === '?' ? 0x7f : (next.codePointAt(0) ?? 0) & 0x1f;
}

function propertyOf(cursor: Cursor, negative: boolean): CharacterTest {
  cursor.accept('{');
  const inverted = cursor.accept('^');
  const name = cursor.until('}');
  if (name === undefined) throw problem('end pattern with unmatched parenthesis');
  const test = property(name);
  if (test === undefined) throw problem(`invalid character property name {${name}}`);
  return negative === inverted ? test : negated(test);
}

/** After `[`. `cased` makes a test ignore case where that is asked for. */
export function readSet(
  cursor: Cursor,
  cased: (test: CharacterTest) => CharacterTest,
): CharacterTest {
  const negative = cursor.accept('^');
  const tests: CharacterTest[] = [];
  for (let isFirst = true; isFirst || cursor.peek() !== ']'; isFirst = false) {
    if (cursor.isAtEnd) throw problem('premature end of char-class');
    tests.push(setItem(cursor));
  }
  cursor.at += 1;
  const any = cased((code) => tests.some((test) => test(code)));
  return negative ? negated(any) : any;
}

function setItem(cursor: Cursor): CharacterTest {
  const posix = posixClass(cursor);
  if (posix !== undefined) return posix;
  const low = setCharacter(cursor);
  if (typeof low !== 'number') return low;
  const isRange = cursor.peek() === '-' && cursor.peek(1) !== ']';
  if (!isRange) return (code) => code === low;
  cursor.at += 1;
  const high = setCharacter(cursor);
  if (typeof high !== 'number') throw problem('char-class value at end of range');
  if (high < low) throw problem('empty range in char class');
  return (code) => code >= low && code <= high;
}

function setCharacter(cursor: Cursor): number | CharacterTest {
  const next = cursor.peek();
  if (next === undefined) throw problem('premature end of char-class');
  cursor.at += 1;
  if (next !== '\\') return next.codePointAt(0) ?? 0;
  return cursor.accept('b') ? 8 : readEscape(cursor);
}

/** `[:alpha:]`; a bracket that begins nothing stands for itself. */
function posixClass(cursor: Cursor): CharacterTest | undefined {
  const [text, caret, name = ''] = /^\[:(\^?)(\w+):\]/.exec(cursor.ahead(24)) ?? [];
  if (text === undefined) return undefined;
  const test = property(name);
  if (test === undefined) throw problem('invalid POSIX bracket type');
  cursor.at += text.length;
  return caret === '^' ? negated(test) : test;
}
