import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runError, type StimulusBody } from '@parley/engine';
import type { Engine } from '../src/engine/engine.js';
import type { PerformCall } from '../src/engine/run-calls.js';
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
do:
`;
const call = (name: string, undo = '') => `  - ${name}:
      call: http
      with: { method: get, endpoint: http://192.0.2.1/${name} }
${undo === '' ? '' : `      metadata: { compensate: ${undo} }\n`}`;
const trip = `${head('trip')}${call('book', 'cancel')}${call('pay', 'refund')}${call('ship')}${call('cancel')}${call('refund')}`;

const give = (engine: Engine, runId: string, command: StimulusBody) =>
  engine.apply(runId, command, { tenantId });

/** Fails the calls of these nodes, once per name. */
function failing(calls: ScriptedCalls, nodes: readonly string[]): PerformCall {
  const left = new Set(nodes);
  return (run, effect, signal) => {
    if (!left.delete(effect.node)) return calls.perform(run, effect, signal);
    const error = runError('communication', 'Refused');
    return Promise.resolve({ kind: 'failed', error, outcome: 'definitive' });
  };
}

const nodesOf = ({ made }: ScriptedCalls) => made.map(({ node }) => node);

describe('a run whose steps can be undone', () => {
  it('undoes them in reverse order when it fails, and has failed then', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(failing(calls, ['do/ship']));
    const { runId } = await engine.startRun(await harness.define(trip));
    const run = await harness.untilStatus(runId, 'failed');
    expect(nodesOf(calls)).toEqual(['do/book', 'do/pay', 'do/refund', 'do/cancel']);
    expect(run).toMatchObject({ failedStep: 'do/ship', error: { title: 'Refused' } });
    expect(await give(engine, runId, { kind: 'retryStep', by })).toMatchObject({
      reason: 'nothing-to-retry',
    });
  });

  it('undoes them when it is cancelled so; a process that takes over goes on with that', async () => {
    const calls = new ScriptedCalls();
    const abandoned = await harness.engine((run, effect, signal) => {
      if (effect.node === 'do/ship' || effect.node === 'do/refund') calls.hold = true;
      return calls.perform(run, effect, signal);
    });
    const { runId } = await abandoned.startRun(await harness.define(trip));
    await calls.untilMade(3);
    expect(await give(abandoned, runId, { kind: 'cancel', by, compensate: true })).toBeUndefined();
    const undoing = await harness.reader.run(tenantId, runId);
    expect(undoing).toMatchObject({
      status: 'compensating',
      waitingFor: [{ kind: 'call', step: 'do/refund' }],
    });
    expect(undoing.endedAt).toBeUndefined();
    const after = new ScriptedCalls();
    await harness.engine(after.perform);
    const run = await harness.untilStatus(runId, 'cancelled');
    expect(nodesOf(after)).toEqual(['do/refund', 'do/cancel']);
    expect(after.made[0]?.key).toBe(calls.made.at(-1)?.key);
    expect(run.endedAt).toBeDefined();
  });

  it('says that it could not be undone; an operator lets it be tried again', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine(failing(calls, ['do/ship', 'do/refund']));
    const { runId } = await engine.startRun(await harness.define(trip));
    const stuck = await harness.untilStatus(runId, 'compensation-failed');
    expect(stuck).toMatchObject({ failedStep: 'do/refund' });
    expect(await give(engine, runId, { kind: 'cancel', by })).toMatchObject({
      reason: 'not-allowed',
    });
    expect(await give(engine, runId, { kind: 'retryStep', by })).toBeUndefined();
    const run = await harness.untilStatus(runId, 'failed');
    expect(run).toMatchObject({ failedStep: 'do/ship' });
    expect(nodesOf(calls)).toEqual(['do/book', 'do/pay', 'do/refund', 'do/cancel']);
  });

  it('lets its child undo what that has done, too', async () => {
    const calls = new ScriptedCalls();
    const engine = await harness.engine((run, effect, signal) => {
      calls.hold = effect.node === 'do/ship';
      return calls.perform(run, effect, signal);
    });
    await harness.define(trip);
    const child = `  - sub:
      run: { workflow: { namespace: test, name: trip, version: 0.1.0 } }
`;
    const parent = `${head('traveller')}${call('pack', 'unpack')}${child}${call('unpack')}`;
    const { runId } = await engine.startRun(await harness.define(parent));
    await calls.untilMade(4);
    await give(engine, runId, { kind: 'cancel', by, compensate: true });
    await harness.untilStatus(runId, 'cancelled');
    const [sub] = await harness.reader.list(tenantId, {
      query: { parentRunId: runId },
      limit: 1,
    });
    await harness.untilStatus(sub?.id ?? '', 'cancelled');
    expect(nodesOf(calls).toSorted()).toEqual(
      ['do/book', 'do/cancel', 'do/pack', 'do/pay', 'do/refund', 'do/ship', 'do/unpack'].toSorted(),
    );
  });
});
