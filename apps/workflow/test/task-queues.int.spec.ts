import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LeasedTask } from '@parley/contracts';
import { isJsonObject, type Json } from '@parley/kernel';
import type { Engine } from '../src/engine/engine.js';
import type { PollOf } from '../src/task-queues/task-polls.js';
import { workerTaskId } from '../src/task-queues/task-rows.js';
import type { WorkerTasks } from '../src/task-queues/worker-tasks.js';
import { EngineHarness, ScriptedCalls, tenantId } from './engine-harness.js';

let harness: EngineHarness;
let engine: Engine;
let tasks: WorkerTasks;

beforeAll(async () => {
  harness = await EngineHarness.start();
}, 60_000);

afterAll(() => harness.stop());

async function engineNow(): Promise<void> {
  engine = await harness.engine(new ScriptedCalls().perform);
  tasks = harness.workers(engine);
}

const head = (name: string) => `document:
  dsl: 1.0.3
  namespace: tests
  name: ${name}
  version: 1.0.0
do:
`;

/** A workflow that gives one task to a worker; `more` is beside the queue. */
const gives = (queue: string, more = '') => `${head(`gives-${queue}`)}  - work:
      call: worker
      with:
        queue: ${queue}
        task: pack
        input: \${ . }
${more}`;

const retried = (queue: string) => `${head(`retried-${queue}`)}  - safe:
      try:
        - work:
            call: worker
            with: { queue: ${queue}, task: pack }
      catch:
        errors:
          with:
            type: https://parley.dev/errors/worker-lease-expired
        retry:
          delay: { milliseconds: 1 }
          limit: { attempt: { count: 2 } }
`;

/** A workflow that gives out a task for each item of its input, at the same time. */
const each = (queue: string, args: string) => `${head(`each-${queue}`)}  - all:
      call: map
      with:
        in: \${ .items }
        do:
          - work:
              call: worker
              with: { queue: ${queue}, task: pack, input: '\${ $item }', ${args} }
`;

const inputsOf = (got: readonly LeasedTask[]) => got.map(({ input }) => input);

async function start(source: string, input: Json = {}): Promise<string> {
  const { runId } = await engine.startRun({ ...(await harness.define(source)), input });
  return runId;
}

function poll(queue: string, more: Partial<PollOf> = {}): Promise<LeasedTask[]> {
  const usual = { tenantId, queue, worker: 'w1', max: 1, leaseMs: 60_000, waitMs: 0 };
  return tasks.poll({ ...usual, ...more });
}

async function pollOne(queue: string, more: Partial<PollOf> = {}): Promise<LeasedTask> {
  const [task] = await poll(queue, { waitMs: 10_000, ...more });
  if (task === undefined) throw new Error(`no work in ${queue}`);
  return task;
}

const leaseOf = ({ id, leaseToken }: LeasedTask, more: { tenantId?: string } = {}) => ({
  ...{ tenantId, taskId: id, leaseToken },
  ...more,
});

const complete = (task: LeasedTask, output: Json = null) =>
  tasks.end(leaseOf(task), { kind: 'completed', output });

async function rowsOf(runId: string): Promise<{ state: string; attempt: number }[]> {
  const { rows } = await harness.system.query<{ state: string; attempt: number }>(
    'SELECT state, attempt FROM worker_task WHERE run_id = $1',
    [runId],
  );
  return rows;
}

/** Makes a lease end now, by the database's clock. */
async function outlive({ id }: LeasedTask): Promise<void> {
  await harness.system.query(
    `UPDATE worker_task SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1`,
    [id],
  );
}

