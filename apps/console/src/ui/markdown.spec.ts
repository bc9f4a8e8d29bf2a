import { describe, expect, it } from '@jest/globals';
import { blocksOf } from './markdown';

const item = (text: string, ...inner: unknown[]) => ({ text, inner });

describe('blocksOf', () => {
  it.each([
    ['paragraphs', 'one\ntwo\n\nthree', [text('one', 'two'), text('three')]],
    ['a list after a line', 'Steps:\n- a\n* b', [text('Steps:'), list(item('a'), item('b'))]],
    [
      'a list inside a list',
      '1. a\n   - b\n2. c',
      [numbered(1, item('a', list(item('b'))), item('c'))],
    ],
    ['numbers that go on', '3. c\n4. d', [numbered(3, item('c'), item('d'))]],
    ['code that is still being written', '```\na: 1\n- b', [{ kind: 'code', text: 'a: 1\n- b' }]],
    ['nothing', '', []],
  ])('reads %s', (_what, source, blocks) => {
    expect(blocksOf(source)).toEqual(blocks);
  });
});

function text(...lines: string[]) {
  return { kind: 'text', lines };
}

function list(...items: unknown[]) {
  return { kind: 'list', ordered: false, start: 1, items };
}

function numbered(start: number, ...items: unknown[]) {
  return { kind: 'list', ordered: true, start, items };
}
