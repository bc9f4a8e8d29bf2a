import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine } from '../src/engine/engine.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
const engines: Engine[] = [];

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ graceMs: 0 })));
});
afterAll(async () => {
  await harness.stop();
});

async function engineOf(calls = new ScriptedCalls()): Promise<Engine> {
  const engine = await harness.engine(calls.perform);
  engines.push(engine);
  return engine;
}

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
`;

const runs = (step: string, name: string, rest = '') => `  - ${step}:
      run:
        workflow:
          namespace: test
          name: ${name}
          version: 0.1.0
          input:
            n: \${ .n }
${rest}`;

const calls = (name: string) => `  - ${name}:
      call: http
      with:
        method: get
        endpoint: http://192.0.2.1/${name}
`;

const child = (name: string) =>
  `${head(name)}  - double:\n      set:\n        twice: \${ .n * 2 }\n`;

const childrenOf = (parentRunId: string) =>
  harness.reader.list(tenantId, { query: { parentRunId }, limit: 50 });

describe('a run that runs another', () => {
  it('waits for it and gets its output', async () => {
    const engine = await engineOf();
    await harness.define(child('doubles'));
    const parent = await harness.define(`${head('parent')}${runs('sub', 'doubles')}`);
    const { runId } = await engine.startRun({ ...parent, input: { n: 21 } });
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ twice: 42 });
    const made = await childrenOf(runId);
    expect(made).toMatchObject([
      {
        workflowName: 'doubles',
        status: 'completed',
        startedBy: 'mem_test',
        parent: { runId, step: 'do/sub' },
      },
    ]);
    expect(await childrenOf(made[0]?.id ?? '')).toEqual([]);
  });

  it('does not wait for one that is detached', async () => {
    const script = new ScriptedCalls();
    script.hold = true;
    const engine = await engineOf(script);
    await harness.define(`${head('slow')}${calls('long')}`);
    const detached = runs('sub', 'slow', '        await: false\n');
    const parent = await harness.define(`${head('detaches')}${detached}`);
    const { runId } = await engine.startRun({ ...parent, input: { n: 1 } });
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ n: 1 });
    await script.untilMade(1);
    script.release();
    const [made] = await childrenOf(runId);
    await harness.untilStatus(made?.id ?? '', 'completed');
  });

  it('fails as it fails, and may catch that', async () => {
    const engine = await engineOf();
    const raise = `  - refuse:\n      raise:\n        error:\n          type: https://example.com/no\n          status: 409\n          title: No\n`;
    await harness.define(`${head('refuses')}${raise}`);
    const failing = await harness.define(`${head('fails')}${runs('sub', 'refuses')}`);
    const { runId } = await engine.startRun({ ...failing, input: { n: 1 } });
    const failed = await harness.untilStatus(runId, 'failed');
    expect(failed.error).toMatchObject({ type: 'https://example.com/no', status: 409 });
    expect(failed.error?.instance).toBe('/do/0/sub');

    const absent = await harness.define(`${head('asks')}${runs('sub', 'nobody')}`);
    const asked = await engine.startRun({ ...absent, input: { n: 1 } });
    expect((await harness.untilStatus(asked.runId, 'failed')).error).toMatchObject({
      title: 'No such workflow',
      status: 404,
    });
  });

  it('takes it along when it is cancelled', async () => {
    const script = new ScriptedCalls();
    script.hold = true;
    const engine = await engineOf(script);
    await harness.define(`${head('stuck')}${calls('never')}`);
    const parent = await harness.define(`${head('gives-up')}${runs('sub', 'stuck')}`);
    const { runId } = await engine.startRun({ ...parent, input: { n: 1 } });
    await script.untilMade(1);
    const waiting = await harness.untilStatus(runId, 'waiting');
    const [made] = await childrenOf(runId);
    expect(waiting.waitingFor).toMatchObject([{ kind: 'run', step: 'do/sub', runId: made?.id }]);
    await engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    await harness.untilStatus(runId, 'cancelled');
    await harness.untilStatus(made?.id ?? '', 'cancelled');
  });

  it('runs itself only so deep', async () => {
    const engine = await engineOf();
    const endless = await harness.define(`${head('endless')}${runs('sub', 'endless')}`);
    const { runId } = await engine.startRun({ ...endless, input: { n: 1 } });
    const failed = await harness.untilStatus(runId, 'failed');
    expect(failed.error).toMatchObject({ title: 'Too many runs inside one another' });
    expect(await harness.reader.list(tenantId, { query: {}, limit: 100 })).toEqual(
      expect.arrayContaining([expect.objectContaining({ workflowName: 'endless' })]),
    );
  });

  it('hears what was said while no engine was there, and hears it once', async () => {
    const script = new ScriptedCalls();
    script.hold = true;
    await engineOf(script);
    await harness.define(`${head('answers')}${calls('one')}`);
    const twice = `${runs('first', 'answers')}${runs('second', 'answers')}`;
    const parent = await harness.define(`${head('asks-twice')}${twice}`);
    const engine = engines[0];
    const started = await engine?.startRun({ ...parent, input: { n: 1 } });
    await script.untilMade(1);
    await engine?.stop({ graceMs: 0 }); // the child's call is given up, and sent again below
    engines.length = 0;

    const rest = new ScriptedCalls();
    await engineOf(rest);
    await harness.untilStatus(started?.runId ?? '', 'completed');
    expect((await childrenOf(started?.runId ?? '')).map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
    expect(rest.made).toHaveLength(2);
    expect(await harness.unheard()).toBe(0);
  });
});
