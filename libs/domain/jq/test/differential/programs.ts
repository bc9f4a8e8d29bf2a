import { BUILTINS } from './builtins.js';
import { Expressions, type Feature } from './expressions.js';
import { inputText } from './inputs.js';
import type { Pair } from './oracle.js';
import { Random } from './random.js';
import { SYNTAX } from './syntax.js';

/** Everything that is tested, in turn, so that each gets its share. */
export const FEATURES: readonly (readonly [string, Feature])[] = [
  ...Object.entries(SYNTAX),
  ...Object.entries(BUILTINS),
];

/** Pairs of program and input, the same for the same seed. */
export function pairs(seed: number, count: number): Pair[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const [feature, make] = FEATURES[i % FEATURES.length] as readonly [string, Feature];
    const expressions = new Expressions(random);
    const program = surround(make(expressions), expressions);
    return { program, input: inputText(random), feature };
  });
}

/** Where a program can stand in another. */
function surround(program: string, e: Expressions): string {
  if (e.random.chance(0.55)) return program;
  switch (e.random.below(14)) {
    case 0:
      return `[${program}\n]`;
    case 1:
      return `.[]? | (${program}\n)`;
    case 2:
      return `map(${program}\n)`;
    case 3:
      return `{a: (${program}\n)}`;
    case 4:
      return `[(${program}\n)?]`;
    case 5:
      return `try (${program}\n) catch [.]`;
    case 6:
      return `(${program}\n) as $v | [$v, $v]`;
    case 7:
      return `reduce (${program}\n) as $v ([]; . + [$v])`;
    case 8:
      return `def it: ${program}\n; it, 1`;
    case 9:
      return `.a |= (${program}\n)`;
    case 10:
      return `first(${program}\n)`;
    case 11:
      return `(${program}\n) // "none"`;
    case 12:
      return `.a | (${program}\n)`;
    default:
      return `"\\(${program}\n)"`;
  }
}
