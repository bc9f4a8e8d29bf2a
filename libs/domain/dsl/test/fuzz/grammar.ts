import type { Json, JsonObject } from '@parley/kernel';
import type { Random } from '../mutants/random.js';

type Maker<T = Json> = (random: Random, place: Place) => T;

/** What a generated task may refer to. */
interface Place {
  readonly variables: readonly string[];
  readonly depth: number;
  /** Names of the tasks of the list, for `then`; none among branches. */
  readonly names: readonly string[];
  /** Expressions may not use `$secrets`, errors and the like; only what is always there. */
  readonly context: boolean;
}

/** A right definition, made at random from the grammar of the language. */
export function randomDefinition(random: Random): JsonObject {
  const place: Place = { variables: [], depth: 0, names: [], context: true };
  return {
    document: {
      dsl: '1.0.3',
      namespace: random.pick(['shop', 'a', 'team-1']),
      name: random.pick(['order', 'b2', 'x-y-z']),
      version: random.pick(['0.1.0', '1.2.3-rc.1', '10.0.0+build.7']),
      ...maybe(random, () => ({ title: words(random) })),
      ...maybe(random, () => ({
        tags: { team: words(random) },
        metadata: { any: data(random, place) },
      })),
    },
    ...maybe(random, () => ({ input: { schema: schema(random) } })),
    use: declarations(random),
    ...maybe(random, () => ({ schedule: schedule(random, place) })),
    ...maybe(random, () => ({
      timeout: random.pick<Json>(['short', { after: duration(random, place) }]),
    })),
    do: list(random, place),
    ...maybe(random, () => ({ output: { as: mapping(random, place) } })),
  };
}

function declarations(random: Random): JsonObject {
  return {
    authentications: { login: authentication(random) },
    errors: { broken: { type: 'https://example.com/errors/broken', status: 500, title: 'Broken' } },
    functions: { helper: { set: { helped: true } } },
    retries: { patient: retry(random) },
    secrets: ['vault', 'spare'],
    timeouts: { short: { after: 'PT30S' } },
  };
}

function list(random: Random, place: Place, branches = false): Json[] {
  const count = 1 + random.below(place.depth > 2 ? 2 : 4);
  const names = Array.from(
    { length: count },
    (_, at) => `${random.pick(['check', 'send', 'a b', 'ünï/cödé', 'x'])}${at}`,
  );
  const inside = { ...place, depth: place.depth + 1, names: branches ? [] : names };
  return names.map((name) => ({ [name]: task(random, inside) }));
}

function task(random: Random, place: Place): JsonObject {
  const makers = place.depth > 3 ? leaves : [...leaves, ...owners];
  const body = random.pick(makers)(random, place);
  const then = ['continue', 'exit', 'end', ...place.names];
  return {
    ...maybe(random, () => ({ if: condition(random, place) })),
    ...maybe(random, () => ({ input: { from: mapping(random, place) } })),
    ...body,
    ...maybe(random, () => ({ output: { as: mapping(random, place) } })),
    ...maybe(random, () => ({ export: { as: mapping(random, place) } })),
    ...maybe(random, () => ({
      timeout: random.pick<Json>(['short', { after: duration(random, place) }]),
    })),
    ...('switch' in body ? {} : maybe(random, () => ({ then: random.pick(then) }))),
    ...maybe(random, () => ({ metadata: { note: words(random) } })),
  };
}

