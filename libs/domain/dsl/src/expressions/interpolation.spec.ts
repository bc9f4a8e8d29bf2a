import { describe, expect, it } from '@jest/globals';
import { bareExpression, interpolate } from './interpolation.js';

describe('interpolate', () => {
  it.each([
    ['plain text', { kind: 'plain', text: 'plain text' }],
    ['costs $5 {a}', { kind: 'plain', text: 'costs $5 {a}' }],
    ['$${ .a }', { kind: 'plain', text: '${ .a }' }],
    ['${ .a }', { kind: 'expression', part: { source: '.a', offset: 3 } }],
    ['  ${.a}\n', { kind: 'expression', part: { source: '.a', offset: 4 } }],
    [
      '${ { a: { b: "}" } } }',
      { kind: 'expression', part: { source: '{ a: { b: "}" } }', offset: 3 } },
    ],
    [
      '${ "\\(.a + "}") }" }',
      { kind: 'expression', part: { source: '"\\(.a + "}") }"', offset: 3 } },
    ],
    [
      '${ "\\({a: ")"} | .a) }" }',
      { kind: 'expression', part: { source: '"\\({a: ")"} | .a) }"', offset: 3 } },
    ],
    ['${ .a # }\n }', { kind: 'expression', part: { source: '.a # }', offset: 3 } }],
    [
      '${ .a }${ .b }',
      {
        kind: 'text',
        parts: [
          { source: '.a', offset: 3 },
          { source: '.b', offset: 10 },
        ],
      },
    ],
    ['a ${ .b } $${ c', { kind: 'text', parts: ['a ', { source: '.b', offset: 5 }, ' ${ c'] }],
    ['a ${ .b', { kind: 'unclosed', offset: 2 }],
    ['${ "}', { kind: 'unclosed', offset: 0 }],
  ])('%j', (text, expected) => {
    expect(interpolate(text)).toEqual(expected);
  });
});

describe('bareExpression', () => {
  it.each([
    ['.a > 1', { source: '.a > 1', offset: 0 }],
    ['  ${ .a }  ', { source: '.a', offset: 5 }],
    ['${ .a', { unclosed: 0 }],
  ])('%j', (text, expected) => {
    expect(bareExpression(text)).toEqual(expected);
  });
});
