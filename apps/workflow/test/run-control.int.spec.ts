import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StimulusBody } from '@parley/engine';
import type { Engine } from '../src/engine/engine.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const by = 'mem_test';
const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
`;
const call = (name: string, method = 'get') => `  - ${name}:
      call: http
      with: { method: ${method}, endpoint: http://192.0.2.1/${name} }
`;
const twoCalls = `${head('two-calls')}do:\n${call('first')}${call('second')}`;

const give = (engine: Engine, runId: string, command: StimulusBody) =>
  engine.apply(runId, command, { tenantId });

describe('a suspended run', () => {
  it('takes the answer of a call, and sends the next one when it is resumed', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await harness.define(twoCalls));
    await calls.untilMade(1);
    expect(await give(engine, runId, { kind: 'suspend', by, reason: 'why' })).toBeUndefined();
    const suspended = await harness.reader.run(tenantId, runId);
    expect(suspended).toMatchObject({
      status: 'suspended',
      waitingFor: [
        { kind: 'resume', who: 'member mem_test' },
        { kind: 'call', step: 'do/first' },
      ],
    });
    calls.release();
    while ((await harness.reader.run(tenantId, runId)).waitingFor.length > 1);
    expect(calls.made).toHaveLength(1);
    await give(engine, runId, { kind: 'resume', by });
    await harness.untilStatus(runId, 'completed');
    expect(calls.made.map(({ node }) => node)).toEqual(['do/first', 'do/second']);
  });

  it('sends what a dead process had called only when it is resumed', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const { runId } = await abandoned.startRun(await harness.define(twoCalls));
    await hold.untilMade(1);
    await give(abandoned, runId, { kind: 'suspend', by });
    const after = new ScriptedCalls();
    const engine = await harness.engine(after.perform);
    // Whoever takes a command has been recovered before.
    expect(await give(engine, runId, { kind: 'suspend', by })).toMatchObject({
      reason: 'not-allowed',
    });
    expect(after.made).toEqual([]);
    await give(engine, runId, { kind: 'resume', by });
    await harness.untilStatus(runId, 'completed');
    expect(after.made.map(({ node }) => node)).toEqual(['do/first', 'do/second']);
    expect(after.made[0]?.key).toBe(hold.made[0]?.key);
  });

  it('learns after a crash that nobody knows what became of a call', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const source = `${head('once')}do:\n${call('first', 'post')}`;
    const { runId } = await abandoned.startRun(await harness.define(source));
    await hold.untilMade(1);
    await give(abandoned, runId, { kind: 'suspend', by });
    const after = new ScriptedCalls();
    const engine = await harness.engine(after.perform);
    const failed = await harness.untilStatus(runId, 'failed');
    expect(failed.error?.type).toContain('unknown-outcome');
    expect(await give(engine, runId, { kind: 'skipStep', by, output: { ok: 1 } })).toBeUndefined();
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ ok: 1 });
    expect(after.made).toEqual([]);
  });
});

describe('a run that is terminated', () => {
  it('ends at once; its calls are given up and their answers dropped', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await harness.define(twoCalls));
    await calls.untilMade(1);
    await give(engine, runId, { kind: 'terminate', by });
    const run = await harness.reader.run(tenantId, runId);
    expect(run).toMatchObject({ status: 'terminated', waitingFor: [] });
    expect(run.endedAt).toBeDefined();
    calls.release();
    const late = { kind: 'completed', occurrence: 'do/first', attempt: 1, output: {} } as const;
    expect(await give(engine, runId, late)).toMatchObject({ reason: 'stale' });
    expect((await harness.reader.run(tenantId, runId)).position).toBe(run.position);
  });
});
