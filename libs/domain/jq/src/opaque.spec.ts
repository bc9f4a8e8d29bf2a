import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { compile, JqError, Opaque } from './index.js';

const secret = new Opaque('apiKey');
const secrets = { apiKey: secret, other: new Opaque('other') } as unknown as Json;

function run(source: string, input: Json = { a: 1, list: [3, 1, 2] }): Json[] {
  const compiled = compile(source, { variables: ['secrets'] });
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error.message}`);
  return compiled.value.run(input, { variables: { secrets } });
}

function failureOf(source: string): JqError {
  try {
    run(source);
  } catch (error) {
    if (error instanceof JqError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('an opaque value', () => {
  it.each([
    '$secrets.apiKey',
    '$secrets["apiKey"]',
    '$secrets | .apiKey',
    '$secrets.nothing // $secrets.apiKey',
    '$secrets.apiKey // 1',
    'if $secrets.apiKey then $secrets.apiKey else 1 end',
    'if .a == 1 then $secrets.apiKey else null end',
    '$secrets.apiKey as $key | $key',
    '$secrets as {apiKey: $key} | $key',
    '[$secrets.apiKey][0]',
    '{key: $secrets.apiKey}.key',
    '{key: $secrets.apiKey} + {b: 1} | .key',
    '{a: {key: $secrets.apiKey}} * {a: {b: 1}} | .a.key',
    '[$secrets.apiKey] + [1] | first',
    '.key = $secrets.apiKey | .key',
    '.x.y |= $secrets.apiKey | .x.y',
    'setpath(["p", "q"]; $secrets.apiKey) | getpath(["p", "q"])',
    '[.list[] | select(. > 2) | $secrets.apiKey] | .[0]',
    '[$secrets[]] | first',
    '$secrets | to_entries | map(select(.key == "apiKey")) | .[0].value',
    '$secrets | with_entries(select(.key == "apiKey")) | .apiKey',
    '[$secrets.apiKey, 1] | reverse | last',
    '[[$secrets.apiKey]] | flatten | .[0]',
    '[{k: 2, v: 1}, {k: 1, v: $secrets.apiKey}] | sort_by(.k) | .[0].v',
    'first($secrets.apiKey, 1)',
    'reduce 1 as $i (null; $secrets.apiKey)',
    'def f(x): x; f($secrets.apiKey)',
    'try error($secrets.apiKey) catch .',
    'del(.a) | .k = $secrets.apiKey | .k',
    '[$secrets.apiKey] | map(.) | .[0]',
    '{a: $secrets.apiKey} | map_values(.) | .a',
    '[..] | $secrets.apiKey',
  ])('goes through %s', (source) => {
    expect(run(source)).toEqual([secret]);
  });

  it('counts as true', () => {
    expect(run('$secrets.apiKey | not')).toEqual([false]);
    expect(run('$secrets.apiKey and true')).toEqual([true]);
  });

  it('is part of an output', () => {
    expect(run('{headers: {authorization: $secrets.apiKey}, n: 1.0}')).toEqual([
      { headers: { authorization: secret }, n: 1 },
    ]);
  });

  it.each<[string, string, string]>([
    ['"Bearer \\($secrets.apiKey)"', 'written as text', '"Bearer \\($secrets.apiKey)"'],
    ['$secrets.apiKey | tojson', 'written as text', 'tojson'],
    ['[$secrets.apiKey] | tostring', 'written as text', 'tostring'],
    ['$secrets | @json', 'written as text', '@json'],
    ['$secrets.apiKey | @base64', 'written as text', '@base64'],
    ['[$secrets.apiKey] | @csv', 'read', '@csv'],
    ['[$secrets.apiKey] | @sh', 'written as text', '@sh'],
    ['$secrets.apiKey + "x"', 'added', '$secrets.apiKey + "x"'],
    ['"x" + $secrets.apiKey', 'added', '"x" + $secrets.apiKey'],
    ['$secrets.apiKey * 2', 'multiplied', '$secrets.apiKey * 2'],
    ['$secrets.apiKey - 1', 'subtracted', '$secrets.apiKey - 1'],
    ['$secrets.apiKey / "a"', 'divided', '$secrets.apiKey / "a"'],
    ['-$secrets.apiKey', 'negated', '-$secrets.apiKey'],
    ['$secrets.apiKey == "x"', 'compared', '$secrets.apiKey == "x"'],
    ['$secrets.apiKey == null', 'compared', '$secrets.apiKey == null'],
    ['$secrets == {apiKey: 1, other: 2}', 'compared', ''],
    ['[1] == [$secrets.apiKey]', 'compared', '[1] == [$secrets.apiKey]'],
    ['$secrets.apiKey < 1', 'compared', '$secrets.apiKey < 1'],
    ['[$secrets.apiKey, 1] | sort', 'compared', 'sort'],
    ['[$secrets.apiKey, 1] | unique', 'compared', 'unique'],
    ['[$secrets.apiKey, 1] | max', 'compared', 'max'],
    ['$secrets.apiKey[0:2]', 'looked into', '$secrets.apiKey[0:2]'],
    ['$secrets.apiKey.length', 'looked into', '$secrets.apiKey.length'],
    ['$secrets.apiKey[0]', 'looked into', '$secrets.apiKey[0]'],
    ['$secrets.apiKey[]', 'inspected', '$secrets.apiKey[]'],
    ['$secrets.apiKey | length', 'read', 'length'],
    ['$secrets.apiKey | type', 'inspected', 'type'],
    ['$secrets.apiKey | explode', '', 'explode'],
    ['$secrets.apiKey | test("a")', 'matched', 'test'],
    ['$secrets.apiKey | ltrimstr("a")', '', 'ltrimstr'],
    ['$secrets.apiKey | ascii_downcase', '', 'ascii_downcase'],
    ['$secrets.apiKey | keys', 'read', 'keys'],
    ['{($secrets.apiKey): 1}', 'used as object key', '{($secrets.apiKey): 1}'],
    ['.[$secrets.apiKey]', 'looked into', '.[$secrets.apiKey]'],
    ['[$secrets.apiKey] | join(",")', 'added', 'join'],
    ['[$secrets.apiKey] | index($secrets.apiKey)', '', 'index'],
    ['[$secrets.apiKey] | contains(["a"])', 'inspected', 'contains'],
    ['$secrets.apiKey | tonumber', 'parsed', 'tonumber'],
    ['$secrets.apiKey | fromjson', 'read', 'fromjson'],
    ['$secrets.apiKey | floor', 'read', 'floor'],
    ['[limit($secrets.apiKey; 1)]', '', 'limit'],
    ['[$secrets.apiKey] | implode', '', 'implode'],
    ['"a" | sub("a"; $secrets.apiKey)', 'added', 'sub'],
    ['[range($secrets.apiKey)]', '', 'range'],
    ['$secrets | group_by(.)', '', 'group_by'],
  ])('does not go through %s', (source, done, where) => {
    const error = failureOf(source);
    if (done !== '') expect(error.message).toBe(`a secret cannot be ${done}`);
    const span = error.span ?? { offset: 0, length: 0 };
    if (where !== '') expect(source.slice(span.offset, span.offset + span.length)).toBe(where);
  });

  it('leaves nothing in messages', () => {
    const error = failureOf('{a: $secrets.apiKey} | . - 1');
    expect(error.message).toBe('object ({"a":"<secret>"}) and number (1) cannot be subtracted');
    expect(failureOf('error({a: $secrets.apiKey})').message).toContain('<secret>');
  });

  it('is written by nobody who does not know what it is', () => {
    expect(() => JSON.stringify({ key: secret })).toThrow(TypeError);
    expect(Opaque.nameOf(secret)).toBe('apiKey');
  });
});
