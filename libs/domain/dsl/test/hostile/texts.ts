import type { DiagnosticCode } from '../../src/index.js';

/** A text that somebody sends to do harm. */
export interface HostileText {
  readonly name: string;
  readonly make: () => string;
  /** Any of these is a fair first error; none: the text is a right definition, only large. */
  readonly codes: readonly (DiagnosticCode | 'none')[];
}

const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";
const mebibyte = 1_048_576;
const tooLarge = ['PL1002'] as const;
const tooDeep = ['PL1003'] as const;
/** Right, but long: it may be refused as well as accepted. */
const mayRefuse = ['none', 'PL1030'] as const;

/** `count` tasks, one line each. */
function tasks(count: number, task: (index: number) => string): string {
  return `${head}do:\n${Array.from({ length: count }, (_, at) => `  - ${task(at)}\n`).join('')}`;
}

const nested = (count: number, open: string, close: string) =>
  `${head}do: ${open.repeat(count)}1${close.repeat(count)}\n`;

/** One task with the given members, as flow YAML. */
const one = (members: string) => `${head}do:\n  - step: { ${members} }\n`;

const large: readonly HostileText[] = [
  {
    name: 'ten megabytes of text',
    make: () => one(`set: { a: "${'x'.repeat(10 * mebibyte)}" }`),
    codes: tooLarge,
  },
  {
    name: 'ten megabytes of lines',
    make: () => `${head}${'a: 1\n'.repeat(2 * mebibyte)}`,
    codes: tooLarge,
  },
  {
    name: 'ten megabytes of JSON',
    make: () => `{"do":[${'{"a":1},'.repeat(mebibyte)}1]}`,
    codes: tooLarge,
  },
  { name: 'ten megabytes of brackets', make: () => '['.repeat(10 * mebibyte), codes: tooLarge },
  { name: 'ten megabytes of spaces', make: () => ' '.repeat(10 * mebibyte), codes: tooLarge },
  {
    name: 'a hundred thousand documents',
    make: () => '---\na\n'.repeat(100_000),
    codes: ['PL1006', 'PL1001', 'PL1002'],
  },
  {
    name: 'twelve thousand tasks',
    make: () => tasks(12_000, (at) => `t${at}: { wait: PT1S }`),
    codes: ['PL1061', 'PL1002'],
  },
  {
    name: 'a list of a hundred thousand items',
    make: () => one(`set: { a: [${'1,'.repeat(100_000)}1] }`),
    codes: [],
  },
  {
    name: 'an object of thirty thousand members',
    make: () =>
      one(`set: { ${Array.from({ length: 30_000 }, (_, at) => `k${at}: 1`).join(', ')} }`),
    codes: [],
  },
  {
    name: 'half a megabyte of comments',
    make: () => `${'# nothing\n'.repeat(50_000)}${one('wait: PT1S')}`,
    codes: [],
  },
  {
    name: 'a text of a megabyte',
    make: () => one(`set: { a: "${'x'.repeat(900_000)}" }`),
    codes: [],
  },
  {
    name: 'a block text of many lines',
    make: () =>
      `${head}do:\n  - step:\n      set:\n        a: |\n${'          x\n'.repeat(60_000)}`,
    codes: [],
  },
  {
    name: 'a key of a megabyte',
    make: () => one(`${'x'.repeat(900_000)}: 1, wait: PT1S`),
    codes: ['PL1011', 'PL1001'],
  },
  {
    name: 'a task name of a megabyte',
    make: () => `${head}do:\n  - ? ${'x'.repeat(900_000)}\n    : { wait: PT1S }\n`,
    codes: ['PL1001', 'PL1013', 'PL1007'],
  },
];

