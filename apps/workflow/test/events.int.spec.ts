import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@parley/kernel';
import { arrivedEvent } from '../src/events/arrived-event.js';
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
do:
`;

const listens = (name: string, type: string) => `${head(name)}  - hear:
      listen:
        to:
          one:
            with:
              type: ${type}
            correlate:
              order:
                from: .data.order
                expect: \${ .order }
`;

const event = (type: string, id: string, data: JsonObject, runId?: string) =>
  arrivedEvent(tenantId, { specversion: '1.0', source: '/test', type, id, data }, runId);

const engineNow = () => harness.engine(new ScriptedCalls().perform);

describe('an event', () => {
  it('is brought to the runs that want it, and to no others', async () => {
    const engine = await engineNow();
    const start = await harness.define(listens('waits-paid', 'paid'));
    const runs = await Promise.all(
      [1, 2].map((order) => engine.startRun({ ...start, input: { order } })),
    );
    const [first, second] = runs.map(({ runId }) => runId);
    await harness.bringer.arrived([event('paid', 'e1', { order: 2 })]);
    expect((await harness.untilStatus(second ?? '', 'completed')).output).toEqual([{ order: 2 }]);
    expect((await harness.reader.run(tenantId, first ?? '')).status).toBe('waiting');
    expect((await harness.reader.run(tenantId, first ?? '')).waitingFor).toMatchObject([
      { kind: 'event', step: 'do/hear' },
    ]);
    await harness.bringer.arrived([event('paid', 'e2', { order: 1 })]);
    await harness.untilStatus(first ?? '', 'completed');
  });

  it('that a run emits is heard by another', async () => {
    const engine = await engineNow();
    const relay = harness.relay({ publish: () => Promise.resolve() });
    const waiting = await engine.startRun({
      ...(await harness.define(listens('waits-told', 'told'))),
      input: { order: 7 },
    });
    const emits = `${head('tells')}  - tell:
      emit:
        event:
          with:
            type: told
            data: { order: 7 }
`;
    await engine.startRun(await harness.define(emits));
    relay.hint();
    expect((await harness.untilStatus(waiting.runId, 'completed')).output).toEqual([{ order: 7 }]);
    await relay.stop();
  });

  it('that came shortly before is heard, but not one that the run has heard, nor from before it', async () => {
    const engine = await engineNow();
    await harness.bringer.arrived([event('step', 'before', { n: 0 })]);
    const twice = ['first', 'second']
      .map(
        (name) => `  - ${name}:
      listen:
        to:
          one:
            with:
              type: step
`,
      )
      .join('');
    const start = await harness.define(`${head('hears-twice')}${twice}`);
    const { runId } = await engine.startRun(start);
    await harness.bringer.arrived([event('step', 'a', { n: 1 }), event('step', 'b', { n: 2 })]);
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual([{ n: 2 }]);
  });

  it('is heard once, also when it is told twice and while no engine is there', async () => {
    const engine = await engineNow();
    const counts = `${head('counts')}  - hear:
      listen:
        to:
          any: []
          until: length >= 3
`;
    const { runId } = await engine.startRun(await harness.define(counts));
    const first = event('count', '1', { n: 1 });
    await harness.bringer.arrived([first]);
    await harness.bringer.arrived([first]);
    await engine.stop({ graceMs: 0 });
    await harness.bringer.arrived([event('count', '2', { n: 2 })]);
    await harness.bringer.arrived([first]);
    await engineNow();
    await harness.bringer.arrived([event('count', '3', { n: 3 })]);
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  it('that comes again is not heard by a task that has begun to listen since', async () => {
    const engine = await engineNow();
    const task = (name: string) => `  - ${name}:
      listen:
        to:
          one:
            with:
              type: again
`;
    const start = await harness.define(`${head('hears-on')}${task('first')}${task('second')}`);
    const { runId } = await engine.startRun(start);
    const told = event('again', 'r1', { n: 1 });
    await harness.bringer.arrived([told]);
    const waitsFor = async () => (await harness.reader.run(tenantId, runId)).waitingFor[0];
    while ((await waitsFor())?.step !== 'do/second')
      await new Promise((done) => setTimeout(done, 5));
    await harness.bringer.arrived([told]);
    await harness.bringer.arrived([event('again', 'r2', { n: 2 })]);
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual([{ n: 2 }]);
  });

  it('for one run is heard by that run alone', async () => {
    const engine = await engineNow();
    const start = await harness.define(listens('waits-signal', 'signal'));
    const [one, other] = await Promise.all(
      [1, 2].map(() => engine.startRun({ ...start, input: { order: 1 } })),
    );
    await harness.bringer.arrived([event('signal', 's1', { order: 1 }, one?.runId)]);
    await harness.untilStatus(one?.runId ?? '', 'completed');
    expect((await harness.reader.run(tenantId, other?.runId ?? '')).status).toBe('waiting');
  });

  it('of another tenant is not heard', async () => {
    const engine = await engineNow();
    const start = await harness.define(listens('waits-own', 'own'));
    const { runId } = await engine.startRun({ ...start, input: { order: 1 } });
    const foreign = { ...event('own', 'f', { order: 1 }), tenantId: 'ten_other' };
    await harness.bringer.arrived([foreign]);
    expect((await harness.reader.run(tenantId, runId)).status).toBe('waiting');
    await harness.bringer.arrived([event('own', 'f', { order: 1 })]);
    await harness.untilStatus(runId, 'completed');
  });
});
