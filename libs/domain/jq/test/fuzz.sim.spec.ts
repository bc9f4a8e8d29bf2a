import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { compile, DEFAULT_LIMITS, JqError, parseJsonStream, type Limits } from '../src/index.js';
import { pairs } from './differential/programs.js';
import { Random } from './differential/random.js';

/** Of each kind of random program. */
const PROGRAMS = 4_000;

const LIMITS: Limits = { fuel: 100_000, stringLength: 100_000, arrayLength: 50_000 };

/** A tenth of what an evaluation has: the rest would only take as long again, nine times. */
const FUEL = DEFAULT_LIMITS.fuel / 10;

const TOKENS = [
  ...[
    '.',
    '..',
    '|',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ';',
    '?',
    '//',
    '=',
    '|=',
    '+=',
    '==',
    '<',
  ],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '.a',
    '.["b"]',
    '.[0]',
    '.[]',
    '$x',
    '$__loc__',
    'as',
    'def f:',
    'f',
    'if',
  ],
  ...[
    'then',
    'elif',
    'else',
    'end',
    'try',
    'catch',
    'reduce',
    'foreach',
    'label $l |',
    'break $l',
    'and',
  ],
  ...[
    'or',
    'not',
    '1',
    '0',
    '-1',
    '1e1000',
    '"s"',
    '"\\(1)"',
    '"',
    '\\',
    '@base64',
    '@json "x"',
    '?//',
    '#',
  ],
  ...[
    'map',
    'select',
    'recurse',
    'range',
    'limit',
    'repeat',
    'until',
    'while',
    'path',
    'getpath',
    'test',
  ],
  ...[
    'walk',
    'sort_by',
    'group_by',
    'tojson',
    'fromjson',
    'add',
    'sub',
    'gsub',
    'splits',
    'input',
    '\u0000',
  ],
  ...[
    'combinations',
    'implode',
    'error',
    'empty',
    'env',
    '$ENV',
    'import',
    '::',
    'é',
    '\ud800',
    '\n',
    ' ',
  ],
];

/** Whatever the program is: it compiles or does not, it ends or is ended. */
function survives(source: string, input: string): void {
  const compiled = compile(source, { variables: ['x'] });
  if (!compiled.ok) {
    const { offset, length, message } = compiled.error;
    expect(message).not.toBe('');
    expect(offset + length).toBeLessThanOrEqual(source.length);
    return;
  }
  try {
    const [value = null] = parseJsonStream(input);
    compiled.value.run(value, { variables: { x: [1, { a: 'b' }] }, limits: LIMITS });
  } catch (error) {
    if (!(error instanceof JqError))
      throw new Error(`crash of ${source} on ${input}`, { cause: error });
  }
}

async function repeatedly(make: (random: Random) => readonly [string, string]): Promise<void> {
  const random = new Random(4711);
  for (let count = 0; count < PROGRAMS; count += 1) {
    survives(...make(random));
    if (count % 100 === 0) await timeoutsAct();
  }
}

/** A test that holds the thread is stopped by no time-out: it has to let go now and then. */
const timeoutsAct = () => pause(0);

const INPUTS = ['null', '{"a":[1,{"b":2}],"b":"text"}', '[3,[1,2],{"a":null}]', '"aaaa"', '1e400'];

