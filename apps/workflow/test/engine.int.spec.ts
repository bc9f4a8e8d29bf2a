import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAppError } from '@parley/kernel';
import type { Engine, Started, StartRequest } from '../src/engine/engine.js';
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

const call = (name: string, method: string) => `  - ${name}:
      call: http
      with:
        method: ${method}
        endpoint: http://192.0.2.1/${name}
`;

const twoCalls = (method: string) =>
  `${head(`two-calls-${method}`)}do:\n${call('first', method)}${call('second', method)}`;

describe('a run', () => {
  it('is durable when its start is accepted, and runs to its end', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(calls.perform);
    const { runId, repeated } = await engine.startRun(await harness.define(twoCalls('get')));
    expect(repeated).toBe(false);
    expect((await harness.reader.run(tenantId, runId)).position).toBeGreaterThan(0);
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ node: 'do/second' });
    expect(calls.made.map(({ node }) => node)).toEqual(['do/first', 'do/second']);
  });

  it('releases no call before its cause is durable', async () => {
    const positions: number[] = [];
    const engine = await harness.engine(async (run) => {
      positions.push((await harness.reader.run(tenantId, run.runId)).position);
      return { kind: 'completed', output: null };
    });
    const { runId } = await engine.startRun(await harness.define(twoCalls('get')));
    await harness.untilStatus(runId, 'completed');
    expect(positions).toEqual([1, 2]);
  });

  it('waits without an engine and fires when there is one again', async () => {
    const source = `${head('waits')}do:\n  - pause:\n      wait: PT0.3S\n${call('after', 'get')}`;
    const first = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await first.startRun(await harness.define(source));
    expect((await harness.reader.run(tenantId, runId)).status).toBe('waiting');
    await first.stop();
    const calls = new ScriptedCalls();
    await harness.engine(calls.perform);
    await harness.untilStatus(runId, 'completed');
    expect(calls.made).toHaveLength(1);
  });
});

describe('a run of which every step is to be durable before the next', () => {
  it('commits once per step, and ends as it does otherwise', async () => {
    const source = `${head('steps')}do:
  - one: { set: { n: 1 } }
  - two: { set: { n: '\${ .n + 1 }' } }
  - three: { set: { n: '\${ .n + 1 }' } }
`;
    const request = await harness.define(source);
    const together = await harness.engine(new ScriptedCalls().perform);
    const { runId: inOneTurn } = await together.startRun(request);
    await together.stop();
    const positions: number[] = [];
    const apart = await harness.engine(new ScriptedCalls().perform, {
      stepsPerTurn: 1,
      onChange: ({ position }) => positions.push(position),
    });
    const { runId } = await apart.startRun(request);
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ n: 3 });
    expect(positions).toEqual([1, 2, 3, 4]);
    expect((await harness.reader.run(tenantId, inOneTurn)).position).toBe(1);
  });
});

describe('after the process is gone', () => {
  it('re-sends the safe call in flight with the same key, and no finished one', async () => {
    const start = await harness.define(twoCalls('get'));
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const { runId } = await abandoned.startRun(start);
    await hold.untilMade(1);
    const after = new ScriptedCalls();
    await harness.engine(after.perform);
    await harness.untilStatus(runId, 'completed');
    expect(after.made.map(({ node }) => node)).toEqual(['do/first', 'do/second']);
    expect(after.made[0]?.key).toBe(hold.made[0]?.key);
  });

  it('does not repeat a call whose outcome nobody knows: the run fails and says so', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const { runId } = await abandoned.startRun(await harness.define(twoCalls('post')));
    await hold.untilMade(1);
    const after = new ScriptedCalls();
    const engine = await harness.engine(after.perform);
    const failed = await harness.untilStatus(runId, 'failed');
    expect(failed.error?.type).toContain('unknown-outcome');
    expect(after.made).toEqual([]);

    await engine.apply(runId, { kind: 'retryStep', by: 'mem_test' }, { tenantId });
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ node: 'do/second' });
  });

  it('a process that was overtaken writes nothing and says that it is', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    let fenced = 0;
    const zombie = await harness.engine(hold.perform, { onFenced: () => (fenced += 1) });
    const { runId } = await zombie.startRun(await harness.define(twoCalls('get')));
    await hold.untilMade(1);
    await harness.engine(new ScriptedCalls().perform);
    const run = await harness.untilStatus(runId, 'completed');
    hold.release();
    const start = await harness.define(twoCalls('get'));
    await expect(zombie.startRun(start)).rejects.toMatchObject({ code: 'unavailable' });
    while (fenced === 0) await new Promise((done) => setTimeout(done, 10));
    expect(fenced).toBe(1);
    expect((await harness.reader.run(tenantId, runId)).position).toBe(run.position);
  });
});

