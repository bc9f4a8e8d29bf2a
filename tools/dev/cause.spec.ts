import { describe, expect, it } from '@jest/globals';

import { causeIn } from './cause.ts';

describe('the cause of an end', () => {
  it.each([
    [
      'of an uncaught error, its message',
      ['throw x', 'Error [E_X]: gone', '    at f (a.js:1)', '', 'Node.js v24'],
      'Error [E_X]: gone',
    ],
    [
      'of a logged fault, its error on one line',
      [
        '{"level":"info","msg":"up"}',
        '{"level":"fatal","msg":"no","err":{"message":"bad:\\n  A: x"}}',
        '{"level":"info","msg":"bye"}',
      ],
      'bad: A: x',
    ],
    [
      'of PostgreSQL, the fatal line',
      ['2026 [1] LOG:  a', '2026 [1] FATAL:  b', '2026 [1] LOG:  c'],
      '2026 [1] FATAL:  b',
    ],
    ['without a fault, the last line', ['one', 'two', ''], 'two'],
    ['of a cut record, the record', ['{"level":"fat'], '{"level":"fat'],
    ['of silence, none', [], undefined],
  ])('is %s', (_, lines, cause) => {
    expect(causeIn(lines)).toBe(cause);
  });
});
