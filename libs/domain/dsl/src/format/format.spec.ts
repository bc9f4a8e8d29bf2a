import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type JsonObject } from '@parley/kernel';
import { Lexer } from 'yaml';
import { randomFrom, randomText } from '../source/fast/random-texts.js';
import { renderDefinition } from '../render/render.js';
import { parseDefinition } from '../source/parse.js';
import { toJson } from '../source/tree.js';
import { formatDefinition } from './format.js';

const messy = `# Copyright of somebody

# yaml-language-server: $schema=workflow.yaml
do:
# look first
-   checkStock: # the warehouse


      with: {connector: stock,  operation: getLevel,
         input: { sku: "\${ .sku }" }}   # one line
      call:   connector


-   decide:
        switch: [ {enough: {then: confirm, when: ".level > 3"}}, {none: {then: end}} ]
-   confirm:
        with:
            # the system
            connector: 'orders'
            input:
                id: \${ .id }   # from the caller
                               # or from the form
                note: >-  # folded
                    Dear customer,
                     indented
                    your order
            operation: confirm
        # careful with this one
        call: connector
            # nobody knows why
    # end of confirm
-   long:
        set: { first: 'a text of some length', second: 'another text of some length', third: [1, 2, 3], fourth: { a: b } }
        unknown: 1
        if: .a
          and .b
-   commented:
        set: {
          a: 1, # the first
          # above b
          b: [1,
            2],
          # the end
        }
-   # behind the dash
    named:
        wait: PT1S
# the end of the list
document: {version: 0.1.0, name: messy, namespace: test, dsl: '1.0.3'}
# the end
`;

const goldens = join(import.meta.dirname, '../../goldens');
const specification = process.env['PARLEY_SPEC_DIR'];

function filesOf(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => /\.(yaml|json)$/.test(file));
  return files.map((file) => readFileSync(join(folder, file), 'utf8'));
}

function formatted(source: string): string {
  const result = formatDefinition(source);
  if (!result.ok) throw new Error(`${JSON.stringify(result.error)}\n${source}`);
  return result.value;
}

/** The comments of a text, sorted. */
function commentsIn(source: string): string[] {
  const found: string[] = [];
  let before = '';
  for (const token of new Lexer().lex(source)) {
    // The lexer marks texts with a unit separator.
    if (token.startsWith('#') && before !== '\u001f') found.push(token.trimEnd());
    else if (/^[|>][-+\d]*$/.test(before) && token.startsWith('#')) found.push(token.trimEnd());
    before = token;
  }
  return found.toSorted();
}

function check(source: string): void {
  const text = formatted(source);
  expect(commentsIn(text)).toEqual(commentsIn(source));
  expect(formatted(text)).toBe(text);
}

describe('formatDefinition', () => {
  it('lays out members, collections, comments and blank lines', () => {
    expect(formatted(messy)).toMatchSnapshot();
    check(messy);
  });

  it('keeps JSON', () => {
    const text = formatted(
      '{"do":[{"a":{"then":"end","set":{"7":1.50,"b":12345678901234567890,"__proto__":[]}}}], "document":{}}',
    );
    expect(text).toMatchSnapshot();
    expect(formatted(text)).toBe(text);
  });

  it('keeps the line ends of the text', () => {
    const text = formatted(
      'do:\r\n    - a:\r\n            set: |\r\n                x\r\n\r\n                y\r\n',
    );
    expect(text).toBe('do:\r\n  - a:\r\n      set: |\r\n        x\r\n\r\n        y\r\n');
  });

  it('refuses what cannot be read', () => {
    const result = formatDefinition('do: [');
    expect(result.ok ? [] : result.error).toEqual([expect.objectContaining({ code: 'PL1001' })]);
  });

  it('agrees with how new definitions are written', () => {
    const examples = specification === undefined ? [] : filesOf(join(specification, 'examples'));
    for (const source of [...filesOf(goldens), ...examples]) {
      const { root } = parseDefinition(source);
      const value = root && toJson(root);
      if (!isJsonObject(value ?? null)) continue;
      const text = renderDefinition(value as JsonObject);
      expect(formatted(text)).toBe(text);
    }
  });

  it('keeps the meaning and the comments of every definition, and is stable', () => {
    const examples = specification === undefined ? [] : filesOf(join(specification, 'examples'));
    for (const source of [...filesOf(goldens), ...examples]) check(source);
  });

  it('keeps the meaning and the comments of generated texts, and is stable', () => {
    const random = randomFrom(7_411);
    for (let index = 0; index < 1_000; index += 1) {
      const source = randomText(random);
      if (parseDefinition(source).root !== undefined) check(source);
    }
  });
});