describe('work for workers', () => {
  beforeAll(engineNow);

  it('is taken by a worker that waits for it, and what it hands back goes on', async () => {
    const taken = pollOne('render');
    const runId = await start(gives('render'), { n: 1.5 });
    const task = await taken;
    expect(task).toMatchObject({
      queue: 'render',
      task: 'pack',
      runId,
      step: 'do/work',
      attempt: 1,
    });
    expect(task.input).toEqual({ n: 1.5 });
    const run = await harness.reader.run(tenantId, runId);
    expect(run).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'worker', queue: 'render', step: 'do/work' }],
    });
    await complete(task, { packed: true });
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ packed: true });
    expect(await rowsOf(runId)).toEqual([]);
    expect(await harness.unheard()).toBe(0);
  });

  it('is given to one worker, however many ask, and to none of another tenant or kind', async () => {
    const runIds = await Promise.all(Array.from({ length: 12 }, () => start(gives('many'))));
    const foreign = { tenantId: 'ten_other' };
    const asked = await Promise.all([
      ...Array.from({ length: 20 }, (_, at) => poll('many', { worker: `w${String(at)}` })),
      poll('many', foreign),
      poll('many', { tasks: ['unpack'] }),
    ]);
    expect(asked.at(-1)).toEqual([]);
    expect(asked.at(-2)).toEqual([]);
    const got = asked.flat();
    expect(new Set(got.map(({ id }) => id)).size).toBe(12);
    expect(got.map(({ runId }) => runId).sort()).toEqual([...runIds].sort());
    await Promise.all(got.map((task) => complete(task)));
    await Promise.all(runIds.map((runId) => harness.untilStatus(runId, 'completed')));
  });

  it('is given out once, and within limits, by several processes at the same time', async () => {
    const caller = { tenantId, principal: 'mem_test', roles: ['owner'] } as never;
    await harness.queues.set(caller, 'shared', { capacity: 6, pools: [] });
    const orderKey = 'orderKey: \'${ if $item < 4 then "k" else null end }\'';
    await start(each('shared', orderKey), { items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    const stores = Array.from({ length: 4 }, () => harness.workerStore());
    const found = await Promise.all(
      stores.flatMap((store) =>
        [1, 2, 3].map(() =>
          store.lease({ tenantId, queue: 'shared' }, [{ worker: 'w', max: 2, leaseMs: 60_000 }]),
        ),
      ),
    );
    const got = found.flat(2);
    expect(new Set(got.map(({ id }) => id)).size).toBe(6);
    expect(inputsOf(got).filter((n) => Number(n) < 4)).toEqual([0]);
  });

  it('is found behind what a turn that is being written takes away', async () => {
    const first = await start(gives('held'));
    const second = await start(gives('held'));
    const client = await harness.system.connect();
    try {
      await client.query('BEGIN');
      const held = 'SELECT FROM worker_task WHERE run_id = $1 FOR UPDATE';
      expect((await client.query(held, [first])).rowCount).toBe(1);
      const behind = await poll('held');
      expect(behind.map(({ runId }) => runId)).toEqual([second]);
      expect(await poll('held')).toEqual([]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    const freed = await poll('held', { max: 2 });
    expect(freed.map(({ runId }) => runId)).toEqual([first]);
  });

  it('that is large is an object, and comes whole', async () => {
    const text = 'x'.repeat(50_000);
    const runId = await start(gives('large'), { text });
    const task = await pollOne('large');
    expect(task.input).toEqual({ text });
    const { rows } = await harness.system.query<{ args: Buffer | null }>(
      'SELECT args FROM worker_task WHERE id = $1',
      [task.id],
    );
    expect(rows).toEqual([{ args: null }]);
    await complete(task, { text });
    expect((await harness.untilStatus(runId, 'completed')).output).toEqual({ text });
  });

  it('that fails is retried as the run says, under the same key', async () => {
    const source = `${head('flaky')}  - safe:
      try:
        - work:
            call: worker
            with: { queue: flaky, task: pack }
      catch:
        retry: { delay: { milliseconds: 1 }, limit: { attempt: { count: 3 } } }
`;
    const runId = await start(source);
    const first = await pollOne('flaky');
    const error = { type: 'https://example.com/broken', status: 500, title: 'Broken' };
    await tasks.end(leaseOf(first), { kind: 'failed', outcome: 'ambiguous', error });
    const second = await pollOne('flaky');
    expect(second).toMatchObject({ attempt: 2, key: first.key });
    await tasks.end(leaseOf(second), { kind: 'failed', outcome: 'definitive', error });
    const third = await pollOne('flaky');
    expect(third.attempt).toBe(3);
    expect(third.key).not.toBe(first.key);
    await complete(third, 'done');
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('done');
  });

  it('goes with its run: a worker that goes on is told, and changes nothing', async () => {
    const runId = await start(gives('cancelled'));
    const task = await pollOne('cancelled');
    await engine.apply(runId, { kind: 'cancel', by: 'mem_test' }, { tenantId });
    expect(await rowsOf(runId)).toEqual([]);
    await expect(tasks.heartbeat(leaseOf(task))).rejects.toMatchObject({ code: 'gone' });
    await expect(complete(task)).rejects.toMatchObject({ code: 'gone' });
    expect((await harness.reader.run(tenantId, runId)).status).toBe('cancelled');
    expect(await harness.unheard()).toBe(0);
  });

  it('that takes too long is timed out by its task, taken or not', async () => {
    const source = gives('slow', '      timeout: { after: { milliseconds: 50 } }\n');
    const runId = await start(source);
    const run = await harness.untilStatus(runId, 'failed');
    expect(run.error?.type).toMatch(/timeout$/);
    expect(await rowsOf(runId)).toEqual([]);
  });
});

describe('a worker that lies', () => {
  it('about its lease is told so', async () => {
    const runId = await start(gives('lies'));
    const task = await pollOne('lies');
    const wrong = { ...leaseOf(task), leaseToken: 'made-up' };
    await expect(tasks.heartbeat(wrong)).rejects.toMatchObject({ code: 'conflict' });
    await expect(tasks.end(wrong, { kind: 'completed', output: 1 })).rejects.toMatchObject({
      code: 'conflict',
    });
    const foreign = leaseOf(task, { tenantId: 'ten_other' });
    await expect(tasks.heartbeat(foreign)).rejects.toMatchObject({ code: 'not-found' });
    await expect(tasks.end(foreign, { kind: 'completed', output: 1 })).rejects.toMatchObject({
      code: 'not-found',
    });
    const never = { ...leaseOf(task), taskId: workerTaskId(`run_${'0'.repeat(27)}`, 'do/x', 1) };
    await expect(tasks.heartbeat(never)).rejects.toMatchObject({ code: 'not-found' });
    expect((await harness.reader.run(tenantId, runId)).status).toBe('waiting');
    await complete(task, 'first');
    await expect(complete(task, 'second')).rejects.toMatchObject({ code: 'gone' });
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('first');
    await expect(complete(task, 'third')).rejects.toMatchObject({ code: 'gone' });
  });

  it('twice at the same time is heard once', async () => {
    const runId = await start(gives('twice'));
    const task = await pollOne('twice');
    const answers = await Promise.allSettled([1, 2, 3].map((n) => complete(task, n)));
    const heard = answers.findIndex(({ status }) => status === 'fulfilled');
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await harness.untilStatus(runId, 'completed')).output).toBe(heard + 1);
  });

  it('that asks before there is a lease, and hangs up, is given nothing', async () => {
    const hungUp = new AbortController();
    const waiting = poll('hung-up', { waitMs: 10_000, signal: hungUp.signal });
    hungUp.abort();
    expect(await waiting).toEqual([]);
    const runId = await start(gives('hung-up'));
    const task = await pollOne('hung-up');
    expect(task).toMatchObject({ runId, attempt: 1 });
    await complete(task);
  });
});

