import { failure } from '../errors.js';
import { codepoints } from '../values/codepoints.js';
import { fold, ignoringCase, isDigit, isSpace, isWord, negated, property } from './characters.js';
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

function problem(message: string): Error {
  return failure(`Regex failure: ${message}`);
}

const ESCAPED_ANCHORS: Record<string, Anchor> = {
  A: 'text-start',
  z: 'text-end',
  Z: 'last-line-end',
  b: 'word-boundary',
  B: 'not-word-boundary',
  G: 'search-start',
};

const ESCAPED_CONTROLS: Record<string, number> = {
  a: 7,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

const ESCAPED_SETS: Record<string, CharacterTest> = {
  d: isDigit,
  D: negated(isDigit),
  s: isSpace,
  S: negated(isSpace),
  w: isWord,
  W: negated(isWord),
};

class Parser {
  readonly groups: (string | undefined)[] = [];
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;

  constructor(
    source: string,
    private options: RegexOptions,
  ) {
    this.characters = codepoints(source);
  }

  parse(): Pattern {
    const pattern = this.choice();
    if (this.at < this.characters.length) throw problem('unmatched close parenthesis');
    return pattern;
  }

  private peek(): string | undefined {
    return this.characters[this.at];
  }

  private accept(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.at += text.length;
    return true;
  }

  private looksAt(text: string): boolean {
    return this.characters.slice(this.at, this.at + text.length).join('') === text;
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
      if (this.options.extended) this.skipBlank();
      const next = this.peek();
      if (next === undefined || next === '|' || next === ')') break;
      const part = this.atom();
      if (part !== undefined) parts.push(this.quantified(part));
    }
    if (parts.length === 0) return { kind: 'empty' };
    return parts.length === 1 ? (parts[0] as Pattern) : { kind: 'sequence', parts };
  }

  private skipBlank(): void {
    for (let next = this.peek(); next !== undefined; next = this.peek()) {
      if (/\s/.test(next)) this.at += 1;
      else if (next === '#') while (this.peek() !== undefined && this.peek() !== '\n') this.at += 1;
      else return;
    }
  }

  private quantified(atom: Pattern): Pattern {
    let body = atom;
    for (;;) {
      if (this.options.extended) this.skipBlank();
      const range = this.range();
      if (range === undefined) return body;
      const mode: RepeatMode = this.accept('?')
        ? 'lazy'
        : !range.counted && this.accept('+')
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
    const rest = this.characters.slice(this.at, this.at + 20).join('');
    const [text, low, comma, high] = /^\{(\d+)(,?)(\d*)\}/.exec(rest) ?? [];
    if (text === undefined) return undefined;
    this.at += text.length;
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? Infinity : Number(high);
    if (min > REPEAT_MAX || (max > REPEAT_MAX && max !== Infinity)) {
      throw problem('too big number for repeat range');
    }
    if (max < min) throw problem('upper limit of a repeat range is below its lower limit');
    return { min, max, counted: true };
  }

  /** Undefined for what only sets options. */
  private atom(): Pattern | undefined {
    const next = this.peek() as string;
    this.at += 1;
    switch (next) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'character', test: this.cased(this.set()) };
      case '.': {
        const { dotAll } = this.options;
        return { kind: 'character', test: dotAll ? () => true : (code) => code !== 10 };
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
        throw problem('target of repeat operator is not specified');
      default:
        return this.literal(next.codePointAt(0) ?? 0);
    }
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
    if (this.accept('#')) {
      while (this.peek() !== undefined && this.peek() !== ')') this.at += 1;
      this.close();
      return undefined;
    }
    if (this.accept(':')) return this.body();
    if (this.accept('>')) return { kind: 'atomic', body: this.body() };
    for (const behind of [false, true]) {
      const mark = behind ? '<' : '';
      for (const negative of [false, true]) {
        if (!this.accept(mark + (negative ? '!' : '='))) continue;
        return { kind: 'look', behind, negative, body: this.body() };
      }
    }
    if (this.accept('<') || this.accept('P<')) return this.capture(this.name('>'));
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
    const start = this.at;
    while (this.peek() !== undefined && this.peek() !== end) this.at += 1;
    const name = this.characters.slice(start, this.at).join('');
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw problem(`invalid group name <${name}>`);
    this.at += 1;
    return name;
  }

  /** `(?i)` to the end of the group, `(?i:…)` for its own. */
  private inlineOptions(): Pattern | undefined {
    const outer = this.options;
    let on = true;
    for (let next = this.peek(); next !== ')' && next !== ':'; next = this.peek()) {
      this.at += 1;
      if (next === '-') on = false;
      else this.options = this.withOption(next, on);
    }
    if (this.accept(')')) return undefined;
    this.at += 1;
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
      this.at += 1;
      return { kind: 'anchor', at: anchor };
    }
    if (/[1-9]/.test(next)) return this.numberedReference();
    if (this.accept('k<')) return this.namedReference();
    const escaped = this.escapedCharacter();
    if (typeof escaped === 'number') return this.literal(escaped);
    return { kind: 'character', test: escaped };
  }

  private numberedReference(): Pattern {
    const digits = /^\d+/.exec(this.characters.slice(this.at, this.at + 4).join(''))?.[0] ?? '';
    this.at += digits.length;
    const index = Number(digits) - 1;
    if (index >= this.groups.length) throw problem('invalid backref number/name');
    return { kind: 'back-reference', index, ignoreCase: this.options.ignoreCase };
  }

  private namedReference(): Pattern {
    const name = this.name('>');
    const index = this.groups.lastIndexOf(name);
    if (index < 0) throw problem(`undefined name <${name}> reference`);
    return { kind: 'back-reference', index, ignoreCase: this.options.ignoreCase };
  }

  /** After a backslash, inside and outside of sets. */
  private escapedCharacter(): number | CharacterTest {
    const next = this.peek();
    if (next === undefined) throw problem('end pattern at escape');
    this.at += 1;
    if (Object.hasOwn(ESCAPED_SETS, next)) return ESCAPED_SETS[next] as CharacterTest;
    if (Object.hasOwn(ESCAPED_CONTROLS, next)) return ESCAPED_CONTROLS[next] as number;
    if (next === 'x') return this.hexadecimal();
    if (next === 'p' || next === 'P') return this.propertyEscape(next === 'P');
    if (next === '0') return 0;
    if (/[a-zA-Z0-9]/.test(next)) throw problem(`\\${next} is not supported`);
    return next.codePointAt(0) ?? 0;
  }

  private hexadecimal(): number {
    const rest = this.characters.slice(this.at, this.at + 10).join('');
    const [text, braced, plain] = /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{1,2}))/.exec(rest) ?? [];
    const code = Number.parseInt(braced ?? plain ?? '', 16);
    if (text === undefined || code > 0x10ffff) throw problem('invalid code point value');
    this.at += text.length;
    return code;
  }

  private propertyEscape(negative: boolean): CharacterTest {
    if (!this.accept('{')) throw problem('invalid character property name');
    const inverted = this.accept('^');
    const start = this.at;
    while (this.peek() !== undefined && this.peek() !== '}') this.at += 1;
    const name = this.characters.slice(start, this.at).join('');
    this.at += 1;
    const test = property(name);
    if (test === undefined) throw problem(`invalid character property name {${name}}`);
    return negative === inverted ? test : negated(test);
  }

  /** After `[`. */
  private set(): CharacterTest {
    const negative = this.accept('^');
    const tests: CharacterTest[] = [];
    for (let isFirst = true; isFirst || this.peek() !== ']'; isFirst = false) {
      if (this.peek() === undefined) throw problem('premature end of char-class');
      if (this.looksAt('&&')) throw problem('intersections of sets are not supported');
      tests.push(this.setItem());
    }
    this.at += 1;
    const any: CharacterTest = (code) => tests.some((test) => test(code));
    return negative ? negated(any) : any;
  }

  private setItem(): CharacterTest {
    if (this.accept('[:')) return this.posix();
    if (this.accept('[')) return this.set();
    const low = this.setCharacter();
    if (typeof low !== 'number') return low;
    const isRange = this.peek() === '-' && this.characters[this.at + 1] !== ']';
    if (!isRange) return (code) => code === low;
    this.at += 1;
    const high = this.setCharacter();
    if (typeof high !== 'number' || high < low) throw problem('empty range in char class');
    return (code) => code >= low && code <= high;
  }

  private setCharacter(): number | CharacterTest {
    const next = this.peek();
    if (next === undefined) throw problem('premature end of char-class');
    if (next !== '\\') {
      this.at += 1;
      return next.codePointAt(0) ?? 0;
    }
    this.at += 1;
    if (this.accept('b')) return 8;
    return this.escapedCharacter();
  }

  private posix(): CharacterTest {
    const negative = this.accept('^');
    const start = this.at;
    while (this.peek() !== undefined && !this.looksAt(':]')) this.at += 1;
    const name = this.characters.slice(start, this.at).join('');
    const test = property(name);
    if (test === undefined || !this.accept(':]'))
      throw problem(`invalid POSIX bracket [:${name}:]`);
    return negative ? negated(test) : test;
  }
}
