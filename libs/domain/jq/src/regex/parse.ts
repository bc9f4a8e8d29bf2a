import { unsupported } from '../failure.js';
import { fold, ignoringCase } from './characters.js';
import { Cursor, problem } from './cursor.js';
import { isLookBehind } from './look-behind.js';
import { readEscape, readSet } from './parse-set.js';
import type {
  Anchor,
  CharacterTest,
  ParsedRegex,
  Pattern,
  RegexOptions,
  RepeatMode,
} from './pattern.js';

/** Repetitions written as numbers may not be larger, as in Oniguruma. */
const REPEAT_MAX = 100_000;

/** Nesting of groups. */
const DEPTH_MAX = 100;

/** Reads the syntax that jq's regular expressions have in common with Perl's. */
export function parseRegex(source: string, options: RegexOptions): ParsedRegex {
  const parser = new Parser(source, options);
  return { pattern: parser.parse(), groups: parser.groups };
}

const ESCAPED_ANCHORS: Record<string, Anchor> = {
  A: 'text-start',
  z: 'text-end',
  Z: 'last-line-end',
  b: 'word-boundary',
  B: 'not-word-boundary',
  G: 'search-start',
};

/** What Oniguruma has, and this has not. */
const UNSUPPORTED = new Set(['K', 'X', 'y', 'Y', 'g']);

const NOT_NEWLINE: CharacterTest = (code) => code !== 10;
const ANYTHING: CharacterTest = () => true;
const LINE_BREAK: CharacterTest = (code) =>
  (code >= 10 && code <= 13) || code === 0x85 || code === 0x2028 || code === 0x2029;

class Parser {
  readonly groups: (string | undefined)[] = [];
  private readonly cursor: Cursor;
  private depth = 0;
  /** Whether characters stand for themselves, between `\\Q` and `\\E`. */
  private isQuoting = false;
  /** References to groups that may come later. */
  private furthest = 0;

  constructor(
    source: string,
    private options: RegexOptions,
  ) {
    this.cursor = new Cursor(source);
  }

  parse(): Pattern {
    const pattern = this.choice();
    if (!this.cursor.isAtEnd) throw problem('unmatched close parenthesis');
    if (this.furthest > this.groups.length) throw problem('invalid backref number/name');
    return pattern;
  }

  private peek(): string | undefined {
    return this.cursor.peek();
  }

  private accept(text: string): boolean {
    return this.cursor.accept(text);
  }

  /** Alternatives up to a closing parenthesis or the end. Options set inside end with them. */
  private choice(): Pattern {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw problem('too deep nest level');
    const { options } = this;
    const parts = [this.sequence()];
    while (this.accept('|')) parts.push(this.sequence());
    this.options = options;
    this.depth -= 1;
    return parts.length === 1 ? (parts[0] as Pattern) : { kind: 'choice', parts };
  }

  private sequence(): Pattern {
    const parts: Pattern[] = [];
    for (;;) {
      if (!this.isQuoting) this.skipIgnored();
      const next = this.peek();
      if (next === undefined || (!this.isQuoting && (next === '|' || next === ')'))) break;
      const part = this.atom();
      if (part !== undefined) parts.push(this.quantified(part));
    }
    if (parts.length === 0) return { kind: 'empty' };
    return parts.length === 1 ? (parts[0] as Pattern) : { kind: 'sequence', parts };
  }

  /** Comments, and blanks where they do not count. */
  private skipIgnored(): void {
    if (this.options.extended) this.skipBlank();
    while (this.accept('(?#')) {
      if (this.cursor.until(')') === undefined) throw problem('end pattern in group');
      if (this.options.extended) this.skipBlank();
    }
  }

  private skipBlank(): void {
    for (let next = this.peek(); next !== undefined; next = this.peek()) {
      if (/\s/.test(next)) this.cursor.at += 1;
      else if (next === '#') this.skipLine();
      else return;
    }
  }

  private skipLine(): void {
    while (this.peek() !== undefined && this.peek() !== '\n') this.cursor.at += 1;
  }

