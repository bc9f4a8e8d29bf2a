import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine, StartRequest } from '../src/engine/engine.js';
import { batchOf, EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
const engines: Engine[] = [];

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ graceMs: 0 })));
});
afterAll(() => harness.stop());

async function engineOf(calls = new ScriptedCalls()): Promise<Engine> {
  const engine = await harness.engine(calls.perform);
  engines.push(engine);
  return engine;
}

const head = (name: string, priority?: string) => `document:
  dsl: 1.0.3
  namespace: test
  name: ${name}
  version: 0.1.0${priority === undefined ? '' : `\n  metadata: { priority: ${priority} }`}
do:
`;
const calls = `  - ask:
      call: http
      with: { method: get, endpoint: http://192.0.2.1/ask }
`;
const sets = '  - set: { set: { done: true } }\n';
const gives = (queue: string, more = '') =>
  `  - give:\n      call: worker\n      with: { queue: ${queue}, task: pack, input: '\${ . }'${more} }\n`;

async function started(engine: Engine, request: StartRequest) {
  const { runId } = await engine.startRun(request);
  const { run, turns } = await harness.reader.journal(tenantId, runId);
  const [entry] = turns.flatMap(({ entries }) => entries);
  return { run, entry };
}

async function poll(queue: string): Promise<unknown[]> {
  const poll = { worker: 'w', max: 10, leaseMs: 60_000 };
  const [tasks = []] = await harness.workerStore().lease({ tenantId, queue }, [poll]);
  return tasks.map(({ input }) => input);
}

describe('the priority of a run', () => {
  it('is what its start says, else its definition, else medium; the journal has what is not medium', async () => {
    const engine = await engineOf();
    const low = await harness.define(`${head('low', 'low')}${sets}`);
    const plain = await harness.define(`${head('plain')}${sets}`);
    const cases = [
      [low, 'low'],
      [{ ...low, priority: 'high' }, 'high'],
      [{ ...low, priority: 'medium' }, undefined],
      [plain, undefined],
      [{ ...plain, priority: 'low' }, 'low'],
    ] as const;
    for (const [request, priority] of cases) {
      const { run, entry } = await started(engine, request);
      expect([run.priority, (entry as { priority?: string }).priority]).toEqual([
        priority,
        priority,
      ]);
    }
  });

  it('is that of the run which waits for it, whatever its own definition says', async () => {
    const engine = await engineOf();
    await harness.define(`${head('slow-child', 'low')}${sets}`);
    const parent = await harness.define(
      `${head('urgent-parent')}  - sub:\n      run: { workflow: { namespace: test, name: slow-child, version: 0.1.0 } }\n`,
    );
    const { runId } = await engine.startRun({ ...parent, priority: 'high' });
    await harness.untilStatus(runId, 'completed');
    const query = { parentRunId: runId };
    const [child] = await harness.reader.list(tenantId, { query, limit: 1 });
    expect(child).toMatchObject({ workflowName: 'slow-child', priority: 'high' });
  });

  it('lets its calls go before others of the tenant, and is known to whoever takes it over', async () => {
    const held = new ScriptedCalls();
    held.hold = true;
    const before = await engineOf(held);
    const request = await harness.define(`${head('calls')}${calls}`);
    const batch = batchOf(Array.from({ length: 80 }, () => ({ ...request, priority: 'low' })));
    await before.startRuns(batch);
    const { runId } = await before.startRun({ ...request, priority: 'high' });
    await held.untilMade(64);
    expect(held.made.map((call) => call.runId)).not.toContain(runId);
    held.release();
    await harness.untilStatus(runId, 'completed');
    expect(held.made[64]?.runId).toBe(runId);
    held.hold = true;
    const next = await before.startRuns(batch);
    const ids = next.flatMap((result) => (result.ok ? result.value.runId : []));
    await Promise.all(engines.splice(0).map((engine) => engine.stop({ graceMs: 0 })));
    const facts = await Promise.all(ids.map((id) => harness.store().loadRun(id)));
    expect(new Set(facts.map((stored) => stored?.facts.priority))).toEqual(new Set(['low']));
  });

  it('says in which order the runs of a batch begin; answers keep theirs', async () => {
    const order: unknown[] = [];
    const inputs = new Map<string, unknown>();
    const engine = await harness.engine(new ScriptedCalls().perform, {
      onChange: ({ row, position }) => {
        if (position !== 1) return;
        order.push(row.input);
        inputs.set(row.runId, row.input);
      },
    });
    engines.push(engine);
    const request = await harness.define(`${head('batch', 'low')}${sets}`);
    const key = (name: string) => ({ key: name, fingerprint: 'f' });
    const results = await engine.startRuns(
      batchOf([
        { ...request, input: 'by definition' },
        { ...request, input: 'medium', priority: 'medium' },
        { ...request, input: 'first of its key', priority: 'low', key: key('twice') },
        { ...request, input: 'high', priority: 'high' },
        { ...request, input: 'repeated', priority: 'high', key: key('twice') },
      ]),
    );
    expect(order).toEqual(['high', 'medium', 'by definition', 'first of its key']);
    const runs = results.map((result) => (result.ok ? result.value : undefined));
    expect(runs.map((run) => inputs.get(run?.runId ?? ''))).toEqual([
      'by definition',
      'medium',
      'first of its key',
      'high',
      'first of its key',
    ]);
    expect(runs[4]).toEqual({ runId: runs[2]?.runId, repeated: true });
  });

  it('is that of its tasks for workers, unless they have one of their own', async () => {
    const engine = await engineOf();
    const give = async (name: string, priority: StartRequest['priority'], own = '') => {
      const request = await harness.define(`${head(`gives-${name}`)}${gives('ranked', own)}`);
      await engine.startRun({ ...request, input: name, ...(priority && { priority }) });
    };
    await give('low', 'low');
    await give('low-but-high', 'low', ', priority: high');
    await give('medium', undefined);
    await give('high', 'high');
    expect(await poll('ranked')).toEqual(['low-but-high', 'high', 'medium', 'low']);
  });

  it('counts the less, the longer its task has waited for a worker: nothing waits for ever', async () => {
    const engine = await engineOf();
    const request = await harness.define(`${head('waits-long')}${gives('aged')}`);
    const give = async (input: string, priority: 'high' | 'low', minutes: number) => {
      const { runId } = await engine.startRun({ ...request, input, priority });
      await harness.system.query(
        `UPDATE worker_task SET turn_at = turn_at - $2 * interval '1 minute' WHERE run_id = $1`,
        [runId, minutes],
      );
    };
    await give('low, new', 'low', 0);
    await give('low, risen once', 'low', 11);
    await give('low, old', 'low', 21);
    await give('high, new', 'high', 0);
    await give('high, older', 'high', 30);
    expect(await poll('aged')).toEqual([
      'high, older',
      'low, old',
      'high, new',
      'low, risen once',
      'low, new',
    ]);
  });
});
