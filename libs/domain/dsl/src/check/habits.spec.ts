import { describe, expect, it } from '@jest/globals';
import { findingsOf, head, repaired, task, tasks } from './fixtures.js';

const set = (text: string) => task(`set:\n  a: ${text}`);
const condition = (text: string) => task(`if: ${text}\nwait: PT1S`);

/** What people and models write, the beginning of what they are told, and whether a fix cures it. */
const written: readonly (readonly [string, string, RegExp, boolean])[] = [
  ['a colon in a text', set('${ "a: b" }'), /^A text with ": " in it must stand/, true],
  ['a colon in an expression', condition('.x == {"a": 1}'), /": "/, true],
  ['an expression in braces', task('set: { a: ${ .b } }'), /^In \{ \} and \[ \]/, true],
  [
    'an address in braces',
    task('call: http\nwith: { method: get, endpoint: https://a.example/{id} }'),
    /^In \{ \} and \[ \]/,
    true,
  ],
  ['quotes in quotes', condition('".x == "done""'), /^The quote before this ends/, true],
  ['an at sign', set('@me'), /begins with "@"/, true],
  ['a percent sign', set('%x'), /begins with "%"/, true],
  [
    'stars',
    `${head}schedule:\n  cron: * * * * *\ndo: [{ a: { wait: PT1S } }]`,
    /begins with "\*"/,
    true,
  ],
  ['a missing colon', task('set\n  a: 1'), /^Behind "set" a colon is missing/, true],
  ['a tab', tasks('- a:\n\t  wait: PT1S'), /not with tabs/, false],
  ['odd indentation', task('set:\n    a: 1\n  b: 2'), /indented neither/, false],
  ['a fence', `\`\`\`yaml\n${task('wait: PT1S')}`, /Markdown/, true],
  ['an unknown escape', set('"\\("'), /double quotes/, false],
  ['a member beside its task', tasks('- a:\n  wait: PT1S'), /"wait" belongs into "a"/, true],
  ['a task without name', tasks('- call: http\n  with: {}'), /The task has no name/, false],
  ['a name as a member', tasks('- name: a\n  wait: PT1S'), /The task has no name/, false],
  ['tasks without dashes', tasks('a:\n  wait: PT1S\nb:\n  wait: PT1S'), /"- a:"/, true],
  ['cases without dashes', task('switch:\n  a:\n    then: end'), /each case .* "- a:"/, true],
  ['a lone task', task('try:\n  wait: PT1S\ncatch: {}'), /give the task a name/, false],
  ['and', condition('.a && .b'), /jq writes "and"/, true],
  ['or', condition('.a || .b'), /jq writes "or"/, true],
  ['equality', condition('.a === 1'), /jq writes "=="/, true],
  ['inequality', condition('.a !== 1'), /jq writes "!="/, true],
  ['single quotes', condition(`.a == 'b'`), /double quotes/, true],
  ['a root', condition('$.a == 1'), /the data itself is "\."/, true],
  ['assignment', condition('.a = 1'), /sets a value instead of comparing/, true],
  ['a bare path', set('.order.id'), /in \$\{ \}$/, true],
  ['a bare variable', set('$input.id'), /in \$\{ \}$/, true],
  [
    'braces of templates',
    task('set: { a: {{ .order.id }} }'),
    /written \$\{ … \}, in quotes/,
    true,
  ],
  ['a flat call', task('call: http\nmethod: get\nendpoint: https://a.example'), /"with"/, false],
  ['a retry on a task', task('wait: PT1S\nretry: {}'), /"catch" of a "try"/, false],
  ['a body in a loop', task('for: { in: .a, do: [{ b: { wait: PT1S } }] }'), /beside "for"/, false],
  [
    'a flat schema',
    `${head}input: { schema: { type: object, properties: {} } }\ndo: []`,
    /"document"/,
    false,
  ],
  ['a short output', task('wait: PT1S\noutput: .a'), /must be an object/, true],
  ['a short timeout', task('wait: PT1S\ntimeout: PT5S'), /\{ after: PT5S \}/, true],
  ['a short schedule', `${head}schedule: 0 9 * * *\ndo: []`, /must be an object/, true],
  ['a short case', task('switch: [{ default: end }]'), /must be an object/, true],
  ['version 0.8', "id: a\nspecVersion: '0.8'\nstates: [{ name: a }]", /parley dsl migrate/, false],
];

describe('frequent mistakes', () => {
  it.each(written)('%s', (_, source, message, cured) => {
    const [finding, ...others] = findingsOf(source);
    expect(others).toEqual([]);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix !== undefined).toBe(cured);
    if (cured) expect(findingsOf(repaired(source, finding) ?? '')).toEqual([]);
  });

  it('a short document', () => {
    const source = task(
      'call: openapi\nwith: { document: https://a.example/b.json, operationId: c }',
    );
    const [finding, ...others] = findingsOf(source);
    expect(others).toEqual([]);
    expect(finding?.suggestions).toEqual(["{ endpoint: 'https://a.example/b.json' }"]);
    const unread = findingsOf(repaired(source, finding) ?? '').map(({ code }) => code);
    expect(unread).toEqual(['PL1070']);
  });

  it('a short document is not taken for the operation that is missing', () => {
    const found = findingsOf(task('call: openapi\nwith: { document: https://a.example/b.json }'));
    expect(found.map(({ code }) => code).toSorted()).toEqual(['PL1010', 'PL1012']);
  });

  it.each([
    set('.gitignore'),
    set('.tar.gz'),
    set('$5'),
    set('$name'),
    condition('(.a |= 1) == .b'),
    condition('.a == "b = c"'),
    condition('.a >= 1 and .b != 2'),
    `${head}evaluate: { mode: loose }\n${set('.order.id').slice(head.length)}`,
  ])('%j is none', (source) => {
    expect(findingsOf(source)).toEqual([]);
  });
});