  private quantified(atom: Pattern): Pattern {
    let body = atom;
    for (;;) {
      if (this.isQuoting && !this.accept('\\E')) return body;
      this.isQuoting = false;
      this.skipIgnored();
      const range = this.range();
      if (range === undefined) return body;
      if (body.kind === 'anchor' || body.kind === 'look') {
        throw problem('target of repeat operator is invalid');
      }
      const mode: RepeatMode = this.accept('?')
        ? 'lazy'
        : this.accept('+')
          ? 'possessive'
          : 'greedy';
      body = { kind: 'repeat', min: range.min, max: range.max, mode, body };
    }
  }

  private range():
    { readonly min: number; readonly max: number; readonly counted: boolean } | undefined {
    if (this.accept('*')) return { min: 0, max: Infinity, counted: false };
    if (this.accept('+')) return { min: 1, max: Infinity, counted: false };
    if (this.accept('?')) return { min: 0, max: 1, counted: false };
    const [text, low, comma, high] = /^\{(\d+)(,?)(\d*)\}/.exec(this.cursor.ahead(20)) ?? [];
    if (text === undefined) return undefined;
    this.cursor.at += text.length;
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? Infinity : Number(high);
    if (min > REPEAT_MAX || (max > REPEAT_MAX && max !== Infinity)) {
      throw problem('too big number for repeat range');
    }
    if (max < min) throw problem('upper is smaller than lower in repeat range');
    return { min, max, counted: true };
  }

