import { plainOrder, putMember, type Json, type JsonObject } from '@parley/kernel';
import { upToNul } from './c-text.js';
import { literal } from './number.js';

/** Values that are nested deeper are not read, as in jq. */
const DEPTH_MAX = 10_000;

/** A key that waits for its value. */
class Key {
  constructor(readonly name: string) {}
}

const LITERAL = /[^ \t\r\n"[\]{},:]+/y;
const SPACE = /[ \t\r\n]+/y;

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f]/;

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

/** JSON text is not what it should be. `offset` counts UTF-16 code units. */
export class JsonProblem extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'JsonProblem';
  }
}

/**
 * Reads a stream of JSON texts as jq does: beyond JSON it takes `nan`, `infinity` and numbers such as
 * `01` or `+.5`, and it does not insist on separators that are not needed. Its messages are jq's.
 */
export class JsonReader {
  private readonly stack: (Json[] | JsonObject | Key)[] = [];
  private value: Json | undefined;
  private at = 0;

  constructor(private readonly text: string) {
    if (text.startsWith('\ufeff')) this.at = 1;
  }

  /** Where reading goes on. */
  get offset(): number {
    return this.at;
  }

  /** The next value of the stream, undefined at its end. Throws a `JsonProblem`. */
  next(): Json | undefined {
    const { text } = this;
    while (this.at < text.length) {
      const start = this.at;
      this.take(SPACE);
      const word = this.take(LITERAL);
      // A literal is complete only when something follows it.
      if (word !== '') {
        this.literal(word, start);
        if (this.stack.length === 0) return this.afterLiteral();
      } else if (text.charAt(this.at) === '"') this.string();
      else if (this.at < text.length) this.structure(text.charAt(this.at));
      if (this.stack.length === 0 && this.value !== undefined) return this.release();
    }
    if (this.stack.length > 0) throw this.problem('Unfinished JSON term at EOF');
    return undefined;
  }

  /** What follows a literal at once is read with it, and may be wrong. */
  private afterLiteral(): Json | undefined {
    const value = this.release();
    const mark = this.text.charAt(this.at);
    if (mark !== '' && '[]{},:'.includes(mark)) this.structure(mark);
    return value;
  }

