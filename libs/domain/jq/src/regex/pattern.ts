/** The parsed form of a regular expression. Options such as `i` are already worked into the nodes. */
export type Pattern =
  | { readonly kind: 'empty' }
  /** One character that satisfies a test. */
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'anchor'; readonly at: Anchor }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'capture'; readonly index: number; readonly body: Pattern }
  | { readonly kind: 'atomic'; readonly body: Pattern }
  | {
      readonly kind: 'look';
      readonly behind: boolean;
      readonly negative: boolean;
      readonly body: Pattern;
    }
  | { readonly kind: 'back-reference'; readonly index: number; readonly ignoreCase: boolean }
  | {
      readonly kind: 'repeat';
      readonly min: number;
      readonly max: number;
      readonly mode: RepeatMode;
      readonly body: Pattern;
    };

export type CharacterTest = (code: number) => boolean;
export type RepeatMode = 'greedy' | 'lazy' | 'possessive';

export type Anchor =
  | 'text-start'
  | 'text-end'
  /** The end, or before a line break that ends the text. */
  | 'last-line-end'
  | 'line-start'
  | 'line-end'
  | 'word-boundary'
  | 'not-word-boundary'
  | 'search-start';

export interface ParsedRegex {
  readonly pattern: Pattern;
  /** Names of the capture groups, undefined for those without. */
  readonly groups: readonly (string | undefined)[];
}

export interface RegexOptions {
  readonly ignoreCase: boolean;
  /** Blanks and comments in the pattern are ignored. */
  readonly extended: boolean;
  /** The dot matches line breaks. */
  readonly dotAll: boolean;
  /** `^` and `$` stand at every line, not only at the ends of the text. */
  readonly perLine: boolean;
}
