import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import { validateDefinition } from '../compile/compile.js';
import { randomFrom } from '../source/fast/random-texts.js';
import { parseDefinition } from '../source/parse.js';
import { toJson, type SourceNode } from '../source/tree.js';
import { migrateDefinition } from './migrate.js';

/** The new definition, which must be right, with what is not the same as before. */
function migrated(source: string): string {
  const result = migrateDefinition(source);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const { definition, report } = result.value;
  const { diagnostics } = validateDefinition(definition, {});
  expect([diagnostics.filter((one) => one.severity === 'error'), definition]).toEqual([
    [],
    definition,
  ]);
  for (const { pointer } of report) expect(nodeAt(source, pointer)).toBeDefined();
  const notes = report.map((note) => `# ${note.severity} ${note.pointer}: ${note.message}`);
  return [...notes, definition].join('\n');
}

function nodeAt(source: string, pointer: string): unknown {
  const { root } = parseDefinition(source);
  let value: unknown = toJson(root as SourceNode);
  for (const token of pointer.split('/').slice(1)) {
    value = (value as Record<string, unknown>)[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

const head = (rest: string) => `id: parcelTracking
name: Parcel tracking
version: '2.1'
specVersion: '0.8'
functions:
  - { name: find, operation: 'https://parcels.example.com/api.json#findParcel', authRef: desk }
  - { name: weigh, operation: 'https://parcels.example.com/scale.proto#Scale#Weigh', type: rpc, metadata: { host: scale.example.com } }
  - { name: isHeavy, operation: .weight > $CONST.limits.heavy, type: expression }
  - { name: print, operation: 'rest:post:https://labels.example.com/print', type: custom }
  - { name: search, operation: 'https://graph.example.com#query#parcel', type: graphql }
  - { name: rows, operation: 'https://data.example.com#Parcels', type: odata }
  - { name: publish, operation: 'https://parcels.example.com/events.json#parcelSeen', type: asyncapi }
  - { name: legacy, operation: 'java:com.example.Legacy', type: custom }
events:
  - { name: Arrived, source: depot, type: parcel.arrived, correlation: [{ contextAttributeName: parcelid }] }
  - { name: Lost, source: depot, type: parcel.lost, correlation: [{ contextAttributeName: region, contextAttributeValue: north }] }
  - { name: Told, type: customer.told, kind: produced, source: tracking }
errors:
  - { name: Not found, code: '404' }
  - { name: Broken scale, code: 'https://example.com/errors/scale' }
  - { name: Anything, code: '*' }
retries:
  - { name: patient, delay: PT2S, multiplier: 3, maxAttempts: 4, jitter: 0.5, maxDelay: PT1M }
  - { name: steady, delay: PT2S, increment: PT2S, maxAttempts: 2, jitter: PT1S }
auth:
  - { name: desk, scheme: basic, properties: { username: desk, password: '\${ $SECRETS.deskAccount.password }' } }
  - { name: cloud, scheme: oauth2, properties: { authority: 'https://login.example.com', grantType: clientCredentials, clientId: parcels, scopes: [read] } }
  - { name: plain, scheme: bearer, properties: { token: abc } }
secrets: [deskAccount]
constants: { limits: { heavy: 20 }, greeting: { en: Hello } }
${rest}`;

const cases: [string, string][] = [
  [
    'operations: calls, data filters, conditions, pauses, retries, secrets',
    `start: Look
states:
  - name: Look
    type: operation
    stateDataFilter: { input: '\${ .request }', output: '\${ { parcel: .parcel } }' }
    actions:
      - functionRef: { refName: find, arguments: { id: '\${ .id }', key: '\${ $SECRETS.deskAccount.key }' } }
        actionDataFilter: { results: '\${ .items[0] }', toStateData: '\${ .parcel }' }
        sleep: { before: PT1S, after: PT2S }
      - name: weigh it
        condition: '\${ .parcel != null }'
        functionRef: { refName: weigh, arguments: { code: '\${ .code }' } }
        actionDataFilter: { fromStateData: '\${ .parcel }', results: '\${ .weight }' }
        retryRef: patient
        retryableErrors: [Broken scale]
      - functionRef: { refName: print, arguments: { text: 'Parcel \${ .parcel.code }' }, invoke: async }
        actionDataFilter: { useResults: false }
    timeouts: { stateExecTimeout: { total: PT1M }, actionExecTimeout: PT10S }
    onErrors: [{ errorRef: Not found, transition: Tell }]
    transition: Heavy
  - name: Heavy
    type: switch
    dataConditions:
      - { name: heavy, condition: '\${ fn:isHeavy }', transition: Ask }
      - { condition: "\${ .parcel.kind == 'letter' }", end: true }
    defaultCondition: { transition: { nextState: Tell, produceEvents: [{ eventRef: Told, data: '\${ .parcel }' }] } }
  - name: Ask
    type: operation
    actionMode: parallel
    actions:
      - functionRef: { refName: search, arguments: { code: '\${ .parcel.code }' , limit: 3 }, selectionSet: '{ code owner { name } }' }
      - functionRef: { refName: rows, arguments: { queryOptions: { filter: code eq 7, top: 1 } } }
      - functionRef: { refName: publish, arguments: { code: '\${ .parcel.code }' } }
      - functionRef: legacy
      - functionRef: isHeavy
      - functionRef: unknown
    compensatedBy: Forget
    transition: Tell
  - name: Tell
    type: inject
    data: { greeting: Hello, template: 'costs \${ not this }' }
    end: { terminate: true, produceEvents: [{ eventRef: Told }] }
  - name: Forget
    type: operation
    usedForCompensation: true
    actions: [{ functionRef: find, retryRef: steady }]
`,
  ],
  [
    'events: waiting for one, for all, for alternatives, callbacks, exchanges',
    `autoRetries: true
states:
  - name: Begin
    type: sleep
    duration: PT5S
    transition: Meet
  - name: Meet
    type: event
    exclusive: false
    onEvents:
      - eventRefs: [Arrived, Lost]
        eventDataFilter: { data: '\${ .news }', toStateData: '\${ .news }' }
        actions: [{ functionRef: find, nonRetryableErrors: [Not found] }]
    timeouts: { eventTimeout: PT1H }
    transition: Choose
  - name: Choose
    type: event
    onEvents:
      - { eventRefs: [Arrived], actions: [{ functionRef: find }] }
      - { eventRefs: [Lost], eventDataFilter: { toStateData: '\${ .loss }' } }
    transition: Wait
  - name: Wait
    type: switch
    eventConditions:
      - { eventRef: Arrived, transition: Back }
      - { name: gone, eventRef: Lost, eventDataFilter: { toStateData: '\${ .loss }' }, end: true }
    timeouts: { eventTimeout: P1D }
    defaultCondition: { transition: Meet }
  - name: Back
    type: callback
    action: { functionRef: find }
    eventRef: Arrived
    eventDataFilter: { results: ignored }
    transition: Exchange
  - name: Exchange
    type: operation
    actions:
      - eventRef: { triggerEventRef: Told, resultEventRef: Arrived, resultEventTimeout: PT1M, data: '\${ .parcel }', contextAttributes: { region: north } }
      - subFlowRef: { workflowId: returnParcel, version: '1', invoke: async, onParentComplete: continue }
    end: { continueAs: { workflowId: nextTracking, data: { id: '\${ .id }' } } }
`,
  ],
  [
    'loops and branches',
    `states:
  - name: Each
    type: foreach
    mode: sequential
    inputCollection: '\${ .parcels }'
    iterationParam: parcel
    outputCollection: '\${ .weights }'
    actions: [{ functionRef: { refName: weigh, arguments: { code: '\${ .parcel.code }' } } }]
    transition: All
  - name: All
    type: foreach
    inputCollection: '\${ .parcels }'
    iterationParam: parcel
    batchSize: 5
    actions:
      - functionRef: { refName: find, arguments: { id: '\${ .parcel.id }' } }
      - functionRef: { refName: weigh, arguments: { code: '\${ .parcel.code }' } }
    transition: Both
  - name: Both
    type: parallel
    completionType: allOf
    timeouts: { branchExecTimeout: PT1M }
    branches:
      - { name: one, actions: [{ functionRef: find }] }
      - { name: two, actions: [{ functionRef: find }, { functionRef: find }] }
    onErrors:
      - { errorRefs: [Not found, Broken scale], transition: Each }
      - { errorRef: Anything, end: true }
    transition: Race
  - name: Race
    type: parallel
    completionType: atLeast
    numCompleted: 1
    branches:
      - { name: one, actions: [{ functionRef: find }] }
      - { name: two, actions: [{ functionRef: find }] }
    metadata: { owner: depot }
    end: true
`,
  ],
  [
    'schedules, timeouts, schemas',
    `start: { stateName: Only, schedule: { cron: { expression: '0 0/15 * * * ?', validUntil: '2030-01-01' }, timezone: Europe/Berlin } }
description: Looks now and then
annotations: [parcels]
metadata: { owner: depot }
dataInputSchema: { schema: 'https://example.com/parcel.json', failOnValidationErrors: true }
timeouts: { workflowExecTimeout: { duration: PT2H, runBefore: Only }, actionExecTimeout: PT20S }
keepActive: true
states:
  - { name: Only, type: operation, actions: [{ functionRef: find }], end: { compensate: true } }
`,
  ],
  [
    'a first state that waits for events',
    `states:
  - name: Start
    type: event
    onEvents:
      - { eventRefs: [Arrived], eventDataFilter: { toStateData: '\${ .arrival }' }, actions: [{ functionRef: find }] }
    end: true
`,
  ],
];

describe('migrateDefinition', () => {
  it.each(cases)('%s', (_, states) => {
    expect(migrated(head(states))).toMatchSnapshot();
  });

  it('reads JSON', () => {
    const json = JSON.stringify({
      key: 'hello',
      specVersion: '0.8',
      states: [{ name: 'Hello', type: 'inject', data: { result: 'Hello' }, end: true }],
    });
    expect(migrated(json)).toMatchSnapshot();
  });

  it.each([
    ["document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\ndo: []\n", 'PL1090'],
    ['id: x\nspecVersion: 0.8\nstates: []\n', 'PL1090'],
    ["id: x\nspecVersion: '0.3'\nstates: [{ name: a }]\n", 'PL1090'],
    ['just text', 'PL1090'],
    ['states: [', 'PL1001'],
  ])('refuses %j', (source, code) => {
    const result = migrateDefinition(source);
    expect(result.ok ? [] : result.error).toEqual([expect.objectContaining({ code })]);
  });

  it('turns damaged definitions into valid ones, or refuses them', () => {
    const random = randomFrom(80);
    const wrong: string[] = [];
    let migratedOnes = 0;
    for (let index = 0; index < 150; index += 1) {
      const [, states = ''] = cases[index % cases.length] ?? [];
      const { root } = parseDefinition(head(states));
      const damaged = damage(toJson(root as SourceNode), random);
      const result = migrateDefinition(JSON.stringify(damaged));
      if (!result.ok) continue;
      migratedOnes += 1;
      const { diagnostics } = validateDefinition(result.value.definition, {});
      const errors = diagnostics.filter((one) => one.severity === 'error');
      wrong.push(...errors.map((one) => `${one.code} ${one.pointer} ${one.message}`));
    }
    expect(wrong).toEqual([]);
    expect(migratedOnes).toBeGreaterThan(100);
  });
});

const damages: Json[] = [42, 'text', '${ .a', '', null, [], {}, true, '${ .b | .c }', ['x']];

/** The value with another one somewhere in it. */
function damage(value: Json, random: () => number): Json {
  const inside = Array.isArray(value) || isJsonObject(value) ? Object.keys(value) : [];
  const key = inside[Math.floor(random() * inside.length)];
  if (key === undefined || random() < 0.1) {
    return damages[Math.floor(random() * damages.length)] ?? null;
  }
  if (Array.isArray(value))
    return value.with(Number(key), damage(value[Number(key)] ?? null, random));
  return { ...(value as JsonObject), [key]: damage((value as JsonObject)[key] ?? null, random) };
}
