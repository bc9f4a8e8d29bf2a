import type { Span } from '../tree.js';

/** Why a text is surely refused. */
export interface Refusal {
  readonly code: 'PL1003' | 'PL1004' | 'PL1005' | 'PL1006' | 'PL1007';
  readonly message: string;
  /** @default where the cursor stands */
  readonly span?: Span;
}

/** Thrown where the fast reader is not sure; the text is then read by the complete one. */
export class NotSure extends Error {
  readonly refusal: Refusal | undefined;

  constructor(refusal: Refusal | undefined) {
    super('not sure');
    this.refusal = refusal;
  }
}

/** Leaves the text to the complete reader, which also words what is wrong. */
export function giveUp(refusal?: Refusal): never {
  throw new NotSure(refusal);
}

export const code = {
  tab: 0x09,
  newline: 0x0a,
  return: 0x0d,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  apostrophe: 0x27,
  plus: 0x2b,
  comma: 0x2c,
  dash: 0x2d,
  dot: 0x2e,
  colon: 0x3a,
  greater: 0x3e,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openMap: 0x7b,
  bar: 0x7c,
  closeMap: 0x7d,
} as const;

/** White space, a line break or the end of the text. */
export function isBlank(character: number): boolean {
  if (character > code.space) return false;
  return (
    character === code.space ||
    character === code.newline ||
    character === code.return ||
    character === code.tab ||
    Number.isNaN(character)
  );
}

/** A place in a text, with what stood before it. */
export class Cursor {
  readonly source: string;
  at = 0;
  /** Start of the line that `at` stands on. */
  lineStart = 0;
  /** Line breaks that the last `skip` went over. */
  breaks = 0;
  /** The last `skip` went over a comment. */
  commented = false;
  /** Nothing of this document follows. */
  over = false;
  /** Tabs may stand between tokens: only where no indentation counts. */
  tabs = false;

  constructor(source: string) {
    this.source = source;
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  /** Moves over spaces of this line. */
  skipSpaces(): void {
    while (this.source.charCodeAt(this.at) === code.space) this.at += 1;
  }

  /** Moves to the next token, over white space, line breaks and comments. */
  skip(): void {
    const { source } = this;
    let at = this.at;
    let breaks = 0;
    let commented = false;
    for (;;) {
      const character = source.charCodeAt(at);
      if (character === code.space) at += 1;
      else if (character === code.newline) {
        at += 1;
        breaks += 1;
        this.lineStart = at;
      } else if (character === code.return && source.charCodeAt(at + 1) === code.newline) at += 1;
      else if (character === code.tab && this.tabs) at += 1;
      else if (character === code.hash && isBlank(source.charCodeAt(at - 1))) {
        commented = true;
        at = lineEnd(source, at);
      } else break;
    }
    this.at = at;
    this.breaks = breaks;
    this.commented = commented;
    if (source.charCodeAt(at) === code.tab) giveUp();
    this.over = at >= source.length || (at === this.lineStart && this.isMarker());
  }

  /** `---` or `...` alone at the start of a line. */
  isMarker(): boolean {
    if (this.at !== this.lineStart) return false;
    const { source, at } = this;
    const character = source.charCodeAt(at);
    if (character !== code.dash && character !== code.dot) return false;
    const marker = character === code.dash ? '---' : '...';
    return source.startsWith(marker, at) && isBlank(source.charCodeAt(at + 3));
  }
}

/** The offset of the line break that ends the line, or the end of the text. */
export function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}
