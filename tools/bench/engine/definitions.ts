/** Definitions of the workloads: the same steps whatever they are run on. */
function definition(name: string, tasks: string): string {
  const document = `{ dsl: 1.0.3, namespace: bench, name: ${name}, version: 0.1.0 }`;
  return `document: ${document}\ndo:\n${tasks}`;
}

/** Three local steps that calculate something. */
export const threeSteps = definition(
  'three-steps',
  `- price: { set: { total: '\${ .price * .count }', count: '\${ .count }' } }
- tax: { set: { total: '\${ .total }', tax: '\${ .total * 0.2 }', count: '\${ .count }' } }
- sum: { set: { sum: '\${ .total + .tax }', count: '\${ .count }' } }
`,
);

export const orderInput = { price: 12.5, count: 3 };

/** Three calls, one after the other. */
export const threeCalls = definition(
  'three-calls',
  ['one', 'two', 'three']
    .map(
      (name) => `- ${name}: { call: connector, with: { connector: bench, operation: ${name} } }\n`,
    )
    .join(''),
);

/** As many calls as there are items, all under way at once. */
export const fanOut = definition(
  'fan-out',
  `- each:
    call: map
    with:
      in: '\${ [range(.items)] }'
      do:
        - call: { call: connector, with: { connector: bench, operation: one } }
`,
);

/** A loop whose state stays as it is. */
export const loop = definition(
  'loop',
  `- loop:
    for: { each: n, in: '\${ [range(.items)] }' }
    do:
      - step: { set: { last: '\${ $n }' } }
`,
);

/** A loop that keeps what every step gave. */
export const growingLoop = definition(
  'growing-loop',
  `- begin: { set: { all: [], items: '\${ .items }' } }
- loop:
    for: { each: n, in: '\${ [range(.items)] }' }
    do:
      - step: { set: { all: '\${ .all + [$n] }' } }
`,
);

/** A list of results that grows with every item, one item after the other. */
export const growingMap = definition(
  'growing-map',
  `- each:
    call: map
    with:
      in: '\${ [range(.items)] }'
      concurrency: 1
      do:
        - step: { set: { last: '\${ $item }' } }
`,
);

/** Sleeps until a moment, in milliseconds since the epoch. */
export const sleeper = definition(
  'sleeper',
  `- sleep: { wait: '\${ { milliseconds: (.due - now * 1000 | floor) } }' }
`,
);

/** Hands its payload through three steps. */
export const payloads = definition(
  'payloads',
  ['one', 'two', 'three']
    .map((name) => `- ${name}: { set: '\${ . + {${name}: true} }' }\n`)
    .join(''),
);

/** Has no end. */
export const endless = definition(
  'endless',
  `- spin: { set: { n: '\${ (.n // 0) + 1 }' }, then: spin }\n`,
);

/** An expression whose result nobody could hold. */
export const hugeOutput = definition(
  'huge-output',
  `- grow: { set: { all: '\${ [range(1000000000)] }' } }\n`,
);

/** A thousand branches for each of a thousand items. */
export const hugeFork = definition(
  'huge-fork',
  `- each:
    call: map
    with:
      in: '\${ [range(1000)] }'
      do:
        - all:
            fork:
              branches:
${Array.from({ length: 1_000 }, (_, at) => `                - b${at}: { wait: P1D }\n`).join('')}`,
);
