import type { Random } from './random.js';

/** JSON texts: written out, because what is tested is also how they are read. */

const NUMBERS = [
  ...['0', '1', '2', '3', '-1', '-2', '10', '42', '100', '0.5', '-1.5', '3.7', '1.0', '1.50', '-0'],
  ...[
    '1e3',
    '1E-5',
    '0.00001',
    '1e1000',
    '-1e1000',
    '100000000000000000000',
    '12345678901234567890',
  ],
  ...['12345678901234567891', '-9007199254740993', '9007199254740992', '0.1234567890123456789'],
  ...['1.7976931348623157e308', '5e-324', '1e17', '123456789012', '65', '97', '1425599621', '0.1'],
] as const;

const STRINGS = [
  ...['', 'a', 'b', 'abc', 'aXbxc', 'a,b, c', 'foo bar foo', ' \t pad \n', 'ABCabc', 'é', '日本語'],
  ...[
    '😀',
    'x😀y',
    'null',
    '1',
    '1.50',
    '[1,2]',
    '{"a":1.0}',
    'nan',
    '2015-03-05T23:51:47Z',
    'YWJj',
  ],
  ...[
    'a%20b',
    '<&\'">',
    'tab\there',
    'back\\slash',
    '\u007f',
    '\u00a0',
    '10',
    '0',
    '__proto__',
    'key',
  ],
  ...[
    'nul\u0000in',
    'o\u0301',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '{"a":1,"a":2}',
    '1e1000',
    '-0',
    'a\nb',
  ],
  ...[
    '\ufeff',
    'ǅ',
    'ß',
    '٣',
    'a\u2028b',
    '{"1":1,"0":[2.0]}',
    '1 2',
    '[1,]',
    "{'a':1}",
    '"\\u12"',
  ],
] as const;

const KEYS = [
  ...['a', 'b', 'c', 'key', 'value', 'name', 'k', 'v', '0', '1', '2', '10', '007', '__proto__'],
  ...['toString', 'length', 'é', '', 'a b', 'e', 'start', 'end'],
] as const;

export function numberText(random: Random): string {
  return random.chance(0.6) ? String(random.below(6) - 1) : random.pick(NUMBERS);
}

function stringText(random: Random): string {
  return JSON.stringify(random.pick(STRINGS));
}

/** Any value, nested to a depth. */
function valueText(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 10 : 6);
  if (kind < 1) return random.pick(['null', 'true', 'false']);
  if (kind < 4) return numberText(random);
  if (kind < 6) return stringText(random);
  return kind < 8 ? arrayText(random, depth - 1) : objectText(random, depth - 1);
}

function arrayText(random: Random, depth: number): string {
  const items: string[] = [];
  const kind = random.below(4);
  for (let left = random.below(5); left > 0; left -= 1) {
    if (kind === 0) items.push(numberText(random));
    else if (kind === 1) items.push(stringText(random));
    else if (kind === 2) items.push(objectText(random, depth - 1));
    else items.push(valueText(random, depth));
  }
  return `[${items.join(',')}]`;
}

function objectText(random: Random, depth: number): string {
  const members: string[] = [];
  for (let left = random.below(5); left > 0; left -= 1) {
    members.push(`${JSON.stringify(random.pick(KEYS))}:${valueText(random, Math.max(depth, 0))}`);
  }
  return `{${members.join(',')}}`;
}

/** What a program gets as input. */
export function inputText(random: Random): string {
  const kind = random.below(12);
  if (kind < 2) return arrayText(random, 2);
  if (kind < 5) return objectText(random, 2);
  if (kind < 7) return stringText(random);
  if (kind < 8) return numberText(random);
  if (kind < 9) return `[${[0, 1, 2].map(() => objectText(random, 1)).join(',')}]`;
  if (kind < 10) return `{"a":${valueText(random, 2)},"b":${valueText(random, 1)}}`;
  return valueText(random, 3);
}
