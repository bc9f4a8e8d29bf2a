/** One kind of advice; the code is stable, everything else may be worded better over time. */
export interface SuggestionRow {
  readonly title: string;
  /** Tasks of the smallest workflow that gets the advice, as YAML. */
  readonly example: string;
  /** What is gained by following it. */
  readonly why: string;
  readonly cure: string;
}

const read = (uri: string) => `call: http, with: { method: get, endpoint: ${uri} }`;
const stock = read('https://example.com/stock');
const limited = 'timeout: { after: PT30S }';
const retried = 'catch: { retry: { delay: PT1S, limit: { attempt: { count: 3 } } } }';

/** Everything that a definition may be advised of. */
export const suggestionCodes = {
  PS2001: {
    title: 'Reads that do not need each other run one after the other',
    example: [
      '- ask:',
      '    try:',
      `      - stock: { ${stock}, ${limited} }`,
      `      - slots: { ${read('https://example.com/slots')}, ${limited} }`,
      `    ${retried}`,
    ].join('\n'),
    why: 'Side by side they take as long as the slowest of them, not as long as all together.',
    cure: 'Make them branches of a fork.',
  },
  PS2002: {
    title: 'A read is not tried again when it fails',
    example: `- stock: { ${stock}, ${limited} }`,
    why: 'A moment of trouble in the called system fails the whole run, though reading again does no harm.',
    cure: 'Put it into a try whose catch has a retry policy.',
  },
  PS2003: {
    title: 'A step may wait for ever',
    example: '- ask: { call: human, with: { title: Ready?, assignee: { role: manager } } }',
    why: 'A run that waits for an answer that never comes looks like one that is at work.',
    cure: 'Give the step, or one around it, a timeout; a question to a person may have "due" instead.',
  },
  PS2004: {
    title: 'The same thing is read twice in a row',
    example: [
      '- ask:',
      '    try:',
      `      - stock: { ${stock}, ${limited} }`,
      '      - note: { set: { left: 1 } }',
      `      - again: { ${stock}, ${limited} }`,
      `    ${retried}`,
    ].join('\n'),
    why: 'The second call costs time and load, and most often gives what the first gave.',
    cure: 'Keep the first answer with "export" and read it from $context.',
  },
  PS2005: {
    title: 'A retry policy has no limit',
    example: [
      '- ask:',
      '    try:',
      `      - stock: { ${stock}, ${limited} }`,
      '    catch: { retry: { delay: PT1S } }',
    ].join('\n'),
    why: 'What can never succeed is tried for ever, and the run neither ends nor fails.',
    cure: 'Add a limit: a number of attempts, or a total duration.',
  },
  PS2006: {
    title: 'Every error is swallowed',
    example: ['- ask:', '    try:', '      - store: { set: { a: 1 } }', '    catch: {}'].join('\n'),
    why: 'Mistakes in the workflow itself are hidden as well, and the run goes on as if all were well.',
    cure: 'Name the errors that are expected, or handle them in "do".',
  },
  PS2007: {
    title: 'A loop goes over one item',
    example: '- each: { for: { in: [{ n: 1 }] }, do: [{ note: { set: { item: 1 } } }] }',
    why: 'The steps run exactly once, so the loop only adds nesting.',
    cure: 'Take the steps out of the loop, or name the list that was meant.',
  },
  PS2008: {
    title: 'A fork has one branch',
    example: '- both: { fork: { branches: [{ note: { set: { a: 1 } } }] } }',
    why: 'Nothing runs side by side; the fork only wraps the output into a list.',
    cure: 'Add the other branches, or take the step out of the fork.',
  },
  PS2009: {
    title: 'A condition always has the same result',
    example: '- note: { if: "true", set: { a: 1 } }',
    why: 'It says nothing, or it switches off a step that looks as if it ran.',
    cure: 'Remove the condition, or the step.',
  },
  PS2010: {
    title: 'A credential is written into the definition',
    example: [
      '- ask:',
      '    try:',
      '      - stock:',
      '          call: http',
      '          with:',
      '            method: get',
      '            endpoint: https://example.com/stock',
      '            headers: { Authorization: Bearer abc }',
      `          ${limited}`,
      `    ${retried}`,
    ].join('\n'),
    why: 'Everyone who may read the workflow, its versions and its history can use it.',
    cure: 'Keep it as a secret, and name the secret in an authentication.',
  },
} as const satisfies Record<string, SuggestionRow>;

export type SuggestionCode = keyof typeof suggestionCodes;
