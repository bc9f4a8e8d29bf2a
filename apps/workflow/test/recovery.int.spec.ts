import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApprovalsHttp } from '../src/approvals/approvals.http.js';
import type { ApprovalStore } from '../src/approvals/approval-store.pg.js';
import type { Engine } from '../src/engine/engine.js';
import { PgJournalStore } from '../src/engine/journal-store.pg.js';
import { RunFeed } from '../src/runs/run-feed.js';
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

const callTask = (name: string, method: string) => `${name}:
    call: http
    with: { method: ${method}, endpoint: "http://192.0.2.1/${name}" }`;

const oneCall = (method: string) => `${head(`one-call-${method}`)}- ${callTask('only', method)}\n`;

const twoCalls = (method: string) =>
  `${head(`then-${method}`)}- ${callTask('first', method)}\n- ${callTask('second', method)}\n`;

const ask = `ask:
            call: human
            with: { title: Go on?, assignee: { role: owner } }`;

const callBesideQuestion = `${head('call-beside-question')}- both:
    fork:
      branches:
        - ${callTask('fetch', 'get').replaceAll('\n', '\n        ')}
        - ${ask}
`;

const questions = `${head('question')}- ask:
    call: human
    with: { title: Go on?, assignee: { role: owner } }
`;

const approve = (occurrence: string) =>
  ({ kind: 'decided', occurrence, decision: 'approved', by: 'mem_test' }) as const;

describe('what another process left behind', () => {
  it('is taken up before anything else happens to the run', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const { runId } = await abandoned.startRun(await harness.define(callBesideQuestion));
    await hold.untilMade(1);
    const { step } = await harness.untilApproval(runId, ({ status }) => status === 'pending');
    const after = new ScriptedCalls();
    const engine = await harness.engine(after.perform);
    await engine.apply(runId, approve(step), { tenantId });
    await harness.untilStatus(runId, 'completed');
    expect(after.made.map(({ key }) => key)).toEqual(hold.made.map(({ key }) => key));
  });

  it('is taken up even when one run of it cannot be read', async () => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const abandoned = await harness.engine(hold.perform);
    const unreadable = await harness.define(oneCall('get'));
    const broken = await abandoned.startRun(unreadable);
    const start = await harness.define(twoCalls('get'));
    const others = await Promise.all(Array.from({ length: 10 }, () => abandoned.startRun(start)));
    await hold.untilMade(11);
    const show = await harness.hideDefinition(unreadable.irHash);
    await harness.engine(new ScriptedCalls().perform);
    for (const { runId } of others) await harness.untilStatus(runId, 'completed');
    await show();
    await harness.untilStatus(broken.runId, 'completed');
  });

  it('ends well when it stopped in good order: answers on their way are waited for', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const { runId } = await engine.startRun(await harness.define(twoCalls('post')));
    await calls.untilMade(1);
    const stopped = engine.stop();
    setTimeout(() => calls.release(), 50);
    await stopped;
    expect(calls.made).toHaveLength(1);
    const after = new ScriptedCalls();
    await harness.engine(after.perform);
    await harness.untilStatus(runId, 'completed');
    expect(after.made.map(({ node }) => node)).toEqual(['do/second']);
  });
});

const loop = `${head('long-loop')}- each:
    for: { in: '\${ [range(400)] }' }
    do:
      - count: { set: { n: '\${ .n + 1 }' } }
- ${callTask('last', 'get')}
`;

describe('a long run', () => {
  it.each([
    ['is read from its latest snapshot', 0],
    ['is folded from its start when no snapshot can be read', 1_000],
  ])('%s', async (_how, raised) => {
    const hold = new ScriptedCalls();
    hold.hold = true;
    const small = { stepsPerTurn: 3, snapshotBytesMin: 4_000 };
    const first = await harness.engine(hold.perform, small);
    const { runId } = await first.startRun({ ...(await harness.define(loop)), input: { n: 0 } });
    await hold.untilMade(1);
    await harness.forge(`UPDATE run_snapshot SET format = format + ${String(raised)}`);
    const stored = await harness.store().loadRun(runId);
    let turns = 0;
    for await (const { length } of stored?.turns ?? []) turns += length > 0 ? 1 : 0;
    const { position } = await harness.reader.run(tenantId, runId);
    if (raised === 0) expect(turns).toBeLessThan(position / 4);
    else expect(turns).toBe(position);
    const calls = new ScriptedCalls();
    await harness.engine(calls.perform, small);
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ node: 'do/last' });
    expect(calls.made.map(({ key }) => key)).toEqual(hold.made.map(({ key }) => key));
  });
});

/** A journal that loses one flush, which was never sent. */
class LosingStore extends PgJournalStore {
  /** The next flush is lost, as soon as this is settled. */
  loseNext: Promise<void> | undefined;

  override async flush(...args: Parameters<PgJournalStore['flush']>): Promise<readonly number[]> {
    const loss = this.loseNext;
    if (loss === undefined) return super.flush(...args);
    this.loseNext = undefined;
    await loss;
    throw new RangeError('this turn cannot be written now');
  }
}

