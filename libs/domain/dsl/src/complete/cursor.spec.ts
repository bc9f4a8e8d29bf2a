import { describe, expect, it } from '@jest/globals';
import { cursorAt } from './cursor.js';

/** `key do/0/a`, `value do/0/a/call "ht"`: what the cursor `|` stands on. */
function told(marked: string): string {
  const offset = marked.indexOf('|');
  const source = marked.slice(0, offset) + marked.slice(offset + 1);
  const cursor = cursorAt(source, offset);
  if (cursor === undefined) return 'nothing';
  const path = cursor.path.map(({ key }) => key).join('/');
  const text = source.slice(cursor.from, cursor.to);
  const marks = [
    cursor.ownLine ? 'own line' : '',
    cursor.flow ? 'flow' : '',
    cursor.list ? 'list' : '',
  ];
  return [cursor.at, path, JSON.stringify(text), ...marks].filter(Boolean).join(' ');
}

const task = 'do:\n  - a:\n      ';

describe('cursorAt', () => {
  it.each([
    ['|', 'value "" own line'],
    ['do|', 'value "do" own line'],
    ['do:\n|', 'key "" own line'],
    ['do:\n  |', 'value do "" own line'],
    ['do: |', 'value do ""'],
    ['do:|', 'value do ""'],
    ['do:\n  - |', 'value do/0 "" own line'],
    ['do:\n  -|', 'value do/0 ""'],
    ['do:\n  - a|', 'value do/0 "a" own line'],
    ['do:\n  - a|:', 'key do/0 "a"'],
    ['do:\n  - a:\n      |', 'value do/0/a "" own line'],
    ['do:\n  - a:\n      ca|', 'value do/0/a "ca" own line'],
    ['do:\n  - a:\n      ca|\n      with: {}', 'key do/0/a "ca"'],
    [`${task}call: ht|`, 'value do/0/a/call "ht"'],
    [`${task}call: |`, 'value do/0/a/call ""'],
    [`${task}call: |\n      with: {}`, 'value do/0/a/call ""'],
    [`${task}call: http\n      |`, 'key do/0/a "" own line'],
    [`${task}call: http\n      |\n      with: {}`, 'key do/0/a "" own line'],
    [`${task}call: http\n      wi|`, 'key do/0/a "wi"'],
    [`${task}call: http\n       |`, 'nothing'],
    [`${task}call: http\n  |`, 'item do "" own line'],
    [`${task}call: http\n|`, 'key "" own line'],
    [`${task}call: http # x |`, 'nothing'],
    [`${task}call: http |`, 'nothing'],
    [`${task}with:\n        |\n        method: get`, 'key do/0/a/with "" own line'],
    [`${task}with: { |`, 'key do/0/a/with "" flow'],
    [`${task}with: { method: |`, 'value do/0/a/with/method "" flow'],
    [`${task}with: { method: ge|, endpoint: x }`, 'value do/0/a/with/method "ge" flow'],
    [`${task}with: { method: get, | }`, 'key do/0/a/with "" flow'],
    [`${task}with: { method: get, en| }`, 'key do/0/a/with "en" flow'],
    [`${task}with: { method: get }|`, 'nothing'],
    [`${task}with: { method: get, |\n  - b: { wait: PT1S }`, 'key do/0/a/with "" flow'],
    [`${task}for: { in: [1, |] }`, 'value do/0/a/for/in/1 "" flow'],
    [`${task}set:\n        x: \${ .a | }`.replace('|', '|'), 'value do/0/a/set/x "${ .a  }"'],
    [
      `${task}if: >-\n        .a\n        and |\n      then: x`,
      'value do/0/a/if ">-\\n        .a\\n        and "',
    ],
    ['{ "do": [ { "a": { "call": "|" } } ] }', 'value do/0/a/call "\\"\\"" flow'],
    ['{ "do": [ { "a": { | } } ] }', 'key do/0/a "" flow'],
    ['{ "do": [ { "a": { "ca|" } } ] }', 'key do/0/a "\\"ca\\"" flow'],
    ['{\n  "do": [\n    |\n', 'value do/0 "" flow'],
    ['do:\n- a:\n    wait: PT1S\n|', 'key "" own line list'],
    ['do:\n- a:\n    wait: PT1S\n  |', 'key do/0 "" own line'],
    ['# comment |\ndo: []', 'nothing'],
    ['|\ndo: []', 'key "" own line'],
  ])('%j is at: %s', (marked, expected) => {
    expect(told(marked)).toBe(expected);
  });
});