  private release(): Json | undefined {
    const { value } = this;
    this.value = undefined;
    return value;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private literal(word: string, start: number): void {
    const atEnd = this.at >= this.text.length;
    const value = wordValue(word);
    // The character after a literal is read before the literal is judged.
    if (!atEnd) this.at += 1;
    const where = atEnd ? ' at EOF' : '';
    if (value instanceof Malformed) throw this.problem(value.message + where);
    if (this.value !== undefined) throw this.problem(`Expected separator between values${where}`);
    if (!atEnd) this.at -= 1;
    this.value = value;
    if (start === this.at) throw this.problem('Invalid character');
  }

  private string(): void {
    const end = this.closingQuote();
    if (end < 0) {
      this.at = this.text.length;
      throw this.problem('Unfinished string at EOF');
    }
    const raw = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    const value = this.unescape(raw);
    if (this.value !== undefined) throw this.problem('Expected separator between values');
    this.value = value;
  }

  /** The quote that ends the string which begins here, or -1. Strings may have many megabytes. */
  private closingQuote(): number {
    const { text } = this;
    for (let from = this.at + 1; ;) {
      const quote = text.indexOf('"', from);
      if (quote < 0) return -1;
      let escapes = 0;
      while (text.charAt(quote - 1 - escapes) === '\\') escapes += 1;
      if (escapes % 2 === 0) return quote;
      from = quote + 1;
    }
  }

  private unescape(raw: string): string {
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    if (!/[\\\u0000-\u001f]/.test(raw)) return raw;
    let text = '';
    for (let at = 0; at < raw.length;) {
      const escape = raw.indexOf('\\', at);
      const plain = raw.slice(at, escape < 0 ? raw.length : escape);
      if (CONTROL.test(plain)) {
        throw this.problem(
          'Invalid string: control characters from U+0000 through U+001F must be escaped',
        );
      }
      text += plain;
      at += plain.length;
      if (escape < 0) break;
      const letter = raw.charAt(at + 1);
      if (letter === 'u') {
        const code = this.codepoint(raw, at + 2);
        text += code;
        at += code.length > 1 ? 12 : 6;
      } else {
        if (!Object.hasOwn(ESCAPES, letter)) throw this.problem('Invalid escape');
        text += ESCAPES[letter] ?? '';
        at += 2;
      }
    }
    return text;
  }

  /** After `\u`. A low half of a pair that stands alone becomes the replacement character. */
  private codepoint(raw: string, at: number): string {
    if (at + 4 > raw.length) throw this.problem('Invalid \\uXXXX escape');
    const unit = hex(raw, at);
    if (unit === undefined) throw this.problem('Invalid characters in \\uXXXX escape');
    if (unit >= 0xdc00 && unit <= 0xdfff) return '\ufffd';
    if (unit < 0xd800 || unit > 0xdbff) return String.fromCharCode(unit);
    const low = raw.startsWith('\\u', at + 4) ? hex(raw, at + 6) : undefined;
    if (low === undefined || low < 0xdc00 || low > 0xdfff) {
      throw this.problem('Invalid \\uXXXX\\uXXXX surrogate pair escape');
    }
    return String.fromCharCode(unit, low);
  }

  private structure(mark: string): void {
    this.at += 1;
    switch (mark) {
      case '[':
      case '{':
        if (this.stack.length >= DEPTH_MAX) throw this.problem('Exceeds depth limit for parsing');
        if (this.value !== undefined) throw this.problem('Expected separator between values');
        this.stack.push(mark === '[' ? [] : {});
        return;
      case ':':
        this.colon();
        return;
      case ',':
        this.comma();
        return;
      case ']':
        this.closeArray();
        return;
      default:
        this.closeObject();
    }
  }

  private colon(): void {
    const { value } = this;
    if (value === undefined) throw this.problem("Expected string key before ':'");
    const top = this.stack.at(-1);
    if (top === undefined || Array.isArray(top) || top instanceof Key) {
      throw this.problem("':' not as part of an object");
    }
    if (typeof value !== 'string') throw this.problem('Object keys must be strings');
    this.stack.push(new Key(value));
    this.value = undefined;
  }

  private comma(): void {
    const { value } = this;
    if (value === undefined) throw this.problem("Expected value before ','");
    const top = this.stack.at(-1);
    if (top === undefined) throw this.problem("',' not as part of an object or array");
    if (Array.isArray(top)) top.push(value);
    else if (top instanceof Key) this.member(top, value);
    else throw this.problem('Objects must consist of key:value pairs');
    this.value = undefined;
  }

  private member(key: Key, value: Json): void {
    this.stack.pop();
    const object = this.stack.pop() as JsonObject;
    this.stack.push(putMember(object, key.name, value));
  }

  private closeArray(): void {
    const top = this.stack.at(-1);
    if (!Array.isArray(top)) throw this.problem("Unmatched ']'");
    if (this.value !== undefined) top.push(this.value);
    else if (top.length > 0) throw this.problem('Expected another array element');
    this.stack.pop();
    this.value = top;
  }

  private closeObject(): void {
    const top = this.stack.at(-1);
    if (top === undefined) throw this.problem("Unmatched '}'");
    if (this.value !== undefined) {
      if (!(top instanceof Key)) throw this.problem('Objects must consist of key:value pairs');
      this.member(top, this.value);
    } else {
      if (Array.isArray(top) || top instanceof Key) throw this.problem("Unmatched '}'");
      if (Object.keys(top).length > 0) throw this.problem('Expected another key-value pair');
    }
    this.value = plainOrder(this.stack.pop() as JsonObject);
  }

  /** Columns count bytes of UTF-8, as in jq. */
  private problem(message: string): JsonProblem {
    const read = this.text.slice(this.text.startsWith('\ufeff') ? 1 : 0, this.at);
    const lines = read.split('\n');
    const column = bytesOf(lines.at(-1) ?? '');
    return new JsonProblem(`${message} at line ${lines.length}, column ${column}`, this.at);
  }
}

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function hex(text: string, at: number): number | undefined {
  const digits = text.slice(at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** A word that means nothing. */
class Malformed {
  constructor(readonly message: string) {}
}

function wordValue(word: string): Json | Malformed {
  if (word.startsWith('t')) return word === 'true' ? true : new Malformed('Invalid literal');
  if (word.startsWith('f')) return word === 'false' ? false : new Malformed('Invalid literal');
  if (word.startsWith("'")) {
    return new Malformed('Invalid string literal; expected ", but got \'');
  }
  if (word.startsWith('nu')) return word === 'null' ? null : new Malformed('Invalid literal');
  return readNumber(upToNul(word)) ?? new Malformed('Invalid numeric literal');
}

const NAN = /^[+-]?s?nan0*$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** A number as jq reads it. Undefined when the text is none. */
export function readNumber(text: string): Json | undefined {
  const number = literal(text);
  if (number !== undefined) return number;
  if (NAN.test(text)) return Number.NaN;
  const sign = INFINITY.exec(text)?.[1];
  return sign === undefined ? undefined : sign === '-' ? -Infinity : Infinity;
}
