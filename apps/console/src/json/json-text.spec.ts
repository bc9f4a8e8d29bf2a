import { describe, expect, it } from '@jest/globals';
import { parseJson } from './json-text';

describe('parseJson', () => {
  it('reads JSON', () => {
    expect(parseJson(' {"a": [1, -2.5e3, true, null, "x\\u0041"]} ')).toEqual({
      ok: true,
      value: { a: [1, -2500, true, null, 'xA'] },
    });
  });

  it('keeps what JavaScript has no number and no order for', () => {
    const text = '{"id":12345678901234567890,"m":{"2":1,"1":2},"__proto__":{"a":1}}';
    const read = parseJson(text);
    expect(JSON.stringify(read.ok && read.value)).toBe(text);
  });

  it.each([
    ['', 1, 1, 'a value is missing'],
    ['{"a": }', 1, 7, '} is not a value'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or }'],
    ['{"a" 1}', 1, 6, 'a colon'],
    ['[1, 2,]', 1, 7, 'comma too many'],
    ['{a: 1}', 1, 2, 'a name in double quotes'],
    ["['x']", 1, 2, 'texts need double quotes'],
    ['[01]', 1, 2, '01 is not a value'],
    ['"open', 1, 1, 'not closed'],
    ['{"a": "one\ntwo"}', 1, 7, 'not closed'],
    ['{} x', 1, 4, 'more text follows'],
    ['[nothing]', 1, 2, 'nothing is not a value'],
  ])('locates the fault of %j', (text, line, column, message) => {
    const read = parseJson(text);
    expect(read).toMatchObject({ ok: false, error: { line, column } });
    expect(read.ok ? '' : read.error.message).toContain(message);
  });
});