describe('a turn that is lost', () => {
  it('does not take the answer of a call with it', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    let store: LosingStore | undefined;
    const engine = await harness.engine(calls.perform, {
      store: (pool, objects) => (store = new LosingStore(pool, objects)),
    });
    const { runId } = await engine.startRun(await harness.define(oneCall('post')));
    await calls.untilMade(1);
    if (store) store.loseNext = Promise.resolve();
    calls.release();
    const run = await harness.untilStatus(runId, 'completed');
    expect(run.output).toEqual({ late: true });
    expect(calls.made).toHaveLength(1);
  });

  it('is no reason to refuse what came while it was on its way (E7)', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    let store: LosingStore | undefined;
    let lose: () => void = () => undefined;
    const engine = await harness.engine(calls.perform, {
      store: (pool, objects) => (store = new LosingStore(pool, objects)),
    });
    const { runId } = await engine.startRun(await harness.define(oneCall('post')));
    await calls.untilMade(1);
    if (store) store.loseNext = new Promise((resolve) => (lose = resolve));
    const cancelled = engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    await new Promise((done) => setImmediate(done));
    calls.release(); // Nothing is called any more, as far as the run knows.
    await new Promise((done) => setImmediate(done));
    lose();
    await expect(cancelled).rejects.toThrow('cannot be written');
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ late: true });
  });
});

describe('calls', () => {
  it('of a cancelled run that still wait for their turn are never sent', async () => {
    const calls = new ScriptedCalls();
    calls.hold = true;
    const engine = await harness.engine(calls.perform);
    const start = await harness.define(oneCall('get'));
    const running = await Promise.all(Array.from({ length: 64 }, () => engine.startRun(start)));
    await calls.untilMade(64);
    const { runId } = await engine.startRun(start);
    await engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    calls.release();
    for (const run of running) await harness.untilStatus(run.runId, 'completed');
    expect(calls.made.map((call) => call.runId)).not.toContain(runId);
  });
});

describe('runs that wait', () => {
  it('take what happens to them while they are forgotten and read again', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform, { idleRunsMax: 2 });
    const start = await harness.define(questions);
    const runs = await Promise.all(Array.from({ length: 30 }, () => engine.startRun(start)));
    const rejections = await Promise.all(
      runs.map(({ runId }) => engine.apply(runId, approve('do/ask'), { tenantId })),
    );
    expect(rejections.every((rejection) => rejection === undefined)).toBe(true);
    for (const { runId } of runs) await harness.untilStatus(runId, 'completed');
  });

  it('are not there for another tenant', async () => {
    const engine = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await engine.startRun(await harness.define(questions));
    const theirs = engine.apply(runId, { kind: 'cancel', by: 'x' }, { tenantId: 'ten_other' });
    await expect(theirs).rejects.toMatchObject({ code: 'not-found' });
    expect((await harness.reader.run(tenantId, runId)).status).toBe('waiting');
  });
});

describe('a decision', () => {
  const caller = { tenantId, principal: 'mem_test', roles: ['owner'] };
  type Arguments = Parameters<ApprovalsHttp['decide']>;

  function http(engine: Engine, approvals: Pick<ApprovalStore, 'get'>): ApprovalsHttp {
    return new ApprovalsHttp(approvals as ApprovalStore, engine, new RunFeed());
  }

  it('counts for the question that was seen, not for the next one in its place', async () => {
    const source = `${head('asks-again')}- patient:
    try:
      - ask:
          call: human
          with: { title: Go on?, assignee: { role: owner }, due: PT0.2S }
    catch:
      errors: { with: { status: 408 } }
      retry: { delay: PT0.01S, backoff: { constant: {} }, limit: { attempt: { count: 50 } } }
`;
    const engine = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await engine.startRun(await harness.define(source));
    const seen = await harness.untilApproval(runId, ({ status }) => status === 'pending');
    await harness.untilApproval(runId, ({ id, status }) => id !== seen.id && status === 'pending');
    const stale = http(engine, { get: () => Promise.resolve(seen) });
    const decided = stale.decide(seen.id, { decision: 'approved' }, caller as Arguments[2]);
    await expect(decided).rejects.toMatchObject({ code: 'conflict' });
    await engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    const last = await harness.approvals(runId);
    expect(last.map(({ status }) => status)).not.toContain('approved');
  });

  it('to approve needs what the form asks for', async () => {
    const source = `${head('asks-for-data')}- ask:
    call: human
    with:
      title: How many?
      assignee: { role: owner }
      form: { type: object, required: [count], properties: { count: { type: integer } } }
`;
    const engine = await harness.engine(new ScriptedCalls().perform);
    const { runId } = await engine.startRun(await harness.define(source));
    const asked = await harness.untilApproval(runId, ({ status }) => status === 'pending');
    const api = http(engine, {
      get: async () => (await harness.approvals(runId))[0] ?? asked,
    });
    const decide = (body: Arguments[1]) => api.decide(asked.id, body, caller as Arguments[2]);
    await expect(decide({ decision: 'approved' })).rejects.toMatchObject({ code: 'invalid-input' });
    const wrong = decide({ decision: 'approved', data: { count: 'many' } });
    await expect(wrong).rejects.toMatchObject({ errors: [{ pointer: '/data/count' }] });
    const right = await decide({ decision: 'approved', data: { count: 2 } });
    expect(right.status).toBe('approved');
    await harness.untilStatus(runId, 'completed');
  });
});
