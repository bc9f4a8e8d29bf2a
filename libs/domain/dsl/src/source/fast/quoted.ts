import { code, giveUp, isBlank, type Cursor } from './cursor.js';
import { foldBreaks, foldLines } from './folding.js';

/**
 * Reads a text in quotes; the cursor ends behind the closing one. Lines behind the first must be
 * indented deeper than `indent`.
 */
export function readQuoted(cursor: Cursor, indent: number): string {
  return cursor.source.charCodeAt(cursor.at) === code.quote
    ? readDouble(cursor, indent)
    : readSingle(cursor, indent);
}

function readSingle(cursor: Cursor, indent: number): string {
  const { source } = cursor;
  const start = cursor.at + 1;
  let doubled = false;
  let end = source.indexOf("'", start);
  while (end !== -1 && source.charCodeAt(end + 1) === code.apostrophe) {
    doubled = true;
    end = source.indexOf("'", end + 2);
  }
  if (end === -1) giveUp();
  cursor.at = end + 1;
  const text = source.slice(start, end);
  const folded = checkLines(cursor, { start, end }, indent) ? foldLines(text) : text;
  return doubled ? folded.replaceAll("''", "'") : folded;
}

function readDouble(cursor: Cursor, indent: number): string {
  const { source } = cursor;
  const start = cursor.at + 1;
  let end = source.indexOf('"', start);
  while (end !== -1 && isEscaped(source, start, end)) end = source.indexOf('"', end + 1);
  if (end === -1) giveUp();
  cursor.at = end + 1;
  const broken = checkLines(cursor, { start, end }, indent);
  const text = source.slice(start, end);
  return broken || text.includes('\\') ? unescape(text) : text;
}

function isEscaped(source: string, start: number, at: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes >= start && source.charCodeAt(at - 1 - slashes) === code.backslash) {
    slashes += 1;
  }
  return slashes % 2 === 1;
}

/** Whether the text has several lines; moves the cursor's line. */
function checkLines(
  cursor: Cursor,
  range: { readonly start: number; readonly end: number },
  indent: number,
): boolean {
  const { source } = cursor;
  let newline = source.indexOf('\n', range.start);
  if (newline === -1 || newline >= range.end) return false;
  while (newline !== -1 && newline < range.end) {
    const lineStart = newline + 1;
    let at = lineStart;
    while (source.charCodeAt(at) === code.space) at += 1;
    const blank = source.charCodeAt(at) === code.newline || source.charCodeAt(at) === code.return;
    if (!blank && at - lineStart <= indent) giveUp();
    if (at === lineStart && isMarkerAt(source, at)) giveUp();
    cursor.lineStart = lineStart;
    newline = source.indexOf('\n', lineStart);
  }
  return true;
}

function isMarkerAt(source: string, at: number): boolean {
  return (
    (source.startsWith('---', at) || source.startsWith('...', at)) &&
    isBlank(source.charCodeAt(at + 3))
  );
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};
const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function unescape(text: string): string {
  let value = '';
  let at = 0;
  while (at < text.length) {
    const next = indexOfSpecial(text, at);
    const plain = text.slice(at, next);
    if (next === text.length) return value + plain;
    if (text.charCodeAt(next) !== code.backslash) {
      const { fold, end } = foldBreaks(text, next);
      value += plain.replace(/[ \t\r]+$/, '') + fold;
      at = end;
      continue;
    }
    value += plain;
    const letter = text.charAt(next + 1);
    const digits = digitsOf[letter];
    if (letter === '\n' || letter === '\r') at = afterEscapedBreak(text, next + 1);
    else if (digits !== undefined) {
      value += characterOf(text.slice(next + 2, next + 2 + digits), digits);
      at = next + 2 + digits;
    } else {
      value += escapes[letter] ?? giveUp();
      at = next + 2;
    }
  }
  return value;
}

/** The next backslash or line break. */
function indexOfSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === code.backslash || character === code.newline) return at;
  }
  return text.length;
}

function afterEscapedBreak(text: string, from: number): number {
  let at = text.charAt(from) === '\r' ? from + 1 : from;
  if (text.charAt(at) !== '\n') giveUp();
  at += 1;
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at += 1;
  return at;
}

function characterOf(hex: string, digits: number): string {
  const point = hex.length === digits && /^[\da-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : -1;
  return point < 0 || point > 0x10ffff ? giveUp() : String.fromCodePoint(point);
}
