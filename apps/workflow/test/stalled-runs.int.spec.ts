import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine } from '../src/engine/engine.js';
import { StallAudit } from '../src/stalled/stall-audit.js';
import { StalledRuns } from '../src/stalled/stalled-runs.pg.js';
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

const later = () => Date.now() + 120_000;

async function engineOf(calls = new ScriptedCalls()): Promise<Engine> {
  const engine = await harness.engine(calls.perform);
  engines.push(engine);
  return engine;
}

function auditOf(engine: Engine): StallAudit {
  return new StallAudit({
    store: new StalledRuns(harness.system, harness.app),
    owned: () => engine.partitions.owned,
    idle: (tenant, runId) => engine.idle(tenant, runId),
    now: later,
    onFound: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
}

/** All the way round. */
async function found(audit: StallAudit): Promise<string[]> {
  const runs = [...(await audit.look()), ...(await audit.look())];
  return runs.map(({ runId }) => runId);
}

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0
do:
`;
const waits = `${head('waits')}  - rest: { wait: PT1H }\n  - done: { set: { done: true } }\n`;
const calls = `${head('calls')}  - far: { call: http, with: { method: get, endpoint: http://192.0.2.1/ } }\n`;
const asks = `${head('asks')}  - ask: { call: human, with: { title: Well, assignee: { role: owner } } }\n`;
const listens = `${head('listens')}  - hear: { listen: { to: { one: { with: { type: com.example.x } } } } }\n`;
const works = `${head('works')}  - work: { call: worker, with: { queue: q, task: t } }\n`;
const parent = `${head('parent')}  - sub: { run: { workflow: { namespace: test, name: waits, version: 0.1.0 } } }\n`;

const stalledRuns = () => harness.reader.list(tenantId, { query: { stalled: 'true' }, limit: 10 });

describe('the audit of stalled runs', () => {
  it('finds a run whose timer was lost, once, and forgets it when it moves', async () => {
    const engine = await engineOf();
    const { runId } = await engine.startRun(await harness.define(waits));
    const audit = auditOf(engine);
    expect(await found(audit)).toEqual([]);
    await harness.system.query('DELETE FROM timer WHERE run_id = $1', [runId]);
    expect(await found(audit)).toEqual([runId]);
    expect(await found(audit)).toEqual([]);
    expect((await harness.reader.run(tenantId, runId)).stalledSince).toBeDefined();
    expect(await stalledRuns()).toMatchObject([{ id: runId, status: 'waiting' }]);
    const { rows } = await harness.system.query<{ event: string }>(
      "SELECT event FROM outbox WHERE event LIKE '%workflow.run.stalled%'",
    );
    const data = { runId, workflowId: 'wf_test' };
    expect(rows.map(({ event }) => JSON.parse(event) as unknown)).toMatchObject([{ data }]);
    const skip = { kind: 'skipStep', by: 'mem_test', occurrence: 'do/rest' } as const;
    expect(await engine.apply(runId, skip, { tenantId })).toBeUndefined();
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.stalledSince).toBeUndefined();
    expect(await stalledRuns()).toEqual([]);
    await found(audit);
    const left = await harness.system.query('SELECT run_id FROM stalled_run');
    expect(left.rows).toEqual([]);
  });

  it('leaves those alone that wait for something', async () => {
    const held = new ScriptedCalls();
    held.hold = true;
    const engine = await engineOf(held);
    for (const source of [waits, calls, asks, listens, parent, works]) {
      await engine.startRun(await harness.define(source));
    }
    const suspended = await engine.startRun(await harness.define(waits));
    await engine.apply(suspended.runId, { kind: 'suspend', by: 'mem_test' }, { tenantId });
    await harness.system.query('DELETE FROM timer WHERE run_id = $1', [suspended.runId]);
    await held.untilMade(1);
    expect(await found(auditOf(engine))).toEqual([]);
  });

  it('finds what the tables alone cannot tell from a run at work', async () => {
    const held = new ScriptedCalls();
    held.hold = true;
    const engine = await engineOf(held);
    const asked = await engine.startRun(await harness.define(asks));
    await harness.system.query("UPDATE approval SET status = 'cancelled' WHERE run_id = $1", [
      asked.runId,
    ]);
    expect(await found(auditOf(engine))).toEqual([asked.runId]);
  });

  it('lets others judge the runs of their partitions', async () => {
    const engine = await engineOf();
    const { runId } = await engine.startRun(await harness.define(waits));
    await harness.system.query('DELETE FROM timer WHERE run_id = $1', [runId]);
    const audit = new StallAudit({
      store: new StalledRuns(harness.system, harness.app),
      owned: () => [],
      idle: (tenant, id) => engine.idle(tenant, id),
      now: later,
      onFound: () => undefined,
      onError: () => undefined,
    });
    expect(await found(audit)).toEqual([]);
    expect(await found(auditOf(engine))).toEqual([runId]);
  });
});