describe('a lease', () => {
  it('that a worker lets run out is a failure that the run may retry', async () => {
    const runId = await start(retried('lost'));
    const lost = await pollOne('lost');
    const sweeper = harness.sweeper(engine);
    await sweeper.sweep();
    await outlive(lost);
    await sweeper.sweep();
    const again = await pollOne('lost', { worker: 'w2' });
    expect(again).toMatchObject({ runId, attempt: 2, key: lost.key });
    await expect(complete(lost, 'late')).rejects.toMatchObject({ code: 'gone' });
    await complete(again, 'in time');
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('in time');
  });

  it('fails the run that does not say what to do then', async () => {
    const runId = await start(gives('fatal'));
    const lost = await pollOne('fatal', { worker: 'w-fatal' });
    const sweeper = harness.sweeper(engine);
    await sweeper.sweep();
    await outlive(lost);
    await sweeper.sweep();
    const run = await harness.untilStatus(runId, 'failed');
    expect(run.error?.type).toBe('https://parley.dev/errors/worker-lease-expired');
    expect(run.error?.detail).toContain('"w-fatal"');
  });

  it('lasts as long as there are heartbeats, which may say how far the work is', async () => {
    await start(gives('beats'));
    const task = await pollOne('beats', { leaseMs: 5_000 });
    const sweeper = harness.sweeper(engine);
    await sweeper.sweep();
    await outlive(task);
    const until = await tasks.heartbeat(leaseOf(task), { percent: 40 });
    expect(until.getTime()).toBeGreaterThan(Date.parse(task.leaseUntil) - 5_000);
    await tasks.heartbeat(leaseOf(task));
    await sweeper.sweep();
    const [shown] = await harness.queues.tasks(tenantId, { queue: 'beats', limit: 10 });
    expect(shown?.task).toMatchObject({
      status: 'leased',
      worker: 'w1',
      progress: { percent: 40 },
    });
    await complete(task);
  });

  it('outlives the engine, and has its whole time again when there is one', async () => {
    const runId = await start(gives('survives'));
    const task = await pollOne('survives');
    await engine.stop({ graceMs: 0 });
    await outlive(task);
    await engineNow();
    await harness.sweeper(engine).sweep();
    expect(await poll('survives')).toEqual([]);
    await complete(task, 'still mine');
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('still mine');
  });

  it('has its whole time again when nobody has looked for a while', async () => {
    await start(gives('unseen'));
    const task = await pollOne('unseen');
    const sweeper = harness.sweeper(engine, { blindMs: -1 });
    await sweeper.sweep();
    await outlive(task);
    await sweeper.sweep();
    const [shown] = await harness.queues.tasks(tenantId, { queue: 'unseen', limit: 10 });
    expect(shown?.task).toMatchObject({ status: 'leased', worker: 'w1' });
    await complete(task);
  });

  it('that ended while no engine was there is heard by the next one', async () => {
    const runId = await start(gives('unheard'));
    const task = await pollOne('unheard');
    await engine.stop({ graceMs: 0 });
    await complete(task, 'meanwhile');
    await engineNow();
    expect((await harness.untilStatus(runId, 'completed')).output).toBe('meanwhile');
  });
});

