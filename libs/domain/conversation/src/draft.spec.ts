import { describe, expect, it } from '@jest/globals';
import type { Diagnostic, Question } from '@parley/contracts';
import { obstaclesOf, questionsAfterEdit, revisionHash, titleOf, withReasons } from './index.js';

const question = (number: number, rest: Partial<Question> = {}): Question => ({
  number,
  text: 'Who?',
  blocking: true,
  options: [],
  ...rest,
});

const diagnostic = (severity: Diagnostic['severity'], code = 'PL1001'): Diagnostic => {
  const at = { line: 3, column: 1 };
  const range = { start: at, end: at };
  return { code, severity, message: 'is wrong', pointer: '', range };
};

describe('what an approval is bound to', () => {
  it('changes with the text and with the time zone', () => {
    const hash = revisionHash({ source: 'a', timezone: 'UTC' });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(revisionHash({ source: 'a', timezone: 'UTC' })).toBe(hash);
    expect(revisionHash({ source: 'a ', timezone: 'UTC' })).not.toBe(hash);
    expect(revisionHash({ source: 'a', timezone: 'Asia/Tokyo' })).not.toBe(hash);
  });
});

describe('what holds back an approval', () => {
  it.each([
    ['nothing there yet', undefined, 1],
    ['a blocking question', { questions: [question(1)], diagnostics: [] }, 1],
    ['an answered one', { questions: [question(1, { answer: 'x' })], diagnostics: [] }, 0],
    ['one that only asks', { questions: [question(1, { blocking: false })], diagnostics: [] }, 0],
    ['an error', { questions: [], diagnostics: [diagnostic('error')] }, 1],
    ['a warning', { questions: [], diagnostics: [diagnostic('warning')] }, 0],
    [
      'a step that does not run',
      { questions: [], diagnostics: [diagnostic('warning', 'PL1060')] },
      1,
    ],
    [
      'a schedule that can start no run',
      { questions: [], diagnostics: [diagnostic('warning', 'PL1064')] },
      1,
    ],
    ['a document unread', { questions: [], diagnostics: [diagnostic('warning', 'PL1070')] }, 1],
  ])('%s', (_case, revision, count) => {
    expect(obstaclesOf(revision)).toHaveLength(count);
  });
});

it('says what helps against what is no error in a text', () => {
  const unread = {
    ...diagnostic('warning', 'PL1070'),
    message: 'The OpenAPI document at https://a.example has not been read yet',
    actual: 'https://a.example',
  };
  const reasons = new Map([['https://a.example', 'The answer is 404.']]);
  const [told] = obstaclesOf({ questions: [], diagnostics: withReasons([unread], reasons) });
  expect(told).toBe(
    'Line 3: The OpenAPI document at https://a.example could not be read: The answer is 404. Make it readable at a public address or name another one, then save the draft again to have it read again.',
  );
});

it('keeps the numbers of questions over an edit, and drops those whose task is gone', () => {
  const kept = questionsAfterEdit(
    [question(1, { task: 'do/askSomebody' }), question(2, { task: 'do/gone' }), question(4)],
    '- askSomebody:\n',
  );
  expect(kept.map(({ number }) => number)).toEqual([1, 4]);
});

it.each([
  ['When it rains, close the roof. Then open it.', 'When it rains, close the roof.'],
  ['  \n', 'New conversation'],
  ['word '.repeat(30), `${'word '.repeat(11)}word…`],
])('titles %j', (text, title) => {
  expect(titleOf(text)).toBe(title);
});
