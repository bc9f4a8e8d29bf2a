import { SyntaxFault, type Span } from '../errors.js';

export type TokenKind =
  | 'operator'
  | 'keyword'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'format'
  | 'number'
  | 'string'
  | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** Operator, keyword or name without its sigil; the source text of a number. */
  readonly text: string;
  /** Of a string: decoded text and the tokens of each interpolation. */
  readonly parts?: readonly (string | readonly Token[])[];
}

const KEYWORDS = new Set(
  'as def module import include if then else elif end and or reduce foreach try catch label break __loc__'.split(
    ' ',
  ),
);

const SPACE = /[ \t\r\n]+/y;
const COMMENT = /#(?:\\(?:\\|\r?\n)|[^\n])*?(?=\r?\n|$)/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*/y;
const FIELD = /\.[a-zA-Z_]\w*/y;
const VARIABLE = /\$(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*/y;
const FORMAT = /@[a-zA-Z0-9_]+/y;
const OPERATOR =
  /\?\/\/|\/\/=|!=|==|\/\/|\|=|\+=|-=|\*=|\/=|%=|<=|>=|\.\.|[.?=;,:|+\-*/%<>()[\]{}]/y;
const PLAIN_TEXT = /[^"\\]+/y;

const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Splits a program into tokens; the last one is always `end`. */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run();
}

class Lexer {
  private at = 0;

  constructor(private readonly source: string) {}

  run(): Token[] {
    const tokens = this.until(undefined);
    tokens.push({ kind: 'end', text: '', offset: this.source.length, length: 0 });
    return tokens;
  }

  /** Reads tokens up to the parenthesis that closes an interpolation, or to the end. */
  private until(interpolation: Span | undefined): Token[] {
    const tokens: Token[] = [];
    let nesting = 0;
    for (;;) {
      this.skipBlank();
      if (this.at >= this.source.length) {
        if (interpolation === undefined) return tokens;
        throw new SyntaxFault('syntax', 'this interpolation is not closed', interpolation);
      }
      const token = this.next();
      if (token.text === '(' && token.kind === 'operator') nesting += 1;
      if (token.text === ')' && token.kind === 'operator') nesting -= 1;
      if (nesting < 0 && interpolation !== undefined) return tokens;
      tokens.push(token);
    }
  }

  private skipBlank(): void {
    while (this.match(SPACE) !== undefined || this.match(COMMENT) !== undefined);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    return found;
  }

  private next(): Token {
    const offset = this.at;
    const make = (kind: TokenKind, text: string): Token => ({
      kind,
      text,
      offset,
      length: this.at - offset,
    });
    if (this.source[offset] === '"') return this.string();
    let text = this.match(FIELD);
    if (text !== undefined) return make('field', text.slice(1));
    text = this.match(NUMBER);
    if (text !== undefined) return make('number', text);
    text = this.match(VARIABLE);
    if (text !== undefined) return make('variable', text.slice(1));
    text = this.match(NAME);
    if (text !== undefined) return make(KEYWORDS.has(text) ? 'keyword' : 'identifier', text);
    text = this.match(FORMAT);
    if (text !== undefined) return make('format', text.slice(1));
    text = this.match(OPERATOR);
    if (text !== undefined) return make('operator', text);
    const character = String.fromCodePoint(this.source.codePointAt(offset) ?? 0);
    throw new SyntaxFault('syntax', `unexpected character ${JSON.stringify(character)}`, {
      offset,
      length: character.length,
    });
  }

  private string(): Token {
    const offset = this.at;
    const parts: (string | readonly Token[])[] = [];
    let text = '';
    this.at += 1;
    for (;;) {
      text += this.match(PLAIN_TEXT) ?? '';
      if (this.at >= this.source.length) {
        throw new SyntaxFault('syntax', 'this string is not closed', { offset, length: 1 });
      }
      if (this.source[this.at] === '"') break;
      if (this.source[this.at + 1] === '(') {
        parts.push(text, this.interpolation());
        text = '';
      } else {
        text += this.escape();
      }
    }
    this.at += 1;
    parts.push(text);
    return { kind: 'string', text: '', offset, length: this.at - offset, parts };
  }

  private interpolation(): readonly Token[] {
    const span = { offset: this.at, length: 2 };
    this.at += 2;
    const tokens = this.until(span);
    const end: Token = { kind: 'end', text: '', offset: this.at - 1, length: 1 };
    return [...tokens, end];
  }

  private escape(): string {
    const offset = this.at;
    const letter = this.source[this.at + 1] ?? '';
    this.at += 2;
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain !== undefined) return plain;
    const digits = this.source.slice(this.at, this.at + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      const length = letter === 'u' ? 2 + digits.length : 2;
      throw new SyntaxFault('syntax', `invalid escape in a string: \\${letter}`, {
        offset,
        length,
      });
    }
    this.at += 4;
    return this.unit(Number.parseInt(digits, 16));
  }

  /** A surrogate that has no partner becomes the replacement character. */
  private unit(code: number): string {
    if (code < 0xd800 || code > 0xdfff) return String.fromCharCode(code);
    const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(this.source.slice(this.at, this.at + 6));
    if (code >= 0xdc00 || low?.[1] === undefined) return '\ufffd';
    this.at += 6;
    return String.fromCharCode(code, Number.parseInt(low[1], 16));
  }
}
