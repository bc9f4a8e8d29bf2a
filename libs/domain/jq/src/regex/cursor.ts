import { failure } from '../failure.js';
import { codepoints } from '../values/codepoints.js';

/** What is wrong with a regular expression, in Oniguruma's words. */
export function problem(message: string): Error {
  return failure(`Regex failure: ${message}`);
}

/** A place in the text of a regular expression, in code points. */
export class Cursor {
  at = 0;
  private readonly characters: readonly string[];

  constructor(source: string) {
    this.characters = codepoints(source);
  }

  get isAtEnd(): boolean {
    return this.at >= this.characters.length;
  }

  peek(ahead = 0): string | undefined {
    return this.characters[this.at + ahead];
  }

  looksAt(text: string): boolean {
    for (let i = 0; i < text.length; i += 1) {
      if (this.characters[this.at + i] !== text.charAt(i)) return false;
    }
    return true;
  }

  accept(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.at += text.length;
    return true;
  }

  /** The next characters, at most so many. */
  ahead(length: number): string {
    return this.characters.slice(this.at, this.at + length).join('');
  }

  /** Everything up to a character, which is taken, too. Undefined when it does not come. */
  until(end: string): string | undefined {
    const close = this.characters.indexOf(end, this.at);
    if (close < 0) return undefined;
    const text = this.characters.slice(this.at, close).join('');
    this.at = close + 1;
    return text;
  }

  /** Digits of a number to a base, at most so many. */
  digits(pattern: RegExp, length: number): string {
    const found = pattern.exec(this.ahead(length))?.[0] ?? '';
    this.at += found.length;
    return found;
  }
}
