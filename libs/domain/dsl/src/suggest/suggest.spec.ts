import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile/compile.js';
import { applyPatches } from '../edit/text.js';
import { LineIndex } from '../source/positions.js';
import { suggestionCodes, type SuggestionCode } from './codes.js';
import type { Suggestion } from './report.js';
import { suggestImprovements } from './suggest.js';

const head = "document: { dsl: '1.0.3', namespace: test, name: advice, version: 0.1.0 }\n";
const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');
const workflow = (tasks: string, rest = '') => `${head}${rest}do:\n${indented(tasks)}\n`;

function applied(source: string, { fix }: Suggestion): string {
  if (fix === undefined) throw new Error('no fix');
  const lines = new LineIndex(source);
  const span = { start: lines.offset(fix.range.start), end: lines.offset(fix.range.end) };
  return applyPatches(source, [{ ...span, newText: fix.newText }]);
}

const only = (source: string, code: SuggestionCode) =>
  suggestImprovements(source).filter((suggestion) => suggestion.code === code);

const rows = Object.entries(suggestionCodes) as [
  SuggestionCode,
  (typeof suggestionCodes)[SuggestionCode],
][];

describe('suggestionCodes', () => {
  it.each(rows)('%s: the example gets exactly this advice', (code, { example }) => {
    const source = workflow(example);
    expect(
      compileDefinition(source).diagnostics.filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
    expect(suggestImprovements(source).map((suggestion) => suggestion.code)).toEqual([code]);
  });

  it.each(rows)(
    '%s: its fix leaves a right definition that does not get the advice',
    (code, { example }) => {
      const source = workflow(example);
      for (const suggestion of suggestImprovements(source)) {
        if (suggestion.fix === undefined) continue;
        const fixed = applied(source, suggestion);
        expect(
          compileDefinition(fixed).diagnostics.filter(({ severity }) => severity === 'error'),
        ).toEqual([]);
        expect(only(fixed, code)).toEqual([]);
      }
    },
  );
});

const get = (name: string, more = '') =>
  `- ${name}:\n    call: http\n    with: { method: get, endpoint: 'https://example.com/${name}' }\n${more}`;

describe('suggestImprovements', () => {
  it('has nothing to say about a definition with errors', () => {
    expect(suggestImprovements('do: [')).toEqual([]);
    expect(suggestImprovements('do: []')).toEqual([]);
  });

  it.each([
    ['a read that uses the one before', get('a') + get('b', '    input: { from: .id }\n')],
    [
      'a read that reads its input',
      get('a') + get('b').replace(' }', ", query: { id: '${ .id }' } }"),
    ],
    ['a read with a condition', get('a') + get('b', '    if: .x > 1\n')],
    [
      'a read of what was exported',
      `${get('a', "    export: { as: '$context + { a: . }' }\n")}${get('b').replace(' }', ", query: { id: '${ $context.a }' } }")}`,
    ],
    [
      'two exports of all',
      `${get('a', '    export: { as: . }\n')}${get('b', '    export: { as: . }\n')}`,
    ],
    ['something that changes', get('a') + get('b').replace('method: get', 'method: put')],
    [
      'a read that is jumped to',
      `${get('a')}${get('b')}- c: { switch: [{ x: { when: .x, then: b } }] }\n`,
    ],
  ])('does not advise a fork for %s', (_, tasks) => {
    const { diagnostics } = compileDefinition(workflow(tasks));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(only(workflow(tasks), 'PS2001')).toEqual([]);
  });

  it('makes a fork that hands on what the last read gave', () => {
    const source = workflow(
      [
        '# first',
        get('a', "    export: { as: '$context + { a: . }' }\n").trimEnd(),
        '',
        '# second',
        get('b', "    then: exit # done\n    export: { as: '$context + { b: . }' }\n").trimEnd(),
        '- c: { set: { x: 1 } }',
      ].join('\n'),
    );
    const [suggestion] = only(source, 'PS2001');
    expect(suggestion && applied(source, suggestion)).toBe(
      workflow(
        [
          '- aAndMore:',
          '    fork:',
          '      branches:',
          '      # first',
          indented(
            indented(indented(get('a', "    export: { as: '$context + { a: . }' }\n").trimEnd())),
          ),
          '      # second',
          indented(
            indented(indented(get('b', "    export: { as: '$context + { b: . }' }\n").trimEnd())),
          ),
          "    output: { as: '.[1]' }",
          '    then: exit # done',
          '- c: { set: { x: 1 } }',
        ].join('\n'),
      ),
    );
  });

  it.each([
    ['block', workflow(`${get('a', '    # why\n    then: end\n')}- b: { set: { x: 1 } }`)],
    ['no line break at the end', workflow(get('a')).trimEnd()],
    [
      'flow',
      workflow(
        "- a: { call: http, with: { method: get, endpoint: 'https://example.com' }, then: end }\n- b: { wait: PT1S }",
      ),
    ],
    ['windows line breaks', workflow(get('a')).replaceAll('\n', '\r\n')],
    [
      'JSON',
      JSON.stringify({
        document: { dsl: '1.0.3', namespace: 'test', name: 'advice', version: '0.1.0' },
        do: [
          {
            'a "b"': {
              call: 'http',
              with: { method: 'get', endpoint: 'https://example.com' },
              then: 'end',
            },
          },
        ],
      }),
    ],
  ])('wraps a read and limits it in time: %s', (_, source) => {
    const before = suggestImprovements(source).map(({ code }) => code);
    expect(before).toEqual(['PS2002', 'PS2003']);
    let text = source;
    for (const code of before) {
      const [suggestion] = only(text, code);
      if (suggestion === undefined) throw new Error(code);
      text = applied(text, suggestion);
      expect(
        compileDefinition(text).diagnostics.filter(({ severity }) => severity === 'error'),
      ).toEqual([]);
    }
    expect(suggestImprovements(text)).toEqual([]);
  });

  it('knows limits and retries of the tasks around', () => {
    const tasks = `- outer:\n    timeout: { after: PT1M }\n    try:\n      - inner:\n          do:\n${indented(indented(indented(get('a'))))}    catch: { retry: { delay: PT1S, limit: { attempt: { count: 2 } } } }`;
    expect(suggestImprovements(workflow(tasks))).toEqual([]);
  });

  it('points at a shared policy once', () => {
    const tries = ['a', 'b'].map(
      (name) => `- ${name}:\n    try: [{ note: { set: { x: 1 } } }]\n    catch: { retry: patient }`,
    );
    const source = workflow(tries.join('\n'), 'use: { retries: { patient: { delay: PT1S } } }\n');
    const found = suggestImprovements(source);
    expect(found.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'PS2005 /use/retries/patient',
    ]);
    expect(found[0] && suggestImprovements(applied(source, found[0]))).toEqual([]);
  });
});
