import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunQueries } from '../src/runs/run-queries.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const source = `document:
  dsl: 1.0.3
  namespace: test
  name: asked
  version: 0.1.0
do:
  - note: { set: { total: 12 }, export: { as: '\${ . }' } }
  - ask: { call: http, with: { method: get, endpoint: http://192.0.2.1/ask } }
`;

describe('a question to a run', () => {
  it('is answered while the run goes on and when it has ended, and leaves no trace', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const queries = new RunQueries(engine, harness.reader);
    const ask = (expression: string, tenant = tenantId) =>
      queries.answer(tenant, runId, { expression });
    const { runId } = await engine.startRun(await harness.define(source));
    await calls.untilMade(1);
    const expression = '.status, $context.total, .open[].step';
    const { position } = await harness.reader.run(tenantId, runId);
    expect(await ask(expression)).toEqual({ values: ['running', 12, 'do/ask'], position });
    expect(await harness.reader.run(tenantId, runId)).toMatchObject({ position });
    await expect(ask('.status |')).rejects.toMatchObject({
      code: 'invalid',
      errors: [{ pointer: '/expression', message: expect.stringContaining('line 1, column') }],
    });
    await expect(ask('.', 'ten_other')).rejects.toMatchObject({ code: 'not-found' });
    calls.release();
    await harness.untilStatus(runId, 'completed');
    expect((await ask('.status, (.open | length)')).values).toEqual(['completed', 0]);
  });

  it('is not answered by a process that knows less than the journal', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const abandoned = await harness.engine(calls.perform);
    const { runId } = await abandoned.startRun(await harness.define(source));
    await calls.untilMade(1);
    const stale = await abandoned.head(tenantId, runId);
    const engine = await harness.engine(new ScriptedCalls().perform);
    await harness.untilStatus(runId, 'completed');
    const head = () => Promise.resolve(stale);
    const overtaken = new RunQueries({ head }, harness.reader);
    await expect(overtaken.answer(tenantId, runId, { expression: '.' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    const answer = await new RunQueries(engine, harness.reader).answer(tenantId, runId, {
      expression: '.status',
    });
    expect(answer.values).toEqual(['completed']);
  });
});
