import { describe, expect, it } from '@jest/globals';
import { stringifyJson, type Json } from '@parley/kernel';
import { compile, JsonProblem, parseJsonStream } from '../index.js';

function read(text: string): string[] {
  return [...parseJsonStream(text)].map(stringifyJson);
}

describe('a stream of JSON texts', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' \n ', []],
    ['1', ['1']],
    ['1 2\n3', ['1', '2', '3']],
    ['{"a":1}{"b":2}', ['{"a":1}', '{"b":2}']],
    ['[1]"a"null', ['[1]', '"a"', 'null']],
    ['\ufeff{"a":[]}', ['{"a":[]}']],
    ['1.0 1e2 -0 100000000000000000000', ['1.0', '1E+2', '-0', '100000000000000000000']],
    ['{"b":1,"1":{"x":12345678901234567890}}', ['{"b":1,"1":{"x":12345678901234567890}}']],
    ['{"__proto__":1,"a":1.50}', ['{"__proto__":1,"a":1.50}']],
    ['[nan]', ['[null]']],
    ['"\\ud83d\\ude00 \\u00e9"', ['"\u{1f600} é"']],
  ])('%s', (text, values) => {
    expect(read(text)).toEqual(values);
  });

  it.each<[string, string, number]>([
    ['[1,', 'Unfinished JSON term at EOF at line 1, column 3', 3],
    ['{"a" 1}', 'Expected separator between values at line 1, column 7', 7],
    ['[1]\n{"é": 01x}', 'Invalid numeric literal at line 2, column 11', 14],
    ['"\\ud800"', 'Invalid \\uXXXX\\uXXXX surrogate pair escape at line 1, column 8', 8],
    ['tru', 'Invalid literal at EOF at line 1, column 3', 3],
    ['"abc', 'Unfinished string at EOF at line 1, column 4', 4],
    [']', "Unmatched ']' at line 1, column 1", 1],
    ['['.repeat(10_001), 'Exceeds depth limit for parsing at line 1, column 10001', 10_001],
  ])('%s is refused where it is wrong', (text, message, offset) => {
    const values: Json[] = [];
    let problem: unknown;
    try {
      for (const value of parseJsonStream(text)) values.push(value);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(JsonProblem);
    expect(problem).toMatchObject({ message, offset });
    expect(values).toHaveLength(text.startsWith('[1]') ? 1 : 0);
  });
});

describe('a string of many megabytes', () => {
  it('is read', () => {
    const text = JSON.stringify(['\\n"'.repeat(1_000_000), 'x']).replace('"x"', '1.0');
    expect(read(text)[0]).toBe(text);
  });
});

describe('numbers and keys that JavaScript would change', () => {
  function outputs(source: string, text: string, exact: boolean): string[] {
    const compiled = compile(source);
    if (!compiled.ok) throw new Error(compiled.error.message);
    const [input = null] = parseJsonStream(text);
    return compiled.value.run(input, { exact }).map(stringifyJson);
  }

  it.each<[string, string, string[], string[]]>([
    [
      '.',
      '[12345678901234567890,1.0,1e1000]',
      ['[12345678901234567890,1.0,1E+1000]'],
      ['[12345678901234567890,1,1E+1000]'],
    ],
    ['.[0] + 0', '[12345678901234567890]', ['12345678901234567000'], ['12345678901234567000']],
    ['-.', '12345678901234567890', ['-12345678901234567890'], ['-12345678901234567890']],
    ['tojson, "\\(.)"', '1.50', ['"1.50"', '"1.50"'], ['"1.50"', '"1.50"']],
    [
      'unique',
      '[9007199254740993,9007199254740992,1.0,1]',
      ['[1.0,9007199254740992,9007199254740993]'],
      ['[1,9007199254740992,9007199254740993]'],
    ],
    ['1.0, 1e2', 'null', ['1.0', '1E+2'], ['1', '100']],
    ['1e-5 * 1', 'null', ['1e-05'], ['0.00001']],
    [
      'keys_unsorted, keys, map_values(. + 1)',
      '{"b":1,"10":2,"2":3}',
      ['["b","10","2"]', '["10","2","b"]', '{"b":2,"10":3,"2":4}'],
      ['["b","10","2"]', '["10","2","b"]', '{"b":2,"10":3,"2":4}'],
    ],
    ['{b: 1} + {"1": 2, a: 3}', 'null', ['{"b":1,"1":2,"a":3}'], ['{"b":1,"1":2,"a":3}']],
    [
      '.x["0"] = 1 | del(.x.b)',
      '{"x":{"b":1,"a":2}}',
      ['{"x":{"a":2,"0":1}}'],
      ['{"x":{"a":2,"0":1}}'],
    ],
    ['to_entries | map(.key)', '{"z":0,"1":0,"0":0}', ['["z","1","0"]'], ['["z","1","0"]']],
  ])('%s of %s', (source, text, exact, plain) => {
    expect(outputs(source, text, true)).toEqual(exact);
    expect(outputs(source, text, false)).toEqual(plain);
  });

  it('keeps halves of surrogate pairs that a caller has', () => {
    const compiled = compile('.a + .a | [., length]');
    const result = compiled.ok ? compiled.value.run({ a: '\ud800' }) : [];
    expect(stringifyJson(result)).toBe('[["\\ud800\\ud800",2]]');
  });
});
