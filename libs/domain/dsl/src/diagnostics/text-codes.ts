import type { CodeRow } from './code-row.js';

/** Reading the text, and its shape. */
export const textCodes = {
  // Reading the text
  PL1001: {
    severity: 'error',
    title: 'The text is neither YAML nor JSON',
    example: 'do: [',
    cure: 'Close what was opened, and indent with spaces.',
  },
  PL1002: {
    severity: 'error',
    title: 'The definition is too large',
    example: 'a text of more than 4 MiB',
    words: true,
    cure: 'Move data out of the definition, or split the workflow.',
  },
  PL1003: {
    severity: 'error',
    title: 'The definition is nested too deeply',
    example: 'lists in lists, more than 100 levels',
    words: true,
    cure: 'Flatten the structure.',
  },
  PL1004: {
    severity: 'error',
    title: 'A key occurs twice in one object',
    example: 'set: { a: 1, a: 2 }',
    cure: 'Keep one of the two.',
  },
  PL1005: {
    severity: 'error',
    title: 'Anchors, aliases, merge keys and tags are not part of the language',
    example: 'set: &a { x: 1 }',
    cure: 'Write the value out where it is used, so that what is approved is what is read.',
  },
  PL1006: {
    severity: 'error',
    title: 'The text must hold exactly one definition',
    example: '',
    cure: 'Write one definition, and keep one document per text.',
  },
  PL1007: {
    severity: 'error',
    title: 'The value has no JSON form',
    example: 'set: { a: .nan }',
    cure: 'Use a text, a finite number, true, false, null, a list or an object.',
  },
  PL1008: {
    severity: 'warning',
    title: 'The number loses digits',
    example: 'set: { id: 12345678901234567890 }',
    cure: 'Write it as a text, in quotes.',
  },
  // Shape
  PL1009: {
    severity: 'warning',
    title: 'The member means nothing',
    example: 'ouput: { as: .a }',
    cure: 'Correct its name, or move it into document.metadata.',
  },
  PL1010: {
    severity: 'error',
    title: 'A required member is missing',
    example: 'call: http\nwith: { method: get }',
    cure: 'Add the member that the message names.',
  },
  PL1011: {
    severity: 'error',
    title: 'The member is not known here',
    example: 'call: http\nwiht: { method: get, endpoint: https://a.example }',
    cure: 'Use one of the suggested names, or remove it.',
  },
  PL1012: {
    severity: 'error',
    title: 'The value has the wrong type',
    example: 'fork: { compete: maybe, branches: [] }',
    cure: 'Give the type that the message names.',
  },
  PL1013: {
    severity: 'error',
    title: 'The value is not allowed',
    example: 'listen: { to: { any: [] }, read: all }',
    cure: 'Use one of the values that the message names.',
  },
  PL1014: {
    severity: 'error',
    title: 'The task does not say what to do',
    example: 'if: .ok',
    cure: 'Give it one of: call, do, emit, for, fork, listen, raise, run, set, switch, try, wait.',
  },
  PL1015: {
    severity: 'error',
    title: 'The task says two things at once',
    example: 'set: { a: 1 }\nwait: PT1S',
    cure: 'Make two tasks of it.',
  },
  PL1016: {
    severity: 'error',
    title: 'A list item must be one name with one task',
    example: 'do: [{ a: { wait: PT1S }, b: { wait: PT1S } }]',
    cure: 'Start every item with its own dash.',
  },
  PL1017: {
    severity: 'error',
    title: 'Something must be in here',
    example: 'set: {}',
    cure: 'Add at least one entry, or remove the member.',
  },
  PL1018: {
    severity: 'error',
    title: 'Exactly one of several members is needed',
    example: 'call: human\nwith: { title: Well?, assignee: { role: manager, member: mem_1 } }',
    cure: 'Keep one of them.',
  },
  PL1019: {
    severity: 'error',
    title: 'The member means nothing without another one',
    example: 'schedule: { cron: 0 9 * * *, read: data }',
    cure: 'Add the member that the message names, or remove this one.',
  },
  // Names and flow
  PL1020: {
    severity: 'error',
    title: 'Two tasks of one list have the same name',
    example: 'do: [{ a: { wait: PT1S } }, { a: { wait: PT1S } }]',
    cure: 'Rename one of them: names identify tasks in runs, approvals and edits.',
  },
  PL1021: {
    severity: 'error',
    title: 'There is no such task to go to',
    example: 'wait: PT1S\nthen: nowhere',
    cure: 'Name a task of the same list, or write continue, exit or end.',
  },
  PL1022: {
    severity: 'error',
    title: 'Branches of a fork do not follow each other',
    example: 'fork: { branches: [{ a: { wait: PT1S, then: b } }, { b: { wait: PT1S } }] }',
    cure: 'Put the tasks that follow each other into one branch with `do`.',
  },
  PL1023: {
    severity: 'warning',
    title: 'The name means something else in `then`',
    example: 'do: [{ end: { wait: PT1S } }]',
    cure: 'Choose another name than continue, exit and end: nothing can go to this task.',
  },
  PL1024: {
    severity: 'error',
    title: 'Nothing of that name is declared under `use`',
    example: 'try: []\ncatch: { retry: unknownPolicy }',
    cure: 'Declare it under `use`, or write the value where it is needed.',
  },
  PL1025: {
    severity: 'error',
    title: 'The task cannot be undone like this',
    example: 'wait: PT1S\nmetadata: { compensate: nowhere }',
    cure: 'Name another task of the same list, which only undoes and has no `compensate` itself.',
  },
  PL1026: {
    severity: 'error',
    title: 'A function calls itself',
    example: 'use: { functions: { again: { call: again } } }',
    cure: 'Repeat with `for`, or go back with `then`: calls of functions must end.',
  },
  PL1027: {
    severity: 'warning',
    title: 'Nothing leads here',
    example: 'do: [{ a: { wait: PT1S, then: end } }, { b: { wait: PT1S } }]',
    cure: 'Remove it, or let a task or case lead to it with `then`.',
  },
  PL1028: {
    severity: 'warning',
    title: 'The loop never ends',
    example: 'do: [{ a: { wait: PT1S, then: a } }]',
    cure: 'Leave the loop with a `switch`, or give the task that goes back a condition.',
  },
  PL1029: {
    severity: 'warning',
    title: 'Two cases have the same name',
    example: 'switch: [{ a: { when: .x, then: end } }, { a: { when: .y, then: exit } }]',
    cure: 'Rename one of them: names tell cases apart in changes and timelines.',
  },
} as const satisfies Record<string, CodeRow>;
