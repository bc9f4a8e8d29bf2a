/** One kind of mistake; the code is stable, everything else may be worded better over time. */
export interface CodeRow {
  readonly severity: 'error' | 'warning' | 'info';
  readonly title: string;
  /** The smallest piece of a definition that has the mistake. */
  readonly example: string;
  /** The example is described, not written out. */
  readonly words?: true;
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
  // Expressions
  PL1030: {
    severity: 'error',
    title: 'The expression cannot be read',
    example: 'set: { a: "${ .a + }" }',
    cure: 'Correct the jq expression at the place shown.',
  },
  PL1031: {
    severity: 'error',
    title: 'There is no such variable here',
    example: 'set: { a: "${ $order }" }',
    cure: 'Use a suggested variable, or a path such as .order.',
  },
  PL1032: {
    severity: 'error',
    title: 'There is no such function in expressions',
    example: 'set: { a: "${ .a | lenght }" }',
    cure: 'Use a suggested function.',
  },
  PL1033: {
    severity: 'error',
    title: 'Expressions may not use this',
    example: 'set: { a: "${ input }" }',
    cure: 'Expressions see only their input and variables: no environment, files or modules.',
  },
  PL1034: {
    severity: 'error',
    title: 'The expression is not closed',
    example: 'set: { a: "${ .a" }',
    cure: 'Add the closing brace; write $${ for a text that contains ${.',
  },
  PL1035: {
    severity: 'error',
    title: 'An expression is not possible here',
    example: 'call: ${ .function }',
    cure: 'Write the value itself: it must be known before the workflow runs.',
  },
  PL1036: {
    severity: 'error',
    title: 'Secrets are not possible here',
    example: 'use: { secrets: [key] }\ndo: [{ step: { set: { a: "${ $secrets.key }" } } }]',
    cure: 'Take the secret in with `input.from`, or name it with `use` in an authentication.',
  },
  // Values
  PL1040: {
    severity: 'error',
    title: 'This is not a usable duration',
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
    example:
      "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0, metadata: { timezone: Berlin } }",
    cure: 'Use an IANA name such as Europe/Berlin.',
  },
  PL1043: {
    severity: 'error',
    title: 'This version of the language is not supported',
    example: "document: { dsl: '0.8.0', namespace: a, name: b, version: 0.1.0 }",
    cure: 'Write the definition for version 1.0.3.',
  },
  PL1044: {
    severity: 'error',
    title: 'This is not a usable address',
    example: 'call: http\nwith: { method: get, endpoint: example.com }',
    cure: 'Give an absolute http or https address; {name} inserts a member of the input.',
  },
  PL1045: {
    severity: 'error',
    title: 'This is not a JSON Schema',
    example: 'input: { schema: { document: { type: text } } }\nset: { a: 1 }',
    cure: 'Correct the schema at the place shown.',
  },
  PL1046: {
    severity: 'warning',
    title: 'Months and years have no fixed length',
    example: 'wait: P1M',
    cure: 'A month counts as 30 days and a year as 365; write days to be exact.',
  },
  PL1047: {
    severity: 'error',
    title: 'Expressions cannot be written in this language',
    example: 'evaluate: { language: javascript }',
    cure: 'Write expressions in jq.',
  },
  PL1048: {
    severity: 'warning',
    title: 'The HTTP method is unusual',
    example: 'call: http\nwith: { method: fetch, endpoint: https://a.example }',
    cure: 'Use GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE, unless the server knows this one.',
  },
  PL1049: {
    severity: 'warning',
    title: 'The duration is longer than 100 years',
    example: 'wait: P200Y',
    cure: 'Correct it: longer durations count as 100 years.',
  },
  // Calls
  PL1050: {
    severity: 'error',
    title: 'There is no such function to call',
    example: 'call: htp',
    cure: 'Call a function of the language (http, openapi, grpc, asyncapi, a2a, mcp), of the platform (connector, human, agent, worker, map), of use.functions, or of a catalog.',
  },
  PL1051: {
    severity: 'error',
    title: 'There is no such connector',
    example: 'call: connector\nwith: { connector: order, operation: listOrders }',
    cure: 'Use a suggested name, or import the OpenAPI document of the system.',
  },
  PL1052: {
    severity: 'error',
    title: 'The connector has no such operation',
    example: 'call: connector\nwith: { connector: orders, operation: lstOrders }',
    cure: 'Use a suggested operation.',
  },
  PL1053: {
    severity: 'error',
    title: 'A required input is missing',
    example:
      'call: connector\nwith: { connector: orders, operation: confirmOrder, input: { quantity: 2 } }',
    cure: 'Give the input under `input`.',
  },
  PL1054: {
    severity: 'error',
    title: 'The operation has no such input',
    example:
      'call: connector\nwith: { connector: orders, operation: confirmOrder, input: { orderID: a, quantity: 2 } }',
    cure: 'Use a suggested name, or remove it.',
  },
  PL1055: {
    severity: 'error',
    title: 'The value does not fit the input',
    example:
      'call: connector\nwith: { connector: orders, operation: confirmOrder, input: { orderId: a, quantity: many } }',
    cure: 'Give a value of the type that the operation declares.',
  },
  PL1056: {
    severity: 'error',
    title: 'The body is given twice',
    example:
      'call: connector\nwith: { connector: orders, operation: confirmOrder, input: { orderId: a, quantity: 3 }, body: { quantity: 3 } }',
    cure: 'Give the members of the body under `input`, or the whole body under `body`.',
  },
  // Limits of this implementation
  PL1060: {
    severity: 'warning',
    title: 'This version does not run it',
    example: 'listen: { to: { any: [] } }',
    cure: 'The definition is valid, but this version of Parley refuses to run it: use another construct.',
  },
  PL1061: {
    severity: 'error',
    title: 'The definition has too many tasks',
    example: 'more than 10,000 tasks',
    words: true,
    cure: 'Split the workflow.',
  },
  PL1062: {
    severity: 'warning',
    title: 'The event has no type',
    example: 'emit: { event: {} }',
    cure: 'Give the event a type under `with`: events are taken by their type.',
  },
  PL1063: {
    severity: 'warning',
    title: 'The range is the wrong way round',
    example: 'try: []\ncatch: { retry: { jitter: { from: PT5S, to: PT1S } } }',
    cure: 'Exchange the two durations.',
  },
  // Documents outside of the definition
  PL1070: {
    severity: 'warning',
    title: 'A document has not been read yet',
    example:
      'call: openapi\nwith: { document: { endpoint: https://a.example/openapi.json }, operationId: getPet }',
    cure: 'Let the platform read it when the workflow is published, or give a lock that has it.',
  },
  PL1071: {
    severity: 'error',
    title: 'The document has no such operation',
    example:
      'call: openapi\nwith: { document: { endpoint: https://a.example/pinned.json }, operationId: getPett }',
    cure: 'Use an operation that the document has.',
  },
  PL1072: {
    severity: 'error',
    title: 'The document is not what it must be',
    example: 'call: https://a.example/wrong.yaml',
    cure: 'Correct the document, or refer to another one.',
  },
  // Edits
  PL1080: {
    severity: 'error',
    title: 'There is no such step',
    words: true,
    example: 'removeStep do/unknown',
    cure: 'Use the name path of a step, such as do/checkStock.',
  },
  PL1081: {
    severity: 'error',
    title: 'The step cannot be put there',
    words: true,
    example: 'moveStep do/a into do/a/do',
    cure: 'Name another place.',
  },
  PL1082: {
    severity: 'error',
    title: 'The name is taken',
    words: true,
    example: 'addStep checkStock where checkStock exists',
    cure: 'Choose another name.',
  },
  PL1083: {
    severity: 'error',
    title: 'The edit does not fit this definition',
    words: true,
    example: 'setInput on a wait',
    cure: 'Use an edit that fits the kind of step.',
  },
  // Migration
  PL1090: {
    severity: 'error',
    title: 'This is not a definition of version 0.8',
    words: true,
    example: "a definition that begins with `document: { dsl: '1.0.3' }`",
    cure: 'Migrate definitions that have a specVersion of 0.8 and states; newer ones need no migration.',
  },
} as const satisfies Record<string, CodeRow>;

/** A stable diagnostic code. */
export type DiagnosticCode = keyof typeof codes;