const leaves: readonly Maker<JsonObject>[] = [
  (random, place) => ({ set: { a: data(random, place), b: text(random, place) } }),
  (random, place) => ({ set: `\${ ${expression(random, place)} }` }),
  (random, place) => ({ wait: duration(random, place) }),
  (random) => ({
    raise: {
      error: random.pick<Json>([
        'broken',
        { type: 'https://example.com/e', status: 418, detail: '${ .why }' },
      ]),
    },
  }),
  (random, place) => ({
    emit: {
      event: {
        with: {
          source: 'https://example.com',
          type: 'com.example.a.v1',
          data: data(random, place),
        },
      },
    },
  }),
  (random, place) => ({
    switch: [
      { first: { when: condition(random, place), then: random.pick(['exit', ...place.names]) } },
      { otherwise: { then: 'continue' } },
    ] as Json[],
  }),
  (random, place) => ({
    call: 'http',
    with: {
      method: random.pick(['get', 'post', 'PUT', 'delete']),
      endpoint: endpoint(random),
      ...maybe(random, () => ({ headers: { accept: 'text/plain', x: '${ .x }' } })),
      ...maybe(random, () => ({ query: { page: '${ .page }' } })),
      ...maybe(random, () => ({ body: data(random, place) })),
      ...maybe(random, () => ({
        output: random.pick(['raw', 'content', 'response']),
        redirect: true,
      })),
    },
  }),
  (random) => ({
    call: 'openapi',
    with: {
      document: { endpoint: 'https://example.com/openapi.json' },
      operationId: 'findPet',
      parameters: { id: '${ .id }' },
      ...maybe(random, () => ({ authentication: { use: 'login' } })),
    },
  }),
  () => ({
    call: 'grpc',
    with: {
      proto: { endpoint: 'file://app/greet.proto' },
      service: { name: 'Greeter.Api', host: 'localhost', port: 5011 },
      method: 'SayHello',
      arguments: { name: '${ .name }' },
    },
  }),
  (random) => ({
    call: 'mcp',
    with: {
      method: 'tools/call',
      parameters: { name: 'x', arguments: { a: 1 } },
      transport: random.pick<Json>([
        { http: { endpoint: 'https://example.com/mcp' } },
        { stdio: { command: 'npx', arguments: ['a'] } },
      ]),
    },
  }),
  () => ({
    call: 'a2a',
    with: {
      agentCard: { endpoint: 'https://example.com/card.json' },
      method: 'message/send',
      parameters: { message: { text: '${ .text }' } },
    },
  }),
  (random) => ({
    call: 'asyncapi',
    with: {
      document: { endpoint: 'https://example.com/asyncapi.json' },
      operation: 'publish',
      ...random.pick<JsonObject>([
        { message: { payload: { id: '${ .id }' } } },
        { subscription: { consume: { amount: 3 } } },
      ]),
    },
  }),
  () => ({ call: 'helper', with: { a: '${ .a }' } }),
  (random) => ({
    run: random.pick<JsonObject>([
      {
        container: {
          image: 'alpine',
          command: 'echo',
          lifetime: { cleanup: 'eventually', after: 'PT5M' },
        },
      },
      { shell: { command: 'ls', arguments: ['-l'], environment: { A: 'b' } } },
      { script: { language: 'js', code: 'console.log(1)' } },
      { workflow: { namespace: 'a', name: 'b', version: '1.0.0', input: { a: '${ .a }' } } },
    ]),
  }),
  (random, place) => ({
    listen: { to: consumption(random, place), ...maybe(random, () => ({ read: 'envelope' })) },
  }),
];

const owners: readonly Maker<JsonObject>[] = [
  (random, place) => ({ do: list(random, place) }),
  (random, place) => ({
    for: { each: 'entry', in: '.entries', at: 'position' },
    ...maybe(random, () => ({ while: '$position < 5' })),
    do: list(random, bind(place, 'entry', 'position')),
  }),
  (random, place) => ({
    for: { in: [{ a: 1 }, { b: '${ .b }' }] },
    do: list(random, bind(place, 'item', 'index')),
  }),
  (random, place) => ({
    fork: { branches: list(random, place, true), ...maybe(random, () => ({ compete: true })) },
  }),
  (random, place) => ({
    try: list(random, place),
    catch: {
      ...maybe(random, () => ({ errors: { with: { status: 503 } } })),
      as: 'problem',
      ...maybe(random, () => ({ when: '$problem.status == 503' })),
      ...maybe(random, () => ({ retry: random.pick<Json>(['patient', retry(random)]) })),
      ...maybe(random, () => ({ do: list(random, bind(place, 'problem')) })),
    },
  }),
  (random, place) => ({
    listen: { to: { any: [filter(random)], until: '. != null' } },
    foreach: { item: 'message', at: 'number', do: list(random, bind(place, 'message', 'number')) },
  }),
];

function bind(place: Place, ...names: string[]): Place {
  return { ...place, variables: [...place.variables, ...names] };
}

function consumption(random: Random, _: Place): JsonObject {
  return random.pick<JsonObject>([
    { one: filter(random) },
    { any: [filter(random), filter(random)] },
    { any: [] },
    { all: [filter(random), filter(random)] },
    { any: [filter(random)], until: { one: filter(random) } },
  ]);
}

function filter(random: Random): JsonObject {
  return {
    with: {
      type: 'com.example.thing.v1',
      ...maybe(random, () => ({ source: 'https://example.com/a' })),
      ...maybe(random, () => ({ data: '${ .a > 3 }' })),
    },
    ...maybe(random, () => ({ correlate: { key: { from: '.id' } } })),
  };
}