const deep: readonly HostileText[] = [
  { name: 'lists in lists', make: () => nested(10_000, '[', ']'), codes: tooDeep },
  { name: 'lists that never close', make: () => '['.repeat(10_000), codes: [...tooDeep, 'PL1001'] },
  { name: 'objects in objects', make: () => nested(10_000, '{ a: ', '}'), codes: tooDeep },
  {
    name: 'JSON in JSON',
    make: () => `${'{"a":['.repeat(10_000)}1${']}'.repeat(10_000)}`,
    codes: tooDeep,
  },
  {
    name: 'dashes behind dashes',
    make: () => `do: \n${'- '.repeat(10_000)}x\n`,
    codes: [...tooDeep, 'PL1001'],
  },
  {
    name: 'explicit keys in explicit keys',
    make: () => `${'? '.repeat(10_000)}x\n`,
    codes: [...tooDeep, 'PL1001', 'PL1007'],
  },
  {
    name: 'ever more indentation',
    make: () => Array.from({ length: 1_300 }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
    codes: tooDeep,
  },
  {
    name: 'steps in steps',
    make: () => `${head}do: ${'[{ a: { do: '.repeat(3_000)}[]${' } }]'.repeat(3_000)}\n`,
    codes: tooDeep,
  },
  {
    name: 'parentheses in an expression',
    make: () => one(`set: { a: "\${ ${'('.repeat(10_000)}1${')'.repeat(10_000)} }" }`),
    codes: ['PL1030', 'PL1034'],
  },
  {
    name: 'arrays in an expression',
    make: () => one(`if: "${'['.repeat(10_000)}${']'.repeat(10_000)}", wait: PT1S`),
    codes: ['PL1030'],
  },
  {
    name: 'unary minus upon unary minus',
    make: () => one(`if: "${'-'.repeat(20_000)}1", wait: PT1S`),
    codes: ['PL1030'],
  },
  {
    name: 'texts in texts of an expression',
    make: () => one(`if: '${'"\\('.repeat(5_000)}1${')"'.repeat(5_000)}', wait: PT1S`),
    codes: ['PL1030'],
  },
  {
    name: 'conditions in conditions',
    make: () =>
      one(`if: "${'if . then '.repeat(5_000)}1${' else 2 end'.repeat(5_000)}", wait: PT1S`),
    codes: ['PL1030'],
  },
  {
    name: 'definitions in definitions',
    make: () => one(`if: "${'def f: '.repeat(5_000)}1${'; f'.repeat(5_000)}", wait: PT1S`),
    codes: ['PL1030'],
  },
];

/** Long chains of expressions: each link makes the tree of the expression one level deeper. */
const chains: readonly HostileText[] = [
  ...[
    '.a + ',
    '.a - ',
    '.a and ',
    '.a or ',
    '.a // ',
    '.a | ',
    '.a, ',
    '1 as $x | ',
    'def f: 1; ',
    'try ',
    'label $x | ',
    'reduce . as $x (0; 1) | ',
  ].map((link) => ({
    name: `a chain of "${link.trim()}"`,
    make: () => one(`if: "${link.repeat(Math.floor(60_000 / link.length))}1", wait: PT1S`),
    codes: mayRefuse,
  })),
  ...['.a', '[0]', '?', '[1:2]', '."a"'].map((link) => ({
    name: `a chain of ${link}`,
    make: () => one(`if: '.a${link.repeat(Math.floor(60_000 / link.length))}', wait: PT1S`),
    codes: mayRefuse,
  })),
  {
    name: 'a chain of conditions',
    make: () => one(`if: "if . then 1 ${'elif . then 1 '.repeat(4_000)} else 1 end", wait: PT1S`),
    codes: mayRefuse,
  },
  {
    name: 'an array of expressions',
    make: () => one(`if: "[${'.a, '.repeat(14_000)}1]", wait: PT1S`),
    codes: mayRefuse,
  },
  {
    name: 'many insertions into a text',
    make: () => one(`if: '"${'\\(1)'.repeat(12_000)}"', wait: PT1S`),
    codes: mayRefuse,
  },
];

const bombs: readonly HostileText[] = [
  { name: 'a billion laughs', make: billionLaughs, codes: ['PL1005'] },
  {
    name: 'one anchor, many aliases',
    make: () => one(`set: { a: &a "${'x'.repeat(50_000)}", b: [${'*a,'.repeat(10_000)}*a] }`),
    codes: ['PL1005'],
  },
  { name: 'an alias of itself', make: () => one('set: &a { b: *a }'), codes: ['PL1005'] },
  {
    name: 'merge keys',
    make: () => `${head}x: &x { a: 1 }\n${'<<: *x\n'.repeat(5_000)}`,
    codes: ['PL1005', 'PL1004'],
  },
  {
    name: 'a tag of a megabyte',
    make: () => one(`set: { a: !<${'x'.repeat(900_000)}> b }`),
    codes: ['PL1005', 'PL1001'],
  },
  {
    name: 'an expression of a megabyte',
    make: () => one(`if: "${'.a + '.repeat(180_000)}1", wait: PT1S`),
    codes: ['PL1030'],
  },
  {
    name: 'ten thousand expressions in one text',
    make: () => one(`set: { a: "${'${ .a } '.repeat(10_000)}" }`),
    codes: [],
  },
  {
    name: 'openings of expressions that never close',
    make: () => one(`set: { a: "${'${ '.repeat(100_000)}" }`),
    codes: ['PL1034', 'PL1030'],
  },
  {
    name: 'a number of a megabyte',
    make: () => one(`set: { a: ${'9'.repeat(900_000)} }`),
    codes: ['PL1007'],
  },
  {
    name: 'a version of a megabyte',
    make: () =>
      `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0-${'a.'.repeat(400_000)} }\ndo: []\n`,
    codes: ['PL1013'],
  },
  {
    name: 'a name of a megabyte',
    make: () =>
      `document: { dsl: '1.0.3', namespace: a, name: ${'a-'.repeat(400_000)}, version: 0.1.0 }\ndo: []\n`,
    codes: ['PL1013'],
  },
  {
    name: 'a duration of a megabyte',
    make: () => one(`wait: P${'1'.repeat(900_000)}`),
    codes: ['PL1040'],
  },
  {
    name: 'a cron expression of a megabyte',
    make: () => `${head}schedule: { cron: "${'1,'.repeat(400_000)} * * * *" }\ndo: []\n`,
    codes: ['PL1041'],
  },
  {
    name: 'an address of a megabyte',
    make: () =>
      one(`call: http, with: { method: get, endpoint: "https://${'{a}.'.repeat(200_000)} x" }`),
    codes: ['PL1044', 'PL1013'],
  },
  {
    name: 'a pattern that backtracks',
    make: () =>
      `${head}input: { schema: { document: { type: string, pattern: '^(([a-z])+.)+[A-Z]([a-z])+$', default: '${'a'.repeat(50_000)}' } } }\ndo:\n  - step: { wait: PT1S }\n`,
    codes: [],
  },
  {
    name: 'an expression whose pattern backtracks',
    make: () => one(`if: '"${'a'.repeat(30_000)}!" | test("^(a+)+$")', wait: PT1S`),
    codes: [],
  },
  { name: 'zero bytes', make: () => '\0'.repeat(100_000), codes: ['PL1001', 'PL1012', 'PL1010'] },
  { name: 'half characters', make: () => one(`set: { "a\ud800": "\udc00" }`), codes: [] },
];

const many: readonly HostileText[] = [
  {
    name: 'ten thousand times the same name',
    make: () => tasks(10_000, () => 'same: { wait: PT1S }'),
    codes: ['PL1020'],
  },
  {
    name: 'ten thousand targets that do not exist',
    make: () => tasks(10_000, (at) => `t${at}: { wait: PT1S, then: x${at} }`),
    codes: ['PL1021'],
  },
  {
    name: 'ten thousand unknown members',
    make: () => one(Array.from({ length: 10_000 }, (_, at) => `wiat${at}: 1`).join(', ')),
    codes: ['PL1014', 'PL1011'],
  },
  {
    name: 'thousands of unknown variables',
    make: () => tasks(3_000, (at) => `t${at}: { if: $contxt${at}, wait: PT1S }`),
    codes: ['PL1031'],
  },
  {
    name: 'thousands of unknown functions',
    make: () => tasks(3_000, (at) => `t${at}: { if: lenght${at}, wait: PT1S }`),
    codes: ['PL1032'],
  },
  {
    name: 'thousands of unknown calls',
    make: () => tasks(3_000, (at) => `t${at}: { call: htp${at} }`),
    codes: ['PL1050'],
  },
  {
    name: 'two long names that are alike',
    make: () =>
      `${head}do:\n  - ${'a'.repeat(1_000)}: { wait: PT1S }\n  - b: { wait: PT1S, then: ${'a'.repeat(300_000)} }\n`,
    codes: ['PL1021', 'PL1013'],
  },
  {
    name: 'many names that are nearly the target',
    make: () =>
      tasks(3_000, (at) => `${'n'.repeat(60)}${at}: { wait: PT1S, then: ${'n'.repeat(60)}x }`),
    codes: ['PL1021'],
  },
  {
    name: 'ten thousand repeated keys',
    make: () => one(`set: { ${'a: 1, '.repeat(10_000)}b: 2 }`),
    codes: ['PL1004'],
  },
  {
    name: 'thousands of lines that are no YAML',
    make: () => `${head}${'] : [ } %\n'.repeat(3_000)}`,
    codes: ['PL1001'],
  },
];

export const hostileTexts: readonly HostileText[] = [
  ...large,
  ...deep,
  ...chains,
  ...bombs,
  ...many,
];

function billionLaughs(): string {
  const lines = ['a0: &a0 [lol, lol]'];
  for (let at = 1; at < 40; at += 1) lines.push(`a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`);
  return `${head}${lines.join('\n')}\n`;
}

interface GrowingText {
  readonly name: string;
  readonly size: number;
  readonly make: (size: number) => string;
}

/** Texts of a size that matters, to compare with those of four times that size. */
export const growing: readonly GrowingText[] = [
  {
    name: 'tasks',
    size: 600,
    make: (size) => tasks(size, (at) => `t${at}: { set: { a: "\${ .a + ${at} }", b: [1, 2] } }`),
  },
  {
    name: 'tasks that name each other',
    size: 600,
    make: (size) => tasks(size, (at) => `t${at}: { wait: PT1S, then: t${size - 1 - at} }`),
  },
  {
    name: 'targets that do not exist',
    size: 300,
    make: (size) => tasks(size, (at) => `t${at}: { wait: PT1S, then: x${at} }`),
  },
  { name: 'the same name', size: 600, make: (size) => tasks(size, () => 'same: { wait: PT1S }') },
  {
    name: 'items of a list',
    size: 6_000,
    make: (size) => one(`set: { a: [${'1,'.repeat(size)}1] }`),
  },
  {
    name: 'members of an object',
    size: 3_000,
    make: (size) =>
      one(`set: { ${Array.from({ length: size }, (_, at) => `k${at}: 1`).join(', ')} }`),
  },
  {
    name: 'unknown members',
    size: 1_000,
    make: (size) => one(Array.from({ length: size }, (_, at) => `wiat${at}: 1`).join(', ')),
  },
  {
    name: 'declarations and references',
    size: 500,
    make: (size) =>
      `${head}use: { timeouts: { ${Array.from({ length: size }, (_, at) => `t${at}: { after: PT1S }`).join(', ')} } }\n${tasks(size, (at) => `t${at}: { wait: PT1S, timeout: t${at} }`).slice(head.length)}`,
  },
  {
    name: 'expressions in one text',
    size: 1_000,
    make: (size) => one(`set: { a: "${'${ .a } '.repeat(size)}" }`),
  },
  {
    name: 'parts of one expression',
    size: 1_500,
    make: (size) => one(`if: "${'.a + '.repeat(size)}1", wait: PT1S`),
  },
  {
    name: 'lines of a block text',
    size: 8_000,
    make: (size) =>
      `${head}do:\n  - step:\n      set:\n        a: |\n${'          x\n'.repeat(size)}`,
  },
  {
    name: 'braces in an address',
    size: 2_000,
    make: (size) =>
      one(`call: http, with: { method: get, endpoint: "https://a.example/${'{a}'.repeat(size)}" }`),
  },
  {
    name: 'cases of a switch',
    size: 600,
    make: (size) =>
      one(
        `switch: [${Array.from({ length: size }, (_, at) => `{ c${at}: { when: ".a == ${at}", then: exit } }`).join(', ')}]`,
      ),
  },
  ...repeated(8_000, ['closing brackets', ']'], ['question marks', '? '], ['empty lines', '\n']),
  ...repeated(4_000, ['one key', 'a: b\n'], ['anchors', 'a: &a b\n'], ['tags', '- !!str a\n']),
  ...repeated(4_000, ['words', 'word\n'], ['open brackets', 'a: {\n']),
  ...repeated(2_000, ['open quotes', 'a:\n  b: "x\n'], ['broken lines', '] : [ } %\n']),
  {
    name: 'escapes in a text that never closes',
    size: 8_000,
    make: (size) => `a: "${'\\"'.repeat(size)}x`,
  },
  {
    name: 'empty lines in brackets',
    size: 8_000,
    make: (size) => `a: [${'\n'.repeat(size)}1]`,
  },
  {
    name: 'lists, then a tab',
    size: 2_000,
    make: (size) => `${'- a: [1, {b: c}]\n'.repeat(size)}\t\n`,
  },
];

function repeated(size: number, ...texts: readonly (readonly [string, string])[]): GrowingText[] {
  return texts.map(([name, text]) => ({ name, size, make: (count) => text.repeat(count) }));
}
