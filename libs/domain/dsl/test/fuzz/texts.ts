import type { Sample } from '../mutants/corpus.js';
import type { Random } from '../mutants/random.js';
import { write } from '../mutants/write.js';
import { randomDefinition } from './grammar.js';

/** Ways to make a text that the language tools must survive. */
export const textMakers: Readonly<
  Record<string, (random: Random, samples: readonly Sample[]) => string>
> = {
  'random characters': (random) =>
    repeat(random, 200, () =>
      String.fromCharCode(random.pick([random.below(128), random.below(0xffff)])),
    ),
  'YAML tokens': (random) => repeat(random, 80, () => random.pick(tokens)),
  'words of the language in YAML': (random) =>
    repeat(
      random,
      40,
      () =>
        `${' '.repeat(2 * random.below(6))}${random.pick(['- ', '', '? '])}${random.pick(words)}${random.pick([':', ': ', ': x', ': ${ .a }', ': {', ': [', ''])}\n`,
    ),
  'a right definition': (random) => written(random),
  'a right definition, damaged': (random) => damaged(written(random), random),
  'an example, damaged': (random, samples) => damaged(random.pick(samples).source, random),
  'two examples, joined': (random, samples) => {
    const [a, b] = [random.pick(samples).source, random.pick(samples).source];
    return a.slice(0, random.below(a.length)) + b.slice(random.below(b.length));
  },
  'an example with expressions, damaged': (random, samples) =>
    random
      .pick(samples)
      .source.replaceAll(/[.$]\w+/g, (found) =>
        random.below(4) === 0 ? random.pick(jqTokens) : found,
      ),
};

const tokens = [
  '- ',
  ': ',
  ':',
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '#',
  '# c\n',
  '"',
  "'",
  '|\n',
  '>-\n',
  '&a ',
  '*a',
  '!t ',
  '? ',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  'a',
  'do',
  '1',
  '0x1',
  'null',
  '~',
  'é',
  '\t',
  '\r\n',
  '\\',
  '<<',
  '@',
  '`',
  '\ufeff',
  '\u2028',
  '\0',
  '😀',
  '\ud800',
];
const words = [
  'document',
  'dsl',
  'do',
  'call',
  'with',
  'set',
  'switch',
  'for',
  'each',
  'in',
  'fork',
  'branches',
  'try',
  'catch',
  'retry',
  'listen',
  'to',
  'any',
  'emit',
  'event',
  'raise',
  'error',
  'run',
  'wait',
  'if',
  'then',
  'input',
  'from',
  'schema',
  'output',
  'as',
  'export',
  'timeout',
  'after',
  'use',
  'secrets',
  'functions',
  'schedule',
  'cron',
  'step',
];
const jqTokens = [
  '.a',
  '$x',
  '|',
  '(',
  ')',
  '"',
  '\\(',
  '[',
  ']',
  '{',
  '}',
  'reduce',
  'as',
  '?',
  '//',
  '..',
  '.[0]',
  '$__loc__',
  'if',
  'end',
  '@base64',
  '#',
  '\\',
  '1e999',
  '-',
];

function written(random: Random): string {
  return write(randomDefinition(random), random.pick(['json', 'yaml'])).text;
}

/** Up to four small changes anywhere. */
function damaged(text: string, random: Random): string {
  let next = text;
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(next.length + 1);
    const length = random.pick([0, 1, 1, 2, 10, 60]);
    const other = random.below(next.length + 1);
    const inserted = random.pick([
      '',
      '',
      random.pick(tokens),
      next.slice(other, other + length),
      ' '.repeat(random.below(5)),
    ]);
    next = next.slice(0, at) + inserted + next.slice(at + length);
  }
  return next;
}

function repeat(random: Random, countMax: number, make: () => string): string {
  return Array.from({ length: random.below(countMax) }, make).join('');
}