describe('a start with an idempotency key', () => {
  it('is the first run for everybody who uses the key again', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(calls.perform);
    const start = await harness.define(twoCalls('get'));
    const keyed = { ...start, key: { key: 'order-7', fingerprint: 'a' } };
    const first = await engine.startRun(keyed);
    const again = await engine.startRun(keyed);
    expect(again).toEqual({ runId: first.runId, repeated: true });
    const other = { ...start, key: { key: 'order-7', fingerprint: 'b' } };
    await expect(engine.startRun(other)).rejects.toMatchObject({ code: 'key-reused' });

    const both = [engine.startRun({ ...keyed, key: { key: 'order-8', fingerprint: 'a' } })];
    const second = engine.startRun({ ...keyed, key: { key: 'order-8', fingerprint: 'a' } });
    await expect(second).rejects.toMatchObject({ code: 'in-flight' });
    await Promise.all(both);
  });
});

describe('while the database is in trouble', () => {
  /** A start that is refused was not accepted: with a key it can be asked again until it is. */
  async function startUntilAccepted(engine: Engine, start: StartRequest): Promise<Started> {
    for (;;) {
      try {
        return await engine.startRun(start);
      } catch (error) {
        if (!isAppError(error) || error.code !== 'unavailable') throw error;
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  it('loses no run and repeats no finished step when connections break', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(calls.perform);
    const start = await harness.define(twoCalls('get'));
    const starts = Array.from({ length: 40 }, (_, at) =>
      startUntilAccepted(engine, {
        ...start,
        key: { key: `broken-${String(at)}`, fingerprint: 'a' },
      }),
    );
    for (let i = 0; i < 5; i++) {
      await harness.breakConnections();
      await new Promise((done) => setTimeout(done, 20));
    }
    const runs = await Promise.all(starts);
    for (const { runId } of runs) await harness.untilStatus(runId, 'completed');
    const started = new Set(runs.map(({ runId }) => runId));
    const keys = calls.made.filter(({ runId }) => started.has(runId)).map(({ key }) => key);
    expect(new Set(keys).size).toBe(80);
    expect(keys).toHaveLength(80);
  }, 60_000);

  it('keeps what text columns cannot hold', async () => {
    const title = 'no \u0000 here';
    const error = { type: 'about:blank', status: 400, title };
    const engine = await harness.engine(() =>
      Promise.resolve({ kind: 'failed', outcome: 'definitive', error }),
    );
    const { runId } = await engine.startRun(await harness.define(twoCalls('get')));
    const run = await harness.untilStatus(runId, 'failed');
    expect(run.error?.title).toBe('no \ufffd here');
  });

  it('fails the step whose answer is nested too deeply to be kept', async () => {
    const depth = 100_000;
    const deep = JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as never[];
    let made = 0;
    const engine = await harness.engine(() => {
      made += 1;
      return Promise.resolve({ kind: 'completed', output: deep });
    });
    const { runId } = await engine.startRun(await harness.define(twoCalls('get')));
    const run = await harness.untilStatus(runId, 'failed');
    expect(run.error?.title).toBe('The answer could not be stored');
    expect(made).toBe(1);
  });
});
