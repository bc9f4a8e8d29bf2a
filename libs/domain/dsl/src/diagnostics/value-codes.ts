import type { CodeRow } from './code-row.js';

/** Expressions and values. */
export const valueCodes = {
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
  PL1037: {
    severity: 'warning',
    title: 'The condition sets a value instead of comparing',
    example: 'if: .status = "done"\nwait: PT1S',
    cure: 'Compare with ==.',
  },
  PL1038: {
    severity: 'warning',
    title: 'The text looks like an expression and is none',
    example: 'set: { id: .order.id }',
    cure: 'Put it in ${ }, in quotes: "${ .order.id }". In data, nothing else is evaluated.',
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
    cure: 'Write the definition for version 1.0.3; `parley dsl migrate` turns 0.8 into 1.0.',
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
} as const satisfies Record<string, CodeRow>;