describe('a queue', () => {
  it('gives out high before medium before low', async () => {
    const runId = await start(each('ranks', 'priority: low'), { items: ['l'] });
    await start(each('ranks', 'priority: high'), { items: ['h'] });
    await start(each('ranks', ''), { items: ['m'] });
    const got = await poll('ranks', { max: 10 });
    expect(inputsOf(got)).toEqual(['h', 'm', 'l']);
    await Promise.all(got.map((task) => complete(task)));
    await harness.untilStatus(runId, 'completed');
  });

  it('serves runs in turn, whatever one of them asks for', async () => {
    await start(each('fair', ''), { items: [1, 2, 3, 4, 5, 6] });
    await start(each('fair', ''), { items: ['a', 'b'] });
    const got = inputsOf(await poll('fair', { max: 10 }));
    expect(got).toEqual([1, 'a', 2, 'b', 3, 4, 5, 6]);
  });

  it('has one task of an order key out at a time, in order', async () => {
    const keyed = each('keyed', "orderKey: '${ $item.key }'");
    const item = (key: string, n: number) => ({ key, n });
    const runId = await start(keyed, {
      items: [item('a', 1), item('a', 2), item('b', 1), item('a', 3)],
    });
    const first = await poll('keyed', { max: 10 });
    expect(inputsOf(first)).toEqual([item('a', 1), item('b', 1)]);
    expect(await poll('keyed', { max: 10 })).toEqual([]);
    const waiting = poll('keyed', { max: 10, waitMs: 10_000 });
    await complete(first[0]!);
    const [second, ...none] = await waiting;
    expect([second?.input, none]).toEqual([item('a', 2), []]);
    await tasks.end(leaseOf(second!), {
      kind: 'failed',
      outcome: 'definitive',
      error: { type: 'https://example.com/broken', status: 500, title: 'Broken' },
    });
    await harness.untilStatus(runId, 'failed');
    // What is left of its work has gone with it.
    expect(await poll('keyed', { max: 10 })).toEqual([]);
  });

  it('keeps its limits, also of pools, and says when there is room', async () => {
    const caller = { tenantId, principal: 'mem_test', roles: ['owner'] } as never;
    await harness.queues.set(caller, 'limited', {
      capacity: 3,
      pools: [{ name: 'gpu', capacity: 1 }],
    });
    await start(each('limited', ''), { items: [1, 2, 3, 4, 5] });
    const gpu = await poll('limited', { max: 10, pool: 'gpu', worker: 'g1' });
    expect(inputsOf(gpu)).toEqual([1]);
    expect(await poll('limited', { max: 10, pool: 'gpu', worker: 'g2' })).toEqual([]);
    const rest = await Promise.all(
      [1, 2, 3].map((n) => poll('limited', { worker: `c${String(n)}` })),
    );
    expect(inputsOf(rest.flat()).sort()).toEqual([2, 3]);
    const { rows: told } = await harness.system.query<{ event: string }>(
      `SELECT event FROM outbox WHERE event LIKE '%task-queue.changed%' AND event LIKE '%limited%'`,
    );
    expect(told.map(({ event }) => JSON.parse(event) as Json)).toMatchObject([
      {
        subject: 'audit.task-queues.limited.changed',
        data: { queue: 'limited', capacity: 3, pools: [{ name: 'gpu' }], by: 'mem_test' },
      },
    ]);
    const details = await harness.queues.get(tenantId, 'limited');
    expect(details).toMatchObject({
      ...{ name: 'limited', waiting: 2, leased: 3, capacity: 3, workers: 5 },
      pools: [{ name: 'gpu', capacity: 1, leased: 1 }],
    });
    expect(details.seen.find(({ name }) => name === 'g1')).toMatchObject({
      pool: 'gpu',
      leased: 1,
    });
    const waiting = poll('limited', { max: 10, waitMs: 10_000 });
    await complete(gpu[0]!);
    expect(inputsOf(await waiting)).toEqual([4]);
    const more = poll('limited', { max: 10, waitMs: 10_000 });
    await harness.queues.set(caller, 'limited', { pools: [] });
    expect(inputsOf(await more)).toEqual([5]);
  });

  it('is listed by name, page by page, with its tasks; no other tenant sees it', async () => {
    await start(each('zz', ''), { items: [1, 2, 3] });
    const names: string[] = [];
    for (let after = ''; ; after = names.at(-1) ?? '') {
      const page = await harness.queues.list(tenantId, { after, limit: 2 });
      if (page.length === 0) break;
      names.push(...page.map(({ name }) => name));
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining(['limited', 'render', 'zz']));
    const listed = await harness.queues.tasks(tenantId, { queue: 'zz', limit: 2 });
    const rest = await harness.queues.tasks(tenantId, {
      ...{ queue: 'zz', limit: 5 },
      after: listed.at(-1)!.ordinal,
    });
    const shown = [...listed, ...rest].map(({ task }) => task);
    expect(shown).toHaveLength(3);
    expect(shown[0]).toMatchObject({
      status: 'waiting',
      priority: 'medium',
      workflowName: 'each-zz',
    });
    expect(shown.every((task) => isJsonObject(task as never) && !('leaseToken' in task))).toBe(
      true,
    );
    expect(await harness.queues.list('ten_other', { limit: 10 })).toMatchObject([{ name: 'many' }]);
    await expect(
      harness.queues.tasks('ten_other', { queue: 'zz', limit: 10 }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(harness.queues.get('ten_other', 'zz')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
