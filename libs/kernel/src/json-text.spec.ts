import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import {
  canonicalJson,
  copyObject,
  isJsonObject,
  jsonEquals,
  JsonNumber,
  needsExactParsing,
  objectOf,
  parseJson,
  putMember,
  stringifyJson,
  type Json,
  type JsonObject,
} from './index.js';

describe('JSON without loss', () => {
  it.each([
    '12345678901234567890',
    '-12345678901234567890',
    '0.1234567890123456789',
    '[1,12345678901234567890,"12345678901234567890"]',
    '{"b":1,"10":2,"2":3,"a":4}',
    '{"a":{"2":1,"1":[{"z":0,"0":1}]},"":{}}',
    '{"__proto__":{"1":1,"__proto__":12345678901234567890}}',
    '{"x":1,"__proto__":2,"7":3}',
    '"\\ud800"',
    '{"\\ud800":"\\udfff","1":"\u{1f600}"}',
    '[-0,0,-0.0]',
    '[0,-0.0]',
    '{"a":-0.000}',
    '-0',
    '1E+400',
    '-1E-400',
    '[]',
    '{}',
    '[[],{},[{"1":{}}]]',
  ])('%s stays what it is', (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });

  it('reads numbers as doubles whenever these carry them', () => {
    const text =
      '[1.0, 1e2, 100000000000000000000, 0.1000000000000000000, 1e300, 9007199254740993]';
    expect(parseJson(text)).toEqual([1, 100, 1e20, 0.1, 1e300, new JsonNumber('9007199254740993')]);
  });

  it('goes the slow way for what needs it, not for what only looks like it inside a text', () => {
    const plain = [
      '{"id":"3f0b1c2d-0a1b-4e12-8abc-0123456789ab","sku":"row-0","at":"2026-01-01T10:00:00.000Z"}',
      '{"card":"4111111111111111","hash":"9e107d9d372bb6826bd81d3542a419d6","price":-0.5,"n":[1e2,0]}',
    ];
    expect(plain.map(needsExactParsing)).toEqual([false, false]);
    const special = [
      '[1, 1e400]',
      '{"a":-0}',
      '[ 1234567890123456]',
      '{"1":1}',
      '[0,\n-1E-400]',
      '7',
    ];
    expect(special.map(needsExactParsing)).toEqual(special.map(() => true));
  });

  it('takes numbers of a million digits in its stride', async () => {
    const value = parseJson(`[1${'0'.repeat(1_000_000)}1]`);
    expect(canonicalJson(value).length).toBe(1_000_004);
    await pause(0); // the time-out, which only quadratic work exceeds, needs the thread
  });

  it('keeps white space and escapes apart from keys', () => {
    const text = ' { "a" : [ 1 , { "\\u0032" : 1 , "1" : "\\"2\\":" } ] } ';
    expect(stringifyJson(parseJson(text))).toBe('{"a":[1,{"2":1,"1":"\\"2\\":"}]}');
  });

  it('takes the last of two members with one key, at the place of the first', () => {
    expect(stringifyJson(parseJson('{"b":1,"1":2,"b":3,"1":4}'))).toBe('{"b":3,"1":4}');
  });

  it('is as strict as JSON.parse', () => {
    for (const text of [' ', '01', '[1,]', '{"1":1,}', 'nan', '12345678901234567890 1', '{"1" 1}'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('has no limit to depth', () => {
    const text = `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`;
    expect(stringifyJson(parseJson(text))).toBe(text);
  });
});

describe('a number beyond doubles', () => {
  const big = parseJson('12345678901234567890') as unknown as JsonNumber;

  it('is a scalar that JavaScript can compare and print', () => {
    expect(isJsonObject(big)).toBe(false);
    expect(Number(big)).toBe(12345678901234567000);
    expect(String(big)).toBe('12345678901234567890');
    expect((big as unknown as number) > 1).toBe(true);
  });

  it('is equal to the same number in other words', () => {
    const [a, b, c] = parseJson('[1e400, 10.0E399, 2e400]') as [Json, Json, Json];
    expect([jsonEquals(a, b), jsonEquals(a, c)]).toEqual([true, false]);
    expect(canonicalJson(b)).toBe('1E+400');
    expect(canonicalJson({ b: a, a: 1 })).toBe('{"a":1,"b":1E+400}');
  });
});

describe('an ordered object', () => {
  const object = parseJson('{"b":1,"10":2,"2":3}') as JsonObject;

  it('is like a plain one', () => {
    expect(Object.entries(object)).toEqual([
      ['b', 1],
      ['10', 2],
      ['2', 3],
    ]);
    expect([object['2'], '10' in object, Object.hasOwn(object, 'c')]).toEqual([3, true, false]);
    expect(isJsonObject(object)).toBe(true);
    expect(object).toEqual({ b: 1, 10: 2, 2: 3 });
  });

  it('keeps its order when it is copied and changed', () => {
    const copy = copyObject(object);
    copy['1'] = 4;
    delete copy['10'];
    copy['10'] = 5;
    expect(stringifyJson(copy)).toBe('{"b":1,"2":3,"1":4,"10":5}');
    expect(stringifyJson(object)).toBe('{"b":1,"10":2,"2":3}');
    expect(Object.keys(Object.freeze(copy))).toEqual(['b', '2', '1', '10']);
  });

  it('is plain when the order is that of a plain one', () => {
    const made = objectOf(Array.from({ length: 20 }, (_, i) => [String(i), i] as const));
    expect(Object.getOwnPropertyNames(structuredClone(made))).toHaveLength(20);
    let grown: JsonObject = {};
    for (const key of ['x', 'y', '1', '__proto__', 'x']) grown = putMember(grown, key, key);
    expect(stringifyJson(grown)).toBe('{"x":"x","y":"y","1":"1","__proto__":"__proto__"}');
  });
});

describe('a string of many megabytes', () => {
  it('is read beside a number that needs care', () => {
    const long = '\\n"\\'.repeat(6_000_000);
    const text = JSON.stringify({ long, after: 'x' }).replace('}', ',"n":12345678901234567890}');
    const read = parseJson(text) as JsonObject;
    expect(read['long'] === long).toBe(true);
    expect(stringifyJson([read['after'] ?? null, read['n'] ?? null])).toBe(
      '["x",12345678901234567890]',
    );
  });
});
