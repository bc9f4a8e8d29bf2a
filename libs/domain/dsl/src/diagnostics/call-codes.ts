import type { CodeRow } from './code-row.js';

/** Calls, limits and what is outside of definitions. */
export const callCodes = {
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
    example: "run: { script: { language: python, code: 'print(1)' } }",
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
  PL1064: {
    severity: 'warning',
    title: 'The schedule does not give what the input needs',
    example:
      'schedule: { cron: 0 9 * * 1-5 }\ninput: { schema: { document: { type: object, required: [orderId] } } }',
    cure: 'Runs that a schedule starts have the input `{ scheduledAt }`: take what is needed out of `required` and give the steps values of their own, or remove the schedule.',
  },
  PL1065: {
    severity: 'warning',
    title: 'It needs an executor that is not enabled everywhere',
    example: 'run: { shell: { command: ls } }',
    cure: 'Have whoever operates Parley enable it (`PARLEY_EXECUTORS=shell,container`), where tenants may run commands on its machine; publishing is refused where it is not.',
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
