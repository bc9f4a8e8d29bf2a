import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunReplays } from '../src/runs/run-replays.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(async () => {
  await harness.stop();
});

const call = (name: string, method = 'get') => `  - ${name}:
      call: http
      with: { method: ${method}, endpoint: http://192.0.2.1/${name} }
`;
const source = `document:
  dsl: 1.0.3
  namespace: test
  name: replayed
  version: 0.1.0
do:
${call('look')}  - large: { set: { text: '\${ ["x" * 30000] }', found: '\${ .node }' } }
${call('order', 'post')}${call('tell')}`;

const nodesOf = ({ made }: ScriptedCalls) => made.map(({ node }) => node);

describe('a run that is run again', () => {
  it('begins at a step, with what was recorded; a process that takes over goes on with it', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(calls.perform);
    const request = await harness.define(source);
    const first = await engine.startRun({ ...request, input: { n: 1 } });
    await harness.untilStatus(first.runId, 'completed');
    const replays = new RunReplays(harness.reader);
    const query = { step: 'do/order', mode: 'freeze' } as const;
    const { preview, from } = await replays.plan(tenantId, first.runId, query);
    expect(preview).toMatchObject({
      step: 'do/order',
      name: 'order',
      reused: 2,
      repeatCount: 2,
      input: { truncated: true },
      repeats: [
        { step: 'do/order', calls: 'POST http://192.0.2.1/order' },
        { step: 'do/tell', calls: 'GET http://192.0.2.1/tell' },
      ],
    });
    calls.hold = true;
    const { runId } = await engine.startRun({
      ...request,
      input: { n: 1 },
      rerunOf: first.runId,
      ...(from === undefined ? {} : { from }),
    });
    await calls.untilMade(4);
    expect(await harness.reader.run(tenantId, runId)).toMatchObject({
      status: 'running',
      rerunOf: first.runId,
      input: { n: 1 },
      waitingFor: [{ kind: 'call', step: 'do/order!2' }],
    });
    expect(calls.made.at(-1)?.key).not.toBe(calls.made[1]?.key);
    const after = new ScriptedCalls();
    await harness.engine(after.perform);
    // The order must not be repeated by itself: nobody knows what became of it.
    const failed = await harness.untilStatus(runId, 'failed');
    expect(failed).toMatchObject({ failedStep: 'do/order!2' });
    expect(nodesOf(after)).toEqual([]);
  });

  it('is not what was seen when something else would repeat', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await harness.define(source));
    await calls.untilMade(1);
    const replays = new RunReplays(harness.reader);
    const { preview } = await replays.plan(tenantId, runId, { mode: 'live' });
    expect(preview).toMatchObject({ repeatCount: 1, reused: 0 });
    const body = { mode: 'live', seen: preview.seen } as const;
    expect((await replays.confirmed(tenantId, runId, body)).input).toEqual({});
    calls.release();
    await harness.untilStatus(runId, 'completed');
    await expect(replays.confirmed(tenantId, runId, body)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it.each([
    ['a step that it never began', { step: 'do/never', mode: 'freeze' }, 'not-found'],
    ['no step', { mode: 'freeze' }, 'invalid'],
  ] as const)('does not begin with %s', async (_what, query, code) => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await engine.startRun(await harness.define(source));
    await harness.untilStatus(runId, 'completed');
    const replays = new RunReplays(harness.reader);
    await expect(replays.plan(tenantId, runId, query)).rejects.toMatchObject({ code });
    await expect(replays.plan('ten_other', runId, query)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