describe('no program does harm', () => {
  it('that is made of random tokens', async () => {
    await repeatedly((random) => {
      const length = 1 + random.below(14);
      const tokens = Array.from({ length }, () => random.pick(TOKENS));
      return [tokens.join(random.pick(['', ' '])), random.pick(INPUTS)];
    });
  });

  it('that was a program and is broken', async () => {
    const programs = pairs(99, 2_000);
    await repeatedly((random) => {
      const { program, input } = random.pick(programs);
      const at = random.below(program.length);
      const cut = random.below(4);
      const inserted = random.chance(0.5) ? random.pick(TOKENS) : '';
      return [program.slice(0, at) + inserted + program.slice(at + cut), input];
    });
  });

  it.each([
    ['nested brackets', '['.repeat(100_000)],
    ['nested parentheses', `${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['nested objects', `${'{a:'.repeat(5_000)}1${'}'.repeat(5_000)}`],
    ['nested strings', `${'"\\('.repeat(5_000)}1${')"'.repeat(5_000)}`],
    ['nested conditions', `${'if . then '.repeat(5_000)}1${' end'.repeat(5_000)}`],
    ['nested definitions', `${'def f: '.repeat(5_000)}1${';'.repeat(5_000)}.`],
    ['many definitions', `${'def f: 1; '.repeat(6_000)}f`],
    ['many pipes', `${'.|'.repeat(30_000)}.`],
    ['many commas', `${'1,'.repeat(12_000)}1`],
    ['many sums', `${'1+'.repeat(12_000)}1`],
    ['many negations', `${'-'.repeat(30_000)}1`],
    ['many tries', `${'try '.repeat(10_000)}1`],
    ['many optionals', `.${'?'.repeat(30_000)}`],
    ['many members', '.a'.repeat(30_000)],
    ['many alternatives', `${'1//'.repeat(20_000)}1`],
    ['many bindings', `${'. as $x|'.repeat(8_000)}.`],
    ['many patterns', `. as ${'['.repeat(10_000)}$x${']'.repeat(10_000)} | .`],
    ['a megabyte', ' '.repeat(1_000_000)],
    ['a megabyte of text', `"${'x'.repeat(1_000_000)}"`],
    ['a long regular expression', `"a" | test("${'('.repeat(9_000)}a${')'.repeat(9_000)}")`],
    ['many alternatives of a pattern', `"a" | test("${'a|'.repeat(20_000)}b")`],
    ['many repetitions', `"${'a'.repeat(200)}" | test("${'(a*)*'.repeat(12)}b")`],
    ['a counted repetition', '"aaaa" | test("(((a{1,1000}){1,1000}){1,1000}){1,1000}b")'],
    ['a backtracking pattern', '("a" * 5000) | test("(a|aa)+$x")'],
    ['a lookbehind', '("a" * 20000) | test("(?<=(a+)+)b")'],
    ['endless recursion', 'def f: f; f'],
    ['endless recursion with values', 'def f: [f]; f'],
    ['endless recursion with arguments', 'def f(g): f(g | g); f(.)'],
    ['mutual recursion', 'def f: def g: f; g; f'],
    ['endless outputs', 'def f: 1, f; f'],
    ['endless loops', 'until(false; .)'],
    ['a large array', '[range(1e9)]'],
    ['a large text', '"x" * 1e9'],
    ['a large index', '.[1e8] = 1'],
    ['texts that double', 'reduce range(100) as $i ("x"; . + .)'],
    ['arrays that double', 'reduce range(100) as $i ([1]; . + .)'],
    ['values that share', 'reduce range(100) as $i ([1]; [., .]) | tojson'],
    ['values that share, sorted', 'reduce range(30) as $i ([1]; [., .]) | [., .] | sort'],
    ['values that share, walked', 'reduce range(100) as $i ([1]; [., .]) | [..] | length'],
    [
      'values that share, compared',
      'reduce range(40) as $i ([1]; [., .]) as $a | ($a | tojson) == 1',
    ],
    ['deep values', 'reduce range(200000) as $i (null; [.]) | tojson'],
    ['deep values, compared', 'reduce range(50000) as $i (null; [.]) | . == [.]'],
    ['deep values, merged', 'reduce range(50000) as $i (null; {a: .}) | . * .'],
    ['deep values, walked', 'reduce range(50000) as $i (null; [.]) | walk(.)'],
    ['deep values, output', 'reduce range(50000) as $i (null; [.])'],
    ['deep paths', 'reduce range(50000) as $i (null; [.]) | [paths] | length'],
    ['deep text', '("[" * 100000) | fromjson'],
    ['many combinations', '[range(100)] | [., ., ., ., ., .] | [combinations] | length'],
    ['a large product', '[range(1000)] as $a | [$a[] + $a[] + $a[]] | length'],
    ['many substitutions', '("a" * 100000) | gsub("a"; "aa")'],
    ['many splits', '("a," * 200000) | split(",") | length'],
    ['a large implosion', '[range(100000) | 97] | implode | explode | length'],
    ['long paths', 'setpath([range(20000) | 0]; 1)'],
    ['many keys', 'reduce range(50000) as $i ({}; .["k\\($i)"] = $i) | length'],
    ['many index keys', 'reduce range(20000; 0; -1) as $i ({}; .[$i | tostring] = $i) | length'],
  ])('%s', async (_name, source) => {
    const compiled = compile(source);
    if (compiled.ok) {
      try {
        compiled.value.run(null, { limits: { fuel: FUEL } });
      } catch (error) {
        expect(error).toBeInstanceOf(JqError);
      }
    }
    await timeoutsAct(); // what the fuel does not pay for shows here
  });
});
