import type { Random } from './random.js';

const ATOMS = [
  ...[
    'a',
    'b',
    'c',
    'é',
    'x',
    '1',
    '-',
    '日',
    ' ',
    '.',
    '[ab]',
    '[^a]',
    '[a-c]',
    '[\\d-]',
    '[[:alpha:]]',
  ],
  ...[
    '[^\\s]',
    '[é日]',
    '[a-]',
    '[]a]',
    '[\\w.]',
    '[a[bc]]',
    '[a&&b]',
    '\\d',
    '\\w',
    '\\s',
    '\\D',
    '\\S',
  ],
  ...[
    '\\p{L}',
    '\\p{Lu}',
    '\\P{L}',
    '\\p{^L}',
    '\\h',
    '\\R',
    '\\N',
    '\\O',
    '\\.',
    '\\x61',
    '\\x{e9}',
    '\\n',
  ],
  ...[
    '\\141',
    '\\u0061',
    '(a)',
    '(a|b)',
    '(?:ab|c)',
    '(?<n>a)',
    '(?<m>[a-z]b?)',
    '(?>a|ab)',
    '(?i:B)',
  ],
] as const;

const ANCHORS = [
  '^',
  '$',
  '\\A',
  '\\z',
  '\\Z',
  '(?=a)',
  '(?!b)',
  '(?<=a)',
  '(?<!b)',
  '(?<=ab|cd)',
] as const;

const QUANTIFIERS = [
  ...[
    '*',
    '+',
    '?',
    '*?',
    '+?',
    '??',
    '*+',
    '++',
    '?+',
    '{2}',
    '{1,}',
    '{1,2}',
    '{0}',
    '{1,2}?',
    '{,2}',
  ],
] as const;

/** A regular expression, mostly a valid one. */
export function regexText(random: Random): string {
  const sequence = (): string =>
    Array.from({ length: 1 + random.below(3) }, () => piece(random)).join('');
  return random.chance(0.3) ? `${sequence()}|${sequence()}` : sequence();
}

function piece(random: Random): string {
  if (random.chance(0.15)) return random.pick(ANCHORS);
  if (random.chance(0.05))
    return random.pick(['\\1', '(?i)', '(?#c)', '\\Qa.\\E', '\\k<n>', '(', ')', '[', '\\K']);
  return random.pick(ATOMS) + (random.chance(0.35) ? random.pick(QUANTIFIERS) : '');
}