  /** Undefined for what only sets options. */
  private atom(): Pattern | undefined {
    const next = this.peek() as string;
    if (this.isQuoting) return this.quoted(next);
    if (this.accept('\\Q')) {
      this.isQuoting = true;
      return undefined;
    }
    if (next === '{' && this.range() !== undefined) throw unspecified();
    this.cursor.at += 1;
    switch (next) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'character', test: readSet(this.cursor, (test) => this.cased(test)) };
      case '.': {
        const { dotAll } = this.options;
        return { kind: 'character', test: dotAll ? ANYTHING : NOT_NEWLINE };
      }
      case '^':
        return { kind: 'anchor', at: this.options.perLine ? 'line-start' : 'text-start' };
      case '$':
        return { kind: 'anchor', at: this.options.perLine ? 'line-end' : 'last-line-end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        throw unspecified();
      default:
        return this.literal(next.codePointAt(0) ?? 0);
    }
  }

  private quoted(next: string): Pattern | undefined {
    if (this.accept('\\E')) {
      this.isQuoting = false;
      return undefined;
    }
    this.cursor.at += 1;
    return this.literal(next.codePointAt(0) ?? 0);
  }

  private literal(code: number): Pattern {
    if (!this.options.ignoreCase) return { kind: 'character', test: (other) => other === code };
    const folded = fold(code);
    return { kind: 'character', test: (other) => other === code || fold(other) === folded };
  }

  private cased(test: CharacterTest): CharacterTest {
    return this.options.ignoreCase ? ignoringCase(test) : test;
  }

  private group(): Pattern | undefined {
    if (!this.accept('?')) return this.capture(undefined);
    if (this.cursor.isAtEnd) throw problem('end pattern in group');
    if (this.accept(':')) return this.body();
    if (this.accept('>')) return { kind: 'atomic', body: this.body() };
    return this.look() ?? this.named();
  }

  private look(): Pattern | undefined {
    for (const behind of [false, true]) {
      const mark = behind ? '<' : '';
      for (const negative of [false, true]) {
        if (!this.accept(mark + (negative ? '!' : '='))) continue;
        const body = this.body();
        if (behind && !isLookBehind(body, negative))
          throw problem('invalid pattern in look-behind');
        return { kind: 'look', behind, negative, body };
      }
    }
    return undefined;
  }

  private named(): Pattern | undefined {
    for (const mark of ['~', '(', '|']) {
      if (this.cursor.looksAt(mark)) throw unsupported(`(?${mark} in a regular expression`);
    }
    if (this.accept('<')) return this.capture(this.name('>'));
    if (this.accept("'")) return this.capture(this.name("'"));
    return this.inlineOptions();
  }

  private body(): Pattern {
    const body = this.choice();
    this.close();
    return body;
  }

  private close(): void {
    if (!this.accept(')')) throw problem('end pattern with unmatched parenthesis');
  }

  private capture(name: string | undefined): Pattern {
    const index = this.groups.push(name) - 1;
    return { kind: 'capture', index, body: this.body() };
  }

  private name(end: string): string {
    const rest = this.cursor.ahead(100);
    const name = this.cursor.until(end);
    if (name === undefined) throw problem(`invalid group name <${rest}>`);
    if (name === '') throw problem('group name is empty');
    if (!/^[\p{L}_]/u.test(name) || name.includes(')')) {
      throw problem(`invalid group name <${name}>`);
    }
    return name;
  }

  /** `(?i)` to the end of the group, `(?i:…)` for its own. */
  private inlineOptions(): Pattern | undefined {
    const outer = this.options;
    let on = true;
    for (let next = this.peek(); next !== ')' && next !== ':'; next = this.peek()) {
      this.cursor.at += 1;
      if (next === '-') on = false;
      else this.options = this.withOption(next, on);
    }
    if (this.accept(')')) return undefined;
    this.cursor.at += 1;
    const body = this.body();
    this.options = outer;
    return body;
  }

  private withOption(letter: string | undefined, on: boolean): RegexOptions {
    switch (letter) {
      case 'i':
        return { ...this.options, ignoreCase: on };
      case 'x':
        return { ...this.options, extended: on };
      case 's':
        return { ...this.options, dotAll: on };
      case 'm':
        return { ...this.options, perLine: on };
      default:
        throw problem('undefined group option');
    }
  }

  private escape(): Pattern {
    const next = this.peek();
    if (next === undefined) throw problem('end pattern at escape');
    const anchor = Object.hasOwn(ESCAPED_ANCHORS, next) ? ESCAPED_ANCHORS[next] : undefined;
    if (anchor !== undefined) {
      this.cursor.at += 1;
      return { kind: 'anchor', at: anchor };
    }
    if (/[1-9]/.test(next)) return this.numbered();
    if (this.accept('k<')) return this.reference('>');
    if (this.accept("k'")) return this.reference("'");
    if (this.accept('R')) return lineBreak();
    if (this.accept('N')) return { kind: 'character', test: NOT_NEWLINE };
    if (this.accept('O')) return { kind: 'character', test: ANYTHING };
    if (UNSUPPORTED.has(next)) throw unsupported(`\\${next} in a regular expression`);
    const escaped = readEscape(this.cursor);
    if (typeof escaped === 'number') return this.literal(escaped);
    return { kind: 'character', test: escaped };
  }

  /** A group that there is, else a character in octal digits. */
  private numbered(): Pattern {
    const digits = /^\d+/.exec(this.cursor.ahead(4))?.[0] ?? '';
    const number = Number(digits);
    if (number > this.groups.length && number > 9 && /^[0-7]/.test(digits)) {
      return this.literal(readEscape(this.cursor) as number);
    }
    this.cursor.at += digits.length;
    this.furthest = Math.max(this.furthest, number);
    return this.referenceTo(number - 1);
  }

  /** By name, by number, or by a number that counts back. */
  private reference(end: string): Pattern {
    const text = /^-?\d+(?=[>'])/.exec(this.cursor.ahead(6))?.[0];
    if (text === undefined) {
      const name = this.name(end);
      const index = this.groups.lastIndexOf(name);
      if (index < 0) throw problem(`undefined name <${name}> reference`);
      return this.referenceTo(index);
    }
    this.cursor.at += text.length + 1;
    const number = Number(text);
    const index = number < 0 ? this.groups.length + number : number - 1;
    if (index < 0) throw problem('invalid backref number/name');
    this.furthest = Math.max(this.furthest, index + 1);
    return this.referenceTo(index);
  }

  private referenceTo(index: number): Pattern {
    return { kind: 'back-reference', index, ignoreCase: this.options.ignoreCase };
  }
}

function unspecified(): Error {
  return problem('target of repeat operator is not specified');
}

/** `\R` */
function lineBreak(): Pattern {
  const carriageReturn: Pattern = { kind: 'character', test: (code) => code === 13 };
  const lineFeed: Pattern = { kind: 'character', test: (code) => code === 10 };
  const both: Pattern = { kind: 'sequence', parts: [carriageReturn, lineFeed] };
  const single: Pattern = { kind: 'character', test: LINE_BREAK };
  return { kind: 'atomic', body: { kind: 'choice', parts: [both, single] } };
}
