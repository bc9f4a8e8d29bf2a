/** One kind of mistake; the code is stable, everything else may be worded better over time. */
export interface CodeRow {
  readonly severity: 'error' | 'warning' | 'info';
  readonly title: string;
  /** The smallest text that has the mistake. */
  readonly example: string;
  readonly cure: string;
}

/** Every diagnostic of the language. */
export const codes = {
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
    example: 'a text of more than 1 MiB',
    cure: 'Move data out of the definition, or split the workflow.',
  },
  PL1003: {
    severity: 'error',
    title: 'The definition is nested too deeply',
    example: 'lists in lists, more than 100 levels',
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
    example: 'two documents separated by ---',
    cure: 'Keep one document per text.',
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
  PL1010: {
    severity: 'error',
    title: 'A required member is missing',
    example: 'call: http',
    cure: 'Add the member that the message names.',
  },
  PL1011: {
    severity: 'error',
    title: 'The member is not known here',
    example: 'call: http\nwit: {}',
    cure: 'Use one of the suggested names, or remove it.',
  },
  PL1012: {
    severity: 'error',
    title: 'The value has the wrong type',
    example: 'fork: { compete: maybe }',
    cure: 'Give the type that the message names.',
  },
  PL1013: {
    severity: 'error',
    title: 'The value is not allowed',
    example: 'with: { method: fetch }',
    cure: 'Use one of the values that the message names.',
  },
  PL1014: {
    severity: 'error',
    title: 'The task does not say what to do',
    example: 'do: [{ step: { if: .ok } }]',
    cure: 'Give it one of: call, do, for, fork, raise, set, switch, try, wait.',
  },
  PL1015: {
    severity: 'error',
    title: 'The task says two things at once',
    example: 'do: [{ step: { set: { a: 1 }, wait: PT1S } }]',
    cure: 'Make two tasks of it.',
  },
  PL1016: {
    severity: 'error',
    title: 'A list item must be one name with one task',
    example: 'do: [{ a: { wait: PT1S }, b: { wait: PT1S } }]',
    cure: 'Start every task with its own dash.',
  },
  PL1017: {
    severity: 'error',
    title: 'Something must be in here',
    example: 'do: []',
    cure: 'Add at least one entry, or remove the member.',
  },
  PL1018: {
    severity: 'error',
    title: 'Exactly one of several members is needed',
    example: 'assignee: { role: manager, member: mem_1 }',
    cure: 'Keep one of them.',
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
    example: 'then: nowhere',
    cure: 'Name a task of the same list, or write continue, exit or end.',
  },
  PL1022: {
    severity: 'error',
    title: 'Branches of a fork do not follow each other',
    example: 'fork: { branches: [{ a: { wait: PT1S, then: b } }, …] }',
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
    example: 'retry: unknownPolicy',
    cure: 'Write the value where it is needed.',
  },
  // Expressions
  PL1030: {
    severity: 'error',
    title: 'The expression cannot be read',
    example: '${ .a + }',
    cure: 'Correct the jq expression at the place shown.',
  },
  PL1031: {
    severity: 'error',
    title: 'There is no such variable here',
    example: '${ $order }',
    cure: 'Use a suggested variable, or a path such as .order.',
  },
  PL1032: {
    severity: 'error',
    title: 'There is no such function in expressions',
    example: '${ .a | lenght }',
    cure: 'Use a suggested function.',
  },
  PL1033: {
    severity: 'error',
    title: 'Expressions may not use this',
    example: '${ input }',
    cure: 'Expressions see only their input and variables: no environment, files or modules.',
  },
  PL1034: {
    severity: 'error',
    title: 'The expression is not closed',
    example: '${ .a',
    cure: 'Add the closing brace; write $${ for a text that contains ${.',
  },
  PL1035: {
    severity: 'error',
    title: 'An expression is not possible here',
    example: 'call: ${ .function }',
    cure: 'Write the value itself: it must be known before the workflow runs.',
  },
  // Values
  PL1040: {
    severity: 'error',
    title: 'This is not a duration',
    example: 'wait: 5 minutes',
    cure: 'Write PT5M, or { minutes: 5 }.',
  },
  PL1041: {
    severity: 'error',
    title: 'This is not a cron expression',
    example: 'schedule: { cron: every day }',
    cure: 'Write minute, hour, day of month, month and day of week: 0 9 * * 1-5.',
  },
  PL1042: {
    severity: 'error',
    title: 'There is no such time zone',
    example: 'metadata: { timezone: Berlin }',
    cure: 'Use an IANA name such as Europe/Berlin.',
  },
  PL1043: {
    severity: 'error',
    title: 'This version of the language is not supported',
    example: "document: { dsl: '0.8' }",
    cure: 'Write the definition for version 1.0.3.',
  },
  PL1044: {
    severity: 'error',
    title: 'This is not a usable address',
    example: 'endpoint: example.com',
    cure: 'Give an absolute http or https address; {name} inserts a member of the input.',
  },
  PL1045: {
    severity: 'error',
    title: 'This is not a JSON Schema',
    example: 'schema: { document: { type: text } }',
    cure: 'Correct the schema at the place shown.',
  },
  PL1046: {
    severity: 'warning',
    title: 'Months and years have no fixed length',
    example: 'wait: P1M',
    cure: 'A month counts as 30 days and a year as 365; write days to be exact.',
  },
  // Calls
  PL1050: {
    severity: 'error',
    title: 'There is no such function to call',
    example: 'call: htp',
    cure: 'Call http, connector or human.',
  },
  PL1051: {
    severity: 'error',
    title: 'There is no such connector',
    example: 'with: { connector: kichen, operation: listOrders }',
    cure: 'Use a suggested name, or import the OpenAPI document of the system.',
  },
  PL1052: {
    severity: 'error',
    title: 'The connector has no such operation',
    example: 'with: { connector: kitchen, operation: lstOrders }',
    cure: 'Use a suggested operation.',
  },
  PL1053: {
    severity: 'error',
    title: 'A required input is missing',
    example: 'with: { connector: pos, operation: getOrder }',
    cure: 'Give the input under `input`.',
  },
  PL1054: {
    severity: 'error',
    title: 'The operation has no such input',
    example: 'input: { orderID: 7 }',
    cure: 'Use a suggested name, or remove it.',
  },
  PL1055: {
    severity: 'error',
    title: 'The value does not fit the input',
    example: 'input: { quantity: many }',
    cure: 'Give a value of the type that the operation declares.',
  },
  PL1056: {
    severity: 'error',
    title: 'The body is given twice',
    example: 'with: { input: { total: 3 }, body: { total: 3 } }',
    cure: 'Give the members of the body under `input`, or the whole body under `body`.',
  },
  // Limits of this implementation
  PL1060: {
    severity: 'error',
    title: 'Not supported yet',
    example: 'listen: { to: { any: [] } }',
    cure: 'Use another construct: the language has this, this version of Parley does not run it.',
  },
  PL1061: {
    severity: 'error',
    title: 'The definition has too many tasks',
    example: 'more than 10,000 tasks',
    cure: 'Split the workflow.',
  },
  // Edits
  PL1080: {
    severity: 'error',
    title: 'There is no such step',
    example: 'removeStep do/unknown',
    cure: 'Use the name path of a step, such as do/checkStock.',
  },
  PL1081: {
    severity: 'error',
    title: 'The step cannot be put there',
    example: 'moveStep do/a into do/a/do',
    cure: 'Name another place.',
  },
  PL1082: {
    severity: 'error',
    title: 'The name is taken',
    example: 'addStep checkStock where checkStock exists',
    cure: 'Choose another name.',
  },
  PL1083: {
    severity: 'error',
    title: 'The edit does not fit this definition',
    example: 'setInput on a wait',
    cure: 'Use an edit that fits the kind of step.',
  },
} as const satisfies Record<string, CodeRow>;

/** A stable diagnostic code. */
export type DiagnosticCode = keyof typeof codes;
