import { describe, expect, it } from '@jest/globals';
import { parseJson, type Json } from '@parley/kernel';
import { applyPatch, type PatchOperation } from './patch.js';

interface Case {
  readonly what: string;
  readonly document: Json;
  readonly patch: readonly PatchOperation[];
  /** The result, or what is said when the patch does not apply. */
  readonly gives: Json | RegExp;
}

/** The examples of RFC 6902, appendix A, and what it says elsewhere. */
const cases: readonly Case[] = [
  {
    what: 'A.1 adding an object member',
    document: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz', value: 'qux' }],
    gives: { baz: 'qux', foo: 'bar' },
  },
  {
    what: 'A.2 adding an array element',
    document: { foo: ['bar', 'baz'] },
    patch: [{ op: 'add', path: '/foo/1', value: 'qux' }],
    gives: { foo: ['bar', 'qux', 'baz'] },
  },
  {
    what: 'A.3 removing an object member',
    document: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'remove', path: '/baz' }],
    gives: { foo: 'bar' },
  },
  {
    what: 'A.4 removing an array element',
    document: { foo: ['bar', 'qux', 'baz'] },
    patch: [{ op: 'remove', path: '/foo/1' }],
    gives: { foo: ['bar', 'baz'] },
  },
  {
    what: 'A.5 replacing a value',
    document: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'replace', path: '/baz', value: 'boo' }],
    gives: { baz: 'boo', foo: 'bar' },
  },
  {
    what: 'A.6 moving a value',
    document: { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    patch: [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    gives: { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  },
  {
    what: 'A.7 moving an array element',
    document: { foo: ['all', 'grass', 'cows', 'eat'] },
    patch: [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    gives: { foo: ['all', 'cows', 'eat', 'grass'] },
  },
  {
    what: 'A.8 testing a value: success',
    document: { baz: 'qux', foo: ['a', 2, 'c'] },
    patch: [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    gives: { baz: 'qux', foo: ['a', 2, 'c'] },
  },
  {
    what: 'A.9 testing a value: error',
    document: { baz: 'qux' },
    patch: [{ op: 'test', path: '/baz', value: 'bar' }],
    gives: /is not what it should be/,
  },
  {
    what: 'A.10 adding a nested member object',
    document: { foo: 'bar' },
    patch: [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    gives: { foo: 'bar', child: { grandchild: {} } },
  },
  {
    what: 'A.12 adding to a nonexistent target',
    document: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz/bat', value: 'qux' }],
    gives: /no member "baz"/,
  },
  {
    what: 'A.14 escape ordering',
    document: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: 10 }],
    gives: { '/': 9, '~1': 10 },
  },
  {
    what: 'A.15 comparing strings and numbers',
    document: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: '10' }],
    gives: /is not what it should be/,
  },
  {
    what: 'A.16 adding an array value',
    document: { foo: ['bar'] },
    patch: [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    gives: { foo: ['bar', ['abc', 'def']] },
  },
  {
    what: 'all or nothing',
    document: { foo: 1 },
    patch: [
      { op: 'replace', path: '/foo', value: 2 },
      { op: 'remove', path: '/bar' },
    ],
    gives: /no member "bar"/,
  },
  {
    what: 'indices have no leading zeros',
    document: { foo: [1, 2] },
    patch: [{ op: 'remove', path: '/foo/01' }],
    gives: /no place "01"/,
  },
  {
    what: 'nothing is added behind the end',
    document: { foo: [1] },
    patch: [{ op: 'add', path: '/foo/2', value: 3 }],
    gives: /no place "2"/,
  },
  {
    what: 'nothing is moved into itself',
    document: { foo: { bar: 1 } },
    patch: [{ op: 'move', from: '/foo', path: '/foo/bar' }],
    gives: /into itself/,
  },
  {
    what: 'copies are as good as what they were made of',
    document: { foo: { bar: 1 } },
    patch: [
      { op: 'copy', from: '/foo', path: '/baz' },
      { op: 'replace', path: '/baz/bar', value: 2 },
    ],
    gives: { foo: { bar: 1 }, baz: { bar: 2 } },
  },
  {
    what: 'members of prototypes are no members',
    document: { foo: {} },
    patch: [{ op: 'add', path: '/foo/constructor/prototype', value: 1 }],
    gives: /no member "constructor"/,
  },
  {
    what: 'the whole document is replaced',
    document: { foo: 1 },
    patch: [{ op: 'replace', path: '', value: [1] }],
    gives: [1],
  },
];

describe('a JSON Patch', () => {
  it.each(cases)('$what', ({ document, patch, gives }) => {
    const before = structuredClone(document);
    const result = applyPatch(document, patch);
    expect(document).toEqual(before);
    if (gives instanceof RegExp) expect(result.ok ? '' : result.error.message).toMatch(gives);
    else expect(result).toEqual({ ok: true, value: gives });
  });

  it('says which operation does not apply', () => {
    const patch = [
      { op: 'test', path: '/foo', value: 1 },
      { op: 'remove', path: '/bar' },
    ] as const;
    const result = applyPatch({ foo: 1 }, patch);
    expect(result).toMatchObject({ ok: false, error: { operation: 1 } });
  });

  it('keeps digits and the order of keys, and takes `__proto__` for a key', () => {
    const document = parseJson('{"b":12345678901234567890,"10":{"z":1,"2":2},"__proto__":{"a":1}}');
    const result = applyPatch(document, [
      { op: 'add', path: '/10/1', value: 3 },
      { op: 'replace', path: '/__proto__/a', value: 4 },
      { op: 'remove', path: '/10/z' },
    ]);
    expect(result.ok ? JSON.stringify(result.value) : result.error).toBe(
      '{"b":12345678901234567890,"10":{"2":2,"1":3},"__proto__":{"a":4}}',
    );
  });
});
