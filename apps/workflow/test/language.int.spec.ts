import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@parley/contracts';
import { timeline } from '@parley/engine';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
`;

describe('what a run emits', () => {
  const source = `${head('emits')}do:
  - tell:
      emit:
        event:
          with: { source: 'https://a.example', type: com.example.told, data: { n: '\${ .n }' } }
`;

  it('is on the bus when it is durable, and again under the same id after a crash', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await engine.startRun({ ...(await harness.define(source)), input: { n: 7 } });
    const run = await harness.untilStatus(runId, 'completed');
    const seen: EventEnvelope[] = [];
    const see = (events: readonly EventEnvelope[]) => {
      seen.push(...events.filter(({ type }) => type === 'parley.workflow.event.emitted.v1'));
    };
    // The first relay dies between the bus and its cursor.
    await relayed(
      (events) => {
        see(events);
        return Promise.reject(new Error('the process is gone'));
      },
      () => seen.length > 0,
    );
    const publish = (events: readonly EventEnvelope[]) => Promise.resolve(see(events));
    await relayed(publish, () => seen.length > 1);
    await relayed(publish);
    const [first, again] = seen;
    expect(seen).toHaveLength(2);
    expect(again).toEqual(first);
    expect(first?.data).toEqual({
      runId,
      workflowId: 'wf_test',
      step: 'do/tell',
      event: run.output,
    });
    expect(run.output).toMatchObject({
      specversion: '1.0',
      source: 'https://a.example',
      type: 'com.example.told',
      data: { n: 7 },
    });
  });

  /** Relays until something has happened, or for a moment in which nothing is to happen. */
  async function relayed(
    publish: (events: readonly EventEnvelope[]) => Promise<void>,
    hasHappened?: () => boolean,
  ) {
    const relay = harness.relay({ publish });
    relay.hint();
    do await new Promise((done) => setTimeout(done, hasHappened ? 5 : 200));
    while (hasHappened?.() === false);
    await relay.stop();
  }
});

describe('a map', () => {
  it('goes on with the items that were open when the process was gone', async () => {
    const source = `${head('maps')}do:
  - each:
      call: map
      with:
        in: '\${ [1, 2, 3] }'
        concurrency: 2
        do:
          - ask: { call: http, with: { method: get, endpoint: 'http://192.0.2.1/{n}' }, input: { from: '\${ { n: $item } }' } }
          - keep: { set: { item: '\${ $item }', got: '\${ .node }' } }
`;
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const { runId } = await abandoned.startRun(await harness.define(source));
    await hold.untilMade(2);
    const after = new ScriptedCalls();
    await harness.engine(after.perform);
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual([1, 2, 3].map((item) => ({ item, got: 'do/each/with/do/ask' })));
    expect(hold.made).toHaveLength(2);
    expect(after.made).toHaveLength(3);
  });
});

describe('a schema of a task', () => {
  const source = (type: string) => `${head(`schema-${type}`)}do:
  - made:
      set: { n: 7 }
      output: { schema: { document: { type: object, properties: { n: { type: ${type} } } } } }
`;

  it('lets pass what fits it, and fails the task for anything else', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const fits = await engine.startRun(await harness.define(source('integer')));
    await harness.untilStatus(fits.runId, 'completed');
    const misfit = await engine.startRun(await harness.define(source('string')));
    const run = await harness.untilStatus(misfit.runId, 'failed');
    expect(run.error).toMatchObject({
      type: expect.stringMatching(/validation$/),
      title: 'The output does not fit its schema',
      detail: '/n must be string',
      instance: '/do/0/made',
    });
  });
});

describe('a call that proves itself', () => {
  it('shows nobody with what', async () => {
    const source = `${head('proves')}do:
  - login:
      call: http
      with:
        method: get
        endpoint:
          uri: http://192.0.2.1/login
          authentication: { basic: { username: ada, password: '\${ .password }' } }
`;
    const calls = new ScriptedCalls();
    const engine = await harness.engine(calls.perform);
    const start = await harness.define(source);
    const { runId } = await engine.startRun({ ...start, input: { password: 'pass-7' } });
    await harness.untilStatus(runId, 'completed');
    const { turns } = await harness.reader.journal(tenantId, runId);
    const steps = timeline(turns.flatMap(({ entries }) => entries));
    expect(steps[0]?.call?.args).toMatchObject({
      authentication: { basic: { username: 'ada', password: '[redacted]' } },
    });
  });
});