function endpoint(random: Random): Json {
  return random.pick<Json>([
    'https://example.com/things/{id}',
    'https://example.com/{a}/{b}?q=1',
    '${ "https://example.com/\\(.id)" }',
    { uri: 'https://example.com', authentication: { use: 'login' } },
    { uri: '${ .address }', authentication: authentication(random) },
  ]);
}

function authentication(random: Random): JsonObject {
  return random.pick<JsonObject>([
    { basic: { username: 'a', password: '${ .password }' } },
    { basic: { use: 'vault' } },
    { bearer: { token: '${ .token }' } },
    { digest: { username: 'a', password: 'b' } },
    {
      oauth2: {
        authority: 'https://login.example.com',
        grant: 'client_credentials',
        client: { id: 'a', secret: 'b' },
        scopes: ['a', 'b'],
      },
    },
    { oidc: { use: 'spare' } },
  ]);
}

function retry(random: Random): JsonObject {
  return {
    delay: { seconds: 2 },
    ...maybe(random, () => ({
      backoff: random.pick<Json>([{ constant: {} }, { linear: {} }, { exponential: {} }]),
    })),
    ...maybe(random, () => ({
      limit: { attempt: { count: 3, duration: 'PT5S' }, duration: 'PT1M' },
    })),
    ...maybe(random, () => ({ jitter: { from: { milliseconds: 5 }, to: 'PT0.5S' } })),
    ...maybe(random, () => ({ when: '.status == 503' })),
  };
}

function schedule(random: Random, place: Place): JsonObject {
  return random.pick<JsonObject>([
    { every: { hours: 1 } },
    { cron: '*/5 9-17 * * 1-5' },
    { after: 'PT10M' },
    { on: consumption(random, place) },
  ]);
}

function schema(random: Random): JsonObject {
  return random.pick<JsonObject>([
    { document: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
    { format: 'json', document: true },
    { resource: { endpoint: 'https://example.com/schema.json' } },
  ]);
}

function duration(random: Random, _: Place): Json {
  return random.pick<Json>([
    'PT5S',
    'P1DT2H3M',
    'PT0.25S',
    { minutes: 3, seconds: 1 },
    { milliseconds: 250 },
    '${ .pause }',
  ]);
}

function condition(random: Random, place: Place): string {
  const bare = `${expression(random, place)} == ${random.pick(['1', '"a"', 'null', 'true'])}`;
  return random.below(2) === 0 ? bare : `\${ ${bare} }`;
}

function mapping(random: Random, place: Place): Json {
  return random.pick<Json>([
    expression(random, place),
    `\${ ${expression(random, place)} }`,
    { a: `\${ ${expression(random, place)} }`, b: 'text' },
  ]);
}

function expression(random: Random, { variables }: Place): string {
  const variable = variables.length === 0 ? '$context' : `$${random.pick(variables)}`;
  const atoms = [
    '.',
    '.a',
    '.a.b[0]',
    '$context.x',
    '$workflow.id',
    variable,
    '"text \\(.a)"',
    '[.items[] | .price]',
    '{ a: .a, "b c": 1 }',
    '(.total // 0)',
  ];
  const one = random.pick(atoms);
  return random.pick([
    one,
    `(${one} | length)`,
    `(${one} | tostring)`,
    `(if ${one} then 1 else ${random.pick(atoms)} end)`,
    `[${one}, ${random.pick(atoms)}]`,
  ]);
}

function data(random: Random, place: Place): Json {
  return random.pick<Json>([
    1,
    -0.5,
    true,
    null,
    'plain',
    '',
    [],
    {},
    text(random, place),
    [1, [text(random, place)], { deep: `\${ ${expression(random, place)} }` }],
    { 'a key': text(random, place), __proto__x: 1, '0': 'zero' },
  ]);
}

function text(random: Random, place: Place): string {
  return random.pick([
    words(random),
    `\${ ${expression(random, place)} }`,
    `Order \${ ${expression(random, place)} } is late`,
    'costs $${ 5 }',
    'two\nlines',
    '# no comment',
    '- no list',
    'a: b',
    ' spaces ',
    'yes',
    '1.0',
    "it's",
    '"quoted"',
  ]);
}

function words(random: Random): string {
  return random.pick([
    'A title',
    'Ünïcödé 🎉',
    'with: colon',
    '{ braces }',
    'a, b',
    '*',
    '&x',
    '!x',
    '%',
    '@x',
    '`x`',
    '~',
    'null',
    '0x1F',
    '1e3',
  ]);
}

function maybe<T extends JsonObject>(random: Random, make: () => T): T | Record<string, never> {
  return random.below(4) === 0 ? make() : {};
}
