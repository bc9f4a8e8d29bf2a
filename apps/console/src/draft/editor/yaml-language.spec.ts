import { describe, expect, it } from '@jest/globals';
import { foldable, getIndentation, indentUnit } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';
import { definitionLanguage } from './yaml-language';

const names = tagHighlighter([
  { tag: tags.propertyName, class: 'key' },
  { tag: tags.string, class: 'text' },
  { tag: tags.number, class: 'number' },
  { tag: tags.atom, class: 'word' },
  { tag: tags.comment, class: 'comment' },
  { tag: tags.special(tags.variableName), class: 'variable' },
  { tag: tags.variableName, class: 'path' },
  { tag: tags.operatorKeyword, class: 'function' },
  { tag: tags.keyword, class: 'keyword' },
  { tag: tags.meta, class: 'meta' },
]);

function coloured(text: string): string[] {
  const found: string[] = [];
  const tree = definitionLanguage.language.parser.parse(text);
  highlightTree(tree, names, (from, to, name) => found.push(`${name} ${text.slice(from, to)}`));
  return found;
}

describe('definitionLanguage', () => {
  it.each([
    ['call: http # why', ['key call', 'text http ', 'comment # why']],
    [
      '- a: { n: 1, ok: true, "b c": x }',
      ['key a', 'key n', 'number 1', 'key ok', 'word true', 'key "b c"', 'text x '],
    ],
    ['if: .a > $context.b', ['key if', 'path .a', 'variable $context', 'path .b']],
    [
      'x: a ${ .b | map("}") } c',
      ['key x', 'text a ', 'meta ${', 'path .b', 'function map', 'text "}"', 'meta }', 'text c'],
    ],
    ["x: '${ .b }'", ['key x', "text '", 'meta ${', 'path .b', 'meta }', "text '"]],
    [
      "{ as: '.a + 1', then: b }",
      ['key as', "text '", 'path .a', 'number 1', "text '", 'key then', 'text b '],
    ],
    [
      'if: >-\n  .a and\n  .b\nthen: c',
      ['key if', 'meta >-', 'path .a', 'keyword and', 'path .b', 'key then', 'text c'],
    ],
    ['x: |\n  if: no key\ny: z', ['key x', 'meta |', 'text if: no key', 'key y', 'text z']],
    ['price: costs $5', ['key price', 'text costs $5']],
  ])('%j', (text, expected) => {
    const merged: string[] = [];
    for (const one of coloured(text)) {
      const last = merged.at(-1);
      if (
        last?.startsWith('text ') === true &&
        one.startsWith('text ') &&
        !/["']$/.test(last) &&
        text.includes(last.slice(5) + one.slice(5))
      ) {
        merged[merged.length - 1] = last + one.slice(5);
      } else merged.push(one);
    }
    expect(merged).toEqual(expected);
  });

  it('folds what is indented deeper', () => {
    const state = EditorState.create({
      doc: 'do:\n  - a:\n      x: 1\n\n      y: 2\n  - b: {}\nend: 1',
      extensions: [definitionLanguage],
    });
    const fold = (line: number) =>
      foldable(state, state.doc.line(line).from, state.doc.line(line).to);
    const folded = (line: number) => {
      const found = fold(line);
      return found && state.sliceDoc(found.from, found.to);
    };
    expect(folded(1)).toBe('\n  - a:\n      x: 1\n\n      y: 2\n  - b: {}');
    expect(folded(2)).toBe('\n      x: 1\n\n      y: 2');
    expect(folded(3)).toBeNull();
    expect(folded(7)).toBeNull();
  });

  it.each([
    ['do:\n', 2],
    ['do:\n  - a:\n', 6],
    ['do:\n  - a: { wait: PT1S }\n', 2],
    ['do:\n  - a:\n      call: http\n', 6],
    ['x: |\n', 2],
  ])('a new line after %j begins at column %d', (doc, column) => {
    const state = EditorState.create({
      doc,
      extensions: [definitionLanguage, indentUnit.of('  ')],
    });
    expect(getIndentation(state, doc.length)).toBe(column);
  });
});
