import type { Pattern } from './pattern.js';

/** Fewest and most characters that a pattern takes. */
interface Width {
  readonly min: number;
  readonly max: number;
}

const NOTHING: Width = { min: 0, max: 0 };

const EMPTY: Pattern = { kind: 'empty' };

/**
 * What Oniguruma takes in a look-behind: alternatives of one length, of which each may be a repetition
 * as a whole, and no looking ahead from there.
 */
export function isLookBehind(body: Pattern, negative: boolean): boolean {
  const parts = body.kind === 'choice' ? body.parts : [body];
  const widths = parts.map((part) => widthOf(withoutRepeat(part), negative));
  let common: Width | undefined;
  for (const width of widths) {
    if (width === undefined) return false;
    if (width.max === 0) continue;
    common ??= width;
    if (width.min !== common.min || width.max !== common.max) return false;
  }
  return true;
}

/** Behind a place, the fewest rounds of a repetition are as good as more. */
function withoutRepeat(pattern: Pattern): Pattern {
  if (pattern.kind !== 'repeat' || pattern.mode === 'possessive') return pattern;
  return pattern.min === 0 ? EMPTY : { ...pattern, max: pattern.min };
}

function widthOf(pattern: Pattern, negative: boolean): Width | undefined {
  switch (pattern.kind) {
    case 'character':
      return { min: 1, max: 1 };
    case 'anchor':
      return /end/.test(pattern.at) ? undefined : NOTHING;
    case 'sequence':
      return sumOf(pattern.parts, negative);
    case 'choice':
      return sameOf(pattern.parts, negative);
    case 'capture':
      return negative ? undefined : widthOf(pattern.body, negative);
    case 'atomic':
      return widthOf(pattern.body, negative);
    case 'look':
      return pattern.behind ? NOTHING : undefined;
    case 'repeat': {
      const width = widthOf(pattern.body, negative);
      if (width === undefined || pattern.max === Infinity) return undefined;
      return { min: width.min * pattern.min, max: width.max * pattern.max };
    }
    default:
      return NOTHING;
  }
}

function sumOf(parts: readonly Pattern[], negative: boolean): Width | undefined {
  let sum = NOTHING;
  for (const part of parts) {
    const width = widthOf(part, negative);
    if (width === undefined) return undefined;
    sum = { min: sum.min + width.min, max: sum.max + width.max };
  }
  return sum;
}

function sameOf(parts: readonly Pattern[], negative: boolean): Width | undefined {
  const widths = parts.map((part) => widthOf(part, negative));
  const [first] = widths;
  const isSame = widths.every((width) => width?.min === first?.min && width?.max === first?.max);
  return isSame ? first : undefined;
}
