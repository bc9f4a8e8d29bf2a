import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FakePerson } from '../../test/fake-terminal.js';

const person = new FakePerson();

async function jq(args: readonly string[], piped = '') {
  return person.run(['jq', ...args], { piped });
}

describe('jq', () => {
  it.each([
    [
      ['.'],
      '{"a":[1,{"b":[]},{}]}',
      '{\n  "a": [\n    1,\n    {\n      "b": []\n    },\n    {}\n  ]\n}\n',
    ],
    [['-c', '.'], '{"a": [1, 2]}', '{"a":[1,2]}\n'],
    [['.a'], '{"a":1}{"a":2}\n\n{"a":3}', '1\n2\n3\n'],
    [['-c', '.'], '1 "a b"[2]{"c":"}\\""}null', '1\n"a b"\n[2]\n{"c":"}\\""}\nnull\n'],
    [['-r', '.[]'], '["a\\nb", 1]', 'a\nb\n1\n'],
    [['.[]'], '["a"]', '"a"\n'],
    [['-j', '.[]'], '["a", 1]', 'a1'],
    [['-n', '1, 2'], 'not json', '1\n2\n'],
    [['-c', '-s', '.'], '1 2', '[1,2]\n'],
    [['-s', 'length'], '', '0\n'],
    [['-c', '-S', '.'], '{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1}\n'],
    [['--tab', '.'], '[1]', '[\n\t1\n]\n'],
    [['--indent', '1', '.'], '[1]', '[\n 1\n]\n'],
    [['--indent', '0', '.'], '[1]', '[1]\n'],
    [['-c', '[$a, $b]', '--arg', 'a', 'x', '--argjson', 'b', '{"c":1}'], '1', '["x",{"c":1}]\n'],
    [['-n', '$a', '--arg', 'a=x=y'], '', '"x=y"\n'],
    [['.'], '12345678901234567890', '12345678901234567890\n'],
    [['-c', '.'], '[1.0, 1e1000, nan]', '[1.0,1E+1000,null]\n'],
    [['.[0] + 0'], '[1.0]', '1\n'],
    [['-c', '.'], '{"10":1,"9":2,"__proto__":3}', '{"10":1,"9":2,"__proto__":3}\n'],
    [['-n', 'now | floor'], '', '1700000000\n'],
    [['.'], '', ''],
  ])('%j of %s', async (args, piped, out) => {
    const result = await person.run(['jq', ...args], { piped, now: () => 1_700_000_000_500 });
    expect(result).toEqual({ code: 0, out, err: '' });
  });

  it('reads files', async () => {
    writeFileSync(join(person.home, 'a.json'), '1\n2\n');
    writeFileSync(join(person.home, 'b.json'), '3');
    expect(await jq(['. + 1', 'a.json', 'b.json'])).toEqual({ code: 0, out: '2\n3\n4\n', err: '' });
    expect(await jq(['.', '-'], '7')).toMatchObject({ out: '7\n' });
  });

  it('a program that does not compile ends with 3', async () => {
    const result = await jq(['.a | lenght'], '1');
    expect(result).toMatchObject({ code: 3, out: '' });
    expect(result.err).toMatch(
      /^jq: error: [^\n]*lenght[^\n]* at line 1, column 6; did you mean length\?\n$/,
    );
    for (const program of ['.a |', 'input', '$ENV', 'halt']) {
      expect(await jq([program], '1')).toMatchObject({ code: 3, out: '' });
    }
  });

  it('a value that a program fails on ends with 5, after those behind it', async () => {
    expect(await jq(['.a'], '{"a":1}\n [1]\n{"a":2}')).toEqual({
      code: 5,
      out: '1\n2\n',
      err: expect.stringMatching(
        /^jq: error \(at <stdin>:2:2\): Cannot index array with [^\n]+\n$/,
      ),
    });
    expect(await jq(['-n', 'error("x")'])).toMatchObject({ code: 5, err: 'jq: error: x\n' });
  });

  it('input that is no JSON ends with 2, after what stands before it', async () => {
    const result = await jq(['.'], '1\n2 {"a":');
    expect(result).toMatchObject({ code: 2, out: '1\n2\n' });
    expect(result.err).toBe('jq: error (at <stdin>:2:3): this JSON value is not finished\n');
    expect(await jq(['.'], 'nope')).toMatchObject({ code: 2, out: '' });
    expect(await jq(['.', 'nowhere.json'])).toMatchObject({ code: 2, out: '' });
    expect(await jq([])).toMatchObject({ code: 2, out: '' });
    expect(await jq(['-n', '$a', '--argjson', 'a', '{'])).toMatchObject({ code: 2, out: '' });
  });

  it.each([
    ['true', 0],
    ['false', 1],
    ['null', 1],
    ['empty', 4],
  ])('-e %s ends with %d', async (program, code) => {
    expect(await jq(['-n', '-e', program])).toMatchObject({ code });
  });

  it('reads long texts', async () => {
    const long = JSON.stringify({ a: '\\"'.repeat(5_000_000) });
    expect(await jq(['.a | length'], long)).toMatchObject({ out: '10000000\n' });
    const { out } = await jq(['.'], `["${'x'.repeat(10_000_000)}", "\\\\"]`);
    expect(out).toHaveLength(10_000_000 + 17);
  });

  it('stays within its limits', async () => {
    const result = await jq(['-n', 'def f: 1 + f; f']);
    expect(result).toMatchObject({ code: 5, out: '' });
    expect(result.err).toMatch(/^jq: error: [^\n]+\n$/);
  });
});
