import { describe, expect, it } from '@jest/globals';
import { changeInWords, conditionInWords, listInWords } from './in-words.js';

describe('a condition in words', () => {
  it.each([
    [
      '$context.checkRoom.available and $context.checkParts.inPlace and $workflow.input.total > 200',
      'checkRoom says available and checkParts says in place and the total is above 200',
    ],
    ['(($context.a.ok and $context.b.ok) | not)', 'a does not say ok or b does not say ok'],
    [
      '($context.a.ok or $context.b.ok) and $workflow.input.size.width <= 3',
      '(a says ok or b says ok) and the width of the size is at most 3',
    ],
    ['$context.askLead.approved == false', 'askLead refuses'],
    ['$context.askLead.approved != false', 'askLead does not refuse'],
    ['$context.askLead.approved', 'askLead approves'],
    ['($context.get.note // "") == ""', 'the note from get is missing'],
    ['($context.get.rows | length) > 0', 'the rows from get is not empty'],
    ['($workflow.input.rows | length) >= 3', 'the number of rows is at least 3'],
    ['$row.state == "open"', 'the state of the row is "open"'],
    ['$workflow.input.urgent', 'urgent is true'],
    ['($row.late | not)', 'late of the row is not true'],
  ])('%s', (jq, words) => {
    expect(conditionInWords(jq)).toBe(words);
  });

  it('is not made up for what the planner does not write', () => {
    expect(conditionInWords('[.a[] | select(.b)] | any')).toBeUndefined();
    expect(conditionInWords('not jq (')).toBeUndefined();
  });
});

describe('a list in words', () => {
  it('names where it comes from and what is kept', () => {
    expect(listInWords('$context.listRows.rows')).toBe('the rows from listRows');
    expect(listInWords('$context.listRows.rows | map(select(.state == "open"))')).toBe(
      'the rows from listRows where the state is "open"',
    );
    expect(listInWords('$context.listRows')).toBe('what listRows gives');
  });
});

describe('a change', () => {
  it('has its conditions in words, and leaves out one that was cut short', () => {
    expect(
      changeInWords(
        'changed the condition of step go from "$workflow.input.total > 2" to "$workflow.input.total > 5"',
      ),
    ).toBe(
      'changed the condition of step go from "the total is above 2" to "the total is above 5"',
    );
    expect(changeInWords('added the condition of step go: "$context.a.b and $conte…"')).toBe(
      'added the condition of step go',
    );
    expect(
      changeInWords(
        'added the condition of step go: "$context.a.b and $conte…"',
        '$context.a.b and $context.c.d',
      ),
    ).toBe('added the condition of step go: "a says b and c says d"');
    expect(
      changeInWords('changed the input "to" of step go from "$workflow.input.to" to "x"'),
    ).toBe('changed the input "to" of step go from "the to" to "x"');
    expect(changeInWords('renamed step "a" to "b"')).toBe('renamed step "a" to "b"');
  });
});
