import type { CharacterTest, Pattern } from './pattern.js';

/**
 * Simple expressions run on the expressions of JavaScript when the text is ASCII, where both agree.
 *
 * E1 Only single characters are repeated, so that a search takes at most some power of the text's
 *    length, and texts are short enough for that power.
 */
export interface NativeRegex {
  readonly regex: RegExp;
  /** E1 */
  readonly lengthMax: number;
}

/** Steps that one search may take. */
const STEPS_MAX = 1_000_000;

/** Repetitions without an end in one expression. */
const REPEATS_MAX = 4;

const ASCII_MAX = 0x7f;

const ASCII = /^[\0-\x7f]*$/;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Undefined for what does more. */
export function nativeOf(pattern: Pattern): NativeRegex | undefined {
  const translation = { repeats: 0 };
  const source = translate(pattern, translation);
  if (source === undefined || translation.repeats > REPEATS_MAX) return undefined;
  const lengthMax = Math.floor(STEPS_MAX ** (1 / (translation.repeats + 1)));
  return { regex: new RegExp(source), lengthMax };
}

interface Translation {
  repeats: number;
}

const ANCHORS: Record<string, string> = {
  'text-start': '^',
  'text-end': '(?![^])',
  'last-line-end': '(?=\\n?(?![^]))',
  'line-end': '(?![^\\n])',
  'word-boundary': '\\b',
  'not-word-boundary': '\\B',
};

function translate(pattern: Pattern, translation: Translation): string | undefined {
  switch (pattern.kind) {
    case 'empty':
      return '';
    case 'character':
      return characters(pattern.test);
    case 'anchor':
      return ANCHORS[pattern.at];
    case 'sequence':
      return join(pattern.parts, '', translation);
    case 'choice': {
      const parts = join(pattern.parts, '|', translation);
      return parts === undefined ? undefined : `(?:${parts})`;
    }
    case 'capture': {
      const body = translate(pattern.body, translation);
      return body === undefined ? undefined : `(${body})`;
    }
    case 'repeat':
      return repeated(pattern, translation);
    default:
      return undefined;
  }
}

function join(
  parts: readonly Pattern[],
  separator: string,
  translation: Translation,
): string | undefined {
  const sources: string[] = [];
  for (const part of parts) {
    const source = translate(part, translation);
    if (source === undefined) return undefined;
    sources.push(source);
  }
  return sources.join(separator);
}

function repeated(
  { body, min, max, mode }: Extract<Pattern, { kind: 'repeat' }>,
  translation: Translation,
): string | undefined {
  if (body.kind !== 'character' || mode === 'possessive') return undefined;
  if (max > 1) translation.repeats += 1;
  const bounds = `{${min},${max === Infinity ? '' : max}}`;
  return `${characters(body.test)}${bounds}${mode === 'lazy' ? '?' : ''}`;
}

/** The ASCII characters that pass a test. */
function characters(test: CharacterTest): string {
  let members = '';
  for (let code = 0; code <= ASCII_MAX; code += 1) {
    if (test(code)) members += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return members === '' ? '(?!)' : `[${members}]`;
}
