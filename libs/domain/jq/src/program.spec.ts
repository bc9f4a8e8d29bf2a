import { describe, expect, it } from '@jest/globals';
import { stringifyJson, type Json } from '@parley/kernel';
import {
  compile,
  compileCached,
  JqError,
  type Limits,
  type Program,
  type RunEnv,
} from './index.js';

function program(source: string, variables: readonly string[] = []): Program {
  const compiled = compile(source, { variables });
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error.message}`);
  return compiled.value;
}

function run(source: string, input: Json = null, env: RunEnv = {}): Json[] {
  return program(source, Object.keys(env.variables ?? {})).run(input, env);
}

function failureOf(source: string, input: Json = null, limits?: Limits): JqError {
  try {
    run(source, input, { limits });
  } catch (error) {
    if (error instanceof JqError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('evaluation', () => {
  const order = { id: 'o1', total: 250, items: [{ price: 10 }, { price: 20 }] };
  it.each<[string, Json, Json[]]>([
    ['.total > 200 and (.items | length) > 0', order, [true]],
    ['{id: .id, total: ([.items[].price] | add)}', order, [{ id: 'o1', total: 30 }]],
    [
      '{id, "total", (.id): 1, @base64 "x": 2}',
      { id: 'a', total: 3 },
      [{ id: 'a', total: 3, a: 1, x: 2 }],
    ],
    ['.items[1:] | .[0].price', order, [20]],
    ['[(1,2) + (10,20)]', null, [[11, 12, 21, 22]]],
    ['[{a: (1,2), b: (3,4)} | .a * 10 + .b]', null, [[13, 14, 23, 24]]],
    ['["\\(1,2)-\\(3,4)"]', null, [['1-3', '2-3', '1-4', '2-4']]],
    ['[pow(2,3; 1,2)]', null, [[2, 3, 4, 9]]],
    ['.a.b.c // "none"', { a: null }, ['none']],
    ['(.a, .c) |= . + 1', { a: 1, b: 2, c: 3 }, [{ a: 2, b: 2, c: 4 }]],
    ['.a += (1,2)', { a: 1 }, [{ a: 2 }, { a: 3 }]],
    ['.list[1:] = ["x"]', { list: [1, 2, 3] }, [{ list: [1, 'x'] }]],
    ['. as [$a, {b: $c}] | [$a, $c]', [1, { b: 2 }], [[1, 2]]],
    ['def f(g): [g, g]; f(.[])', [1, 2], [[1, 2, 1, 2]]],
    ['def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac', 10, [3_628_800]],
    ['[label $out | .[] | if . > 2 then break $out else . end]', [1, 2, 3, 1], [[1, 2]]],
    ['[.[] | try error catch "caught \\(.)"]', ['a'], [['caught a']]],
    ['[.[] as $x | $x, ($x | . as $x | $x + 1)]', [1, 5], [[1, 2, 5, 6]]],
    ['reduce range(5) as $i (0; . + $i)', null, [10]],
    ['[limit(3; repeat(1))]', null, [[1, 1, 1]]],
    [
      '[.[] | tojson]',
      [1e17, 0.1, -0.000001, 1.5e300, 123456789012],
      [['1e+17', '0.1', '-0.000001', '1.5e+300', '123456789012']],
    ],
    ['length, (. | .[1:2]), explode[1]', 'a😀b', [3, '😀', 128_512]],
    ['"😀" < "\\uffff"', null, [false]],
    ['[match("(?<w>\\\\w+)"; "g").captures[0].string]', 'ab cd', [['ab', 'cd']]],
    ['gsub("(?<d>[0-9]+)"; "<\\(.d)>")', 'a1b22', ['a<1>b<22>']],
    ['now | todate', null, ['2026-11-20T16:00:00Z']],
    ['"2024-02-29T12:00:00Z" | fromdate', null, [1_709_208_000]],
    ['strftime("%A %j %U %V %e")', 1_709_208_000, ['Thursday 060 08 09 29']],
    ['infinite, -infinite, nan', null, [Number.MAX_VALUE, -Number.MAX_VALUE, null]],
  ])('%s', (source, input, outputs) => {
    expect(run(source, input, { now: 1_795_190_400 })).toEqual(outputs);
  });

  it.each<[string, Json]>([
    ['reduce .[] as $x ([]; . + [$x])', [1, 2, 3]],
    ['reduce .[] as $x ({}; .["k\\($x)"] = $x | .n += 1) | [.k1, .k2, .n]', [1, 2, 3]],
    ['reduce .[] as $x (.; .[0] = $x)', [3, 2, 3]],
    ['reduce .[] as $x ([[]]; .[0] += [$x] | . + [.[0]]) | last', [1, 2, 3]],
    ['[foreach .[] as $x ([]; . + [$x]; .)] | .[0]', [1]],
    ['reduce .[] as $x ({a: {}}; .a.b += 1 | .c = $x | .d |= .c) | [.a.b, .c, .d]', [3, 3, null]],
    [
      'reduce .[] as $x ({a: {n: 0}}; .a.n += 1 | .b |= . | .h[.a.n | tostring] = $x) | .h | keys',
      ['1', '2', '3'],
    ],
    ['reduce (1, {a: 2}) as $x ({}; .n = $x.a? | .m += 1)', { n: 2, m: 1 }],
    ['reduce ({a: 2}, 1) as $x ({}; .n = $x.a? | .m += 1)', null],
    [
      '. as $in | reduce .[] as $x ($in; .[$x] += 1) | [., $in]',
      [
        [1, 3, 4, 1],
        [1, 2, 3],
      ],
    ],
  ])('%s builds its state without a trace elsewhere', (source, output) => {
    expect(run(source, [1, 2, 3])).toEqual([output]);
  });

  it('reads the variables that it is given', () => {
    const variables = { context: { user: 'ann' }, other: 1 };
    expect(run('"\\($context.user) \\(.)"', 'hi', { variables })).toEqual(['ann hi']);
  });

  it('stops after the first output when only that is wanted', () => {
    expect(program('1, error("not reached")').first(null)).toBe(1);
    expect(program('empty').first(null)).toBeUndefined();
  });

  it('treats __proto__ and the names of object methods as ordinary keys', () => {
    const input = JSON.parse('{"__proto__": {"a": 1}, "toString": 2}') as Json;
    expect(run('.__proto__.a, .toString, .constructor, has("valueOf")', input)).toEqual([
      1,
      2,
      null,
      false,
    ]);
    const [built] = run('{"__proto__": 1} + {b: 2} | .["__proto__"] += 1');
    expect(JSON.stringify(built)).toBe('{"__proto__":2,"b":2}');
    expect(run('to_entries | from_entries | keys', input)).toEqual([['__proto__', 'toString']]);
  });

  it('says what went wrong in the words of jq', () => {
    expect(failureOf('.a', 5).message).toBe('Cannot index number with string ("a")');
    expect(failureOf('{} - 1').message).toBe('object ({}) and number (1) cannot be subtracted');
    expect(failureOf('error({code: 7})')).toMatchObject({ kind: 'error', value: { code: 7 } });
  });

  it('has no time unless it is told', () => {
    expect(failureOf('now').message).toBe('now: no time is known here');
  });
});

describe('where a program failed', () => {
  it.each<[string, string]>([
    ['.a | .b.c', '.b'],
    ['1 + (.a | .b) + 2', '.b'],
    ['{x: 1, y: (.a + "s")}', '.a + "s"'],
    ['[.a[]]', '.a[]'],
    ['.list | map(. + {})', '. + {}'],
    ['"n: \\(.a | .x)"', '.x'],
    ['.a | keys', 'keys'],
    ['.list | join({})', 'join'],
    ['{(.a): 1}', '{(.a): 1}'],
    ['-(.list)', '-(.list)'],
    ['.a | test("a")', 'test'],
    ['.list | test("a")?, error("x")', 'error'],
    ['def f: . + {}; .a | f', '. + {}'],
    ['.a.b = 1', '.a.b = 1'],
    ['.a |= (. | .x)', '.x'],
    ['reduce .list[] as $x (0; . + ($x | .y))', '.y'],
    ['.list | sort_by(.y)', '.y'],
    ['.a | INDEX(.x)', 'INDEX'],
    ['.list | add(.[] | .z)', '.z'],
    ['range("a")', 'range'],
    ['try .a.b catch error', 'error'],
  ])('%s: at %s', (source, where) => {
    const { span } = failureOf(source, { a: 5, list: [1, 2] });
    expect(span && source.slice(span.offset, span.offset + span.length)).toBe(where);
  });
});

describe('limits', () => {
  it.each<[string, Limits]>([
    ['repeat(1)', { fuel: 1_000 }],
    ['[range(1e9)] | length', {}],
    ['def f: f; f', {}],
    ['def f: [f]; f', {}],
    ['range(100)', { outputs: 99 }],
    ['reduce range(60) as $i (1; [., .])', {}],
    ['reduce range(60) as $i (1; [., .]) | tojson', {}],
    ['reduce range(60) as $i ("x"; . + .)', {}],
    ['"x" * 1e8', {}],
    ['.[1e8] = 1', {}],
    ['[limit(100000; repeat("a"))] | add | test("(a|a)*b")', {}],
    ['"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" | test("(a+)+$b")', {}],
    ['[recurse(.)]', {}],
  ])('%s is stopped', (source, limits) => {
    expect(failureOf(source, null, limits).kind).toBe('limit');
  });

  it('cannot be caught by the program', () => {
    expect(failureOf('try repeat(1) catch 1', null, { fuel: 100 }).kind).toBe('limit');
  });

  it('takes values of any depth that jq reads', () => {
    const text = (bottom: string): string =>
      `${'[{"-1":'.repeat(4_900)}${bottom}${',"x":"y"}]'.repeat(4_900)}`;
    const deep = JSON.parse(text('1')) as Json;
    expect(run('.', deep).map(stringifyJson)).toEqual([text('1')]);
    expect(run('tojson | length', deep)).toEqual([text('1').length]);
    const path = Array.from({ length: 9_800 }, (_, i) => (i % 2 === 0 ? 0 : '-1'));
    const env: RunEnv = { variables: { path } };
    expect(run('setpath($path; nan)', deep, env).map(stringifyJson)).toEqual([text('null')]);
  });

  it('lets pass what is just within', () => {
    expect(run('range(100)', null, { limits: { outputs: 100 } })).toHaveLength(100);
  });

  it('refuses programs that are too long or nested too deep', () => {
    const deep = compile(`${'['.repeat(300)}1${']'.repeat(300)}`);
    const long = compile(`"${'x'.repeat(70_000)}"`);
    expect([deep.ok, long.ok]).toEqual([false, false]);
  });
});

describe('refusals at compile time', () => {
  it.each<[string, string, [number, number], string[] | undefined]>([
    ['.a | lenght', 'unknown-function', [5, 6], ['length']],
    ['[.[] | splits]', 'unknown-function', [7, 6], ['splits/1', 'splits/2']],
    ['$contxt.a', 'unknown-variable', [0, 7], ['$context']],
    ['. as $abc | $abd', 'unknown-variable', [12, 4], ['$abc']],
    ['break $out', 'unknown-variable', [0, 10], undefined],
    ['$ENV.HOME', 'unsupported', [0, 4], undefined],
    ['1 | input', 'unsupported', [4, 5], undefined],
    ['import "a" as a; 1', 'unsupported', [0, 6], undefined],
    ['m::f', 'unsupported', [0, 4], undefined],
    ['@yaml', 'unknown-function', [0, 5], undefined],
    ['.a +', 'syntax', [4, 0], undefined],
    ['{a: 1', 'syntax', [5, 0], undefined],
    ['"abc', 'syntax', [0, 1], undefined],
    ['"a\\qb"', 'syntax', [2, 2], undefined],
    ['1 == 1 == 1', 'syntax', [7, 2], undefined],
    ['{(1): 2}', 'syntax', [2, 1], undefined],
    ['', 'syntax', [0, 0], undefined],
  ])('%s', (source, code, [offset, length], suggestions) => {
    const compiled = compile(source, { variables: ['context'] });
    expect(compiled).toMatchObject({ ok: false, error: { code, offset, length } });
    expect(compiled.ok ? undefined : compiled.error.suggestions).toEqual(suggestions);
  });

  it('counts lines and columns from 1', () => {
    const compiled = compile('.a |\n  nope');
    expect(compiled).toMatchObject({ ok: false, error: { line: 2, column: 3, offset: 7 } });
  });
});

describe('facts about a program', () => {
  it.each<[string, [string, ...(string | number)[]][]]>([
    ['.a.b', [['.', 'a', 'b']]],
    [
      '.a[0].b + $input.x',
      [
        ['.', 'a', 0, 'b'],
        ['$input', 'x'],
      ],
    ],
    ['.items[].price', [['.', 'items']]],
    [
      '{id: .id, n: (.items | length)}',
      [
        ['.', 'id'],
        ['.', 'items'],
      ],
    ],
    [
      '.a as $x | $x.b | select(.c > 1)',
      [
        ['.', 'a', 'b', 'c'],
        ['.', 'a', 'b'],
      ],
    ],
    ['if .ok then $input else .b.c end', [['.', 'ok'], ['$input'], ['.', 'b', 'c']]],
    [
      '.a[.key]',
      [
        ['.', 'a'],
        ['.', 'key'],
      ],
    ],
    ['def f: .x; .a | f', [['.', 'a']]],
    ['1 + 1', []],
  ])('%s reads', (source, expected) => {
    const reads = program(source, ['input']).paths.map(({ root, path }) => [root, ...path]);
    expect(reads.sort()).toEqual([...expected].sort());
  });

  it('lists the variables that are used, and whether the time is', () => {
    expect(program('$a | $b as $c | $c', ['a', 'b', 'd']).variables).toEqual(['a', 'b']);
    expect([program('def f: now; f').usesNow, program('.now').usesNow]).toEqual([true, false]);
  });
});

describe('compileCached', () => {
  it('remembers by source and variables', () => {
    const one = compileCached('$a', { variables: ['a'] });
    expect(compileCached('$a', { variables: ['a'] })).toBe(one);
    expect(compileCached('$a', { variables: [] }).ok).toBe(false);
  });
});
