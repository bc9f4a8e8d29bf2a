import { describe, expect, it } from '@jest/globals';
import { compileSubject } from './subject-pattern.js';

const subjects = [
  'audit.members.mem_1.changed',
  'audit.members.mem_2.changed',
  'audit.tenants.ten_1.created',
  'audit',
  'workflows.wf_1.executions.run_1.completed',
  'workflows.wf_1.executions.run_1.failed',
  'workflows.wf_10.executions.run_2.completed',
];

function matches(pattern: string): string[] {
  const { exact, range, regex } = compileSubject(pattern);
  return subjects.filter(
    (subject) =>
      (exact === undefined || subject === exact) &&
      (range === undefined || (subject >= range.from && subject < range.before)) &&
      (regex === undefined || new RegExp(regex).test(subject)),
  );
}

describe('a subject pattern', () => {
  it.each([
    ['>', subjects],
    ['audit', ['audit']],
    ['audit.>', subjects.slice(0, 3)],
    ['audit.members.*.changed', subjects.slice(0, 2)],
    ['*.members.mem_1.changed', subjects.slice(0, 1)],
    ['audit.*', []],
    ['workflows.wf_1.>', subjects.slice(4, 6)],
    ['workflows.*.executions.*.completed', [subjects[4], subjects[6]]],
    ['*.*.executions.>', subjects.slice(4)],
    ['workflows.wf_1.executions.run_1', []],
    ['audit.members.mem.1.changed', []],
    ['.*|.+', 'invalid'],
    ['a..b', 'invalid'],
    ['>.completed', 'invalid'],
    [Array(60).fill('*').join('.'), 'invalid'],
  ])('%s', (pattern, expected) => {
    if (expected === 'invalid') {
      expect(() => compileSubject(pattern)).toThrow(expect.objectContaining({ code: 'invalid' }));
    } else {
      expect(matches(pattern)).toEqual(expected);
    }
  });

  it('takes what looks like an expression literally', () => {
    expect(compileSubject('a(b|c)+.*').regex).toBe('^a\\(b\\|c\\)\\+\\.[^.]+$');
  });
});
