import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type {
  LeasedTask,
  LeasedTasks,
  Problem,
  QueuedTask,
  Run,
  TaskLease,
  TaskQueue,
  TaskQueueDetails,
} from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { type AnyContext, type RunningService } from '@parley/nest-kit';
import { contextHeaders, type TestKeys, testKeys } from '@parley/nest-kit/testing';
import { withTenant, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { encodePayload } from '../src/engine/codec.js';
import { Engine } from '../src/engine/engine.js';
import { WorkerTasks } from '../src/task-queues/worker-tasks.js';
import { runningService } from './running-service.js';

const one = { tenantId: 'ten_one000000000000000000000' };
const two = { tenantId: 'ten_two000000000000000000000' };
const worker = { ...one, roles: ['task-worker'] };
const operator = { ...one, roles: ['operator'] };

let database: TestDatabase;
let keys: TestKeys;
let service: RunningService;
let app: Pool;

beforeAll(async () => {
  [database, keys] = await Promise.all([testDatabase(['workflow']), testKeys()]);
  ({ service, app } = await runningService(database, keys));
}, 60_000);

afterAll(async () => {
  await app.end();
  await database.stop();
});

async function call<T = Problem>(
  route: `${'GET' | 'POST' | 'PUT'} ${string}`,
  body?: unknown,
  context: Partial<AnyContext> = worker,
): Promise<{ status: number; body: T }> {
  const [method, path] = route.split(' ') as [string, string];
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(await contextHeaders(keys, 'workflow', context)),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

/** A run of `one` that gives a task to a worker of this queue. */
async function give(queue: string): Promise<string> {
  const { ir } = compileDefinition(`document:
  dsl: 1.0.3
  namespace: tests
  name: gives-${queue}
  version: 1.0.0
do:
  - work:
      call: worker
      with: { queue: ${queue}, task: pack, input: { n: 1 }, priority: high, orderKey: k }
`);
  if (ir === undefined) throw new Error('the definition does not compile');
  await withTenant(app, one.tenantId, (client) =>
    client.query(
      `INSERT INTO compiled_definition (tenant_id, ir_hash, ir) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING`,
      [one.tenantId, ir.hash, encodePayload(ir)],
    ),
  );
  const { runId } = await service.app.get(Engine).startRun({
    ...one,
    ...{ workflowId: 'wf_test', workflowName: 'gives', version: 1, irHash: ir.hash },
    ...{ startedBy: 'mem_test', input: {} },
  });
  return runId;
}

async function take(queue: string, more: object = {}): Promise<LeasedTask> {
  const asked = { worker: 'w1', waitSeconds: 10, ...more };
  const { body } = await call<LeasedTasks>(`POST /v1/task-queues/${queue}/poll`, asked);
  const [task] = body.tasks;
  if (task === undefined) throw new Error('there was no work');
  return task;
}

/** A worker that polls, and is there until the test hangs up. */
async function pollUntilHangUp(queue: string): Promise<Socket> {
  const { port, hostname } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ worker: 'gone', waitSeconds: 30 });
  const headers = Object.entries(await contextHeaders(keys, 'workflow', worker));
  socket.write(
    [
      `POST /v1/task-queues/${queue}/poll HTTP/1.1`,
      `host: ${hostname}`,
      'content-type: application/json',
      `content-length: ${String(body.length)}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
  return socket;
}

async function ended(runId: string): Promise<Run> {
  for (;;) {
    const { body } = await call<Run>(`GET /v1/runs/${runId}`, undefined, operator);
    if (body.endedAt !== undefined) return body;
  }
}

describe('a worker over REST', () => {
  it('polls, tells how far it is, and completes', async () => {
    const [task, runId] = await Promise.all([take('rest'), give('rest')]);
    expect(task).toMatchObject({ runId, queue: 'rest', task: 'pack', input: { n: 1 }, attempt: 1 });
    const { leaseToken } = task;
    const beat = { leaseToken, progress: { percent: 50 } };
    const lease = await call<TaskLease>(`POST /v1/worker-tasks/${task.id}/heartbeat`, beat);
    expect(Date.parse(lease.body.leaseUntil)).toBeGreaterThan(Date.parse(task.leaseUntil));
    const listed = await call<{ items: QueuedTask[] }>(
      'GET /v1/task-queues/rest/tasks',
      undefined,
      operator,
    );
    expect(listed.body.items).toMatchObject([
      {
        ...{ id: task.id, status: 'leased', priority: 'high', orderKey: 'k', worker: 'w1' },
        ...{ runId, step: 'do/work', progress: { percent: 50 } },
      },
    ]);
    const target = `POST /v1/worker-tasks/${task.id}/complete` as const;
    const done = await call(target, { leaseToken, output: { packed: true } });
    expect(done).toEqual({ status: 204, body: undefined });
    expect(await ended(runId)).toMatchObject({ status: 'completed', output: { packed: true } });
    const again = await call(target, { leaseToken });
    expect([again.status, again.body.code]).toEqual([410, 'gone']);
  });

  it('fails a task with an error of its own', async () => {
    const runId = await give('broken');
    const task = await take('broken');
    const error = { type: 'https://example.com/jam', status: 503, title: 'Paper jam' };
    const { leaseToken } = task;
    const failed = await call(`POST /v1/worker-tasks/${task.id}/fail`, { leaseToken, error });
    expect(failed.status).toBe(204);
    expect(await ended(runId)).toMatchObject({ status: 'failed', error });
  });

  it('gets nothing when there is nothing, and what it says must have a form', async () => {
    const none = await call<LeasedTasks>('POST /v1/task-queues/idle/poll', {
      ...{ worker: 'w1', waitSeconds: 0 },
    });
    expect(none).toEqual({ status: 200, body: { tasks: [] } });
    for (const wrong of [
      {},
      { worker: '' },
      { worker: 'w', max: 1_000 },
      { worker: 'w', more: 1 },
    ]) {
      expect((await call('POST /v1/task-queues/idle/poll', wrong)).status).toBe(422);
    }
    const odd = await call('POST /v1/task-queues/a%20queue/poll', { worker: 'w' });
    expect(odd.status).toBe(422);
  });

  it('lies in vain', async () => {
    const runId = await give('vain');
    const { id, leaseToken } = await take('vain');
    const says = async (what: object, task = id, context: Partial<AnyContext> = worker) => {
      const answers = [];
      for (const verb of ['heartbeat', 'complete', 'fail']) {
        const body = verb === 'fail' ? { ...what, error: { title: 'x' } } : what;
        const { status } = await call(`POST /v1/worker-tasks/${task}/${verb}`, body, context);
        answers.push(status);
      }
      return answers;
    };
    expect(await says({ leaseToken: 'made-up' })).toEqual([409, 409, 409]);
    expect(await says({ leaseToken }, id, { ...two, roles: ['task-worker'] })).toEqual([
      404, 404, 404,
    ]);
    expect(await says({ leaseToken }, `tsk_${'0'.repeat(27)}_${'0'.repeat(12)}`)).toEqual([
      404, 404, 404,
    ]);
    expect(await says({ leaseToken }, 'nonsense')).toEqual([404, 404, 404]);
    const large = { leaseToken, progress: 'x'.repeat(20_000) };
    expect((await call(`POST /v1/worker-tasks/${id}/heartbeat`, large)).status).toBe(413);
    await service.app.get(Engine).apply(runId, { kind: 'cancel', by: 'mem_test' }, one);
    expect(await says({ leaseToken })).toEqual([410, 410, 410]);
    expect((await ended(runId)).status).toBe('cancelled');
  });

  it('that hangs up leaves the work to others', async () => {
    const socket = await pollUntilHangUp('hung-up');
    const queue = 'GET /v1/task-queues/hung-up';
    while ((await call(queue, undefined, operator)).status === 404);
    socket.destroy();
    await once(socket, 'close');
    const runId = await give('hung-up');
    const task = await take('hung-up', { worker: 'there' });
    expect(task).toMatchObject({ runId, attempt: 1 });
  });

  it('that hangs up when it has a lease, and no answer yet, leaves the work to others', async () => {
    const tasks = service.app.get(WorkerTasks);
    const poll = tasks.poll.bind(tasks);
    const leased = new Promise<LeasedTask[]>((resolve) => {
      jest.spyOn(tasks, 'poll').mockImplementationOnce(async (asked) => {
        const taken = await poll(asked);
        const { signal } = asked;
        const heard = new Promise((hear) => signal?.addEventListener('abort', hear));
        resolve(taken);
        await heard;
        return taken;
      });
    });
    const [runId, socket] = [await give('late'), await pollUntilHangUp('late')];
    const [lost] = await leased;
    expect(lost).toMatchObject({ runId });
    socket.destroy();
    const task = await take('late', { worker: 'there' });
    expect(task).toMatchObject({ id: lost?.id, attempt: 1 });
    expect(task.leaseToken).not.toBe(lost?.leaseToken);
  });

  it('sees work and nothing else', async () => {
    const refused = ['GET /v1/runs', 'GET /v1/task-queues', 'GET /v1/task-queues/rest'] as const;
    for (const route of refused) expect((await call(route)).status).toBe(403);
    const limits = await call('PUT /v1/task-queues/rest', { capacity: 1 });
    expect(limits.status).toBe(403);
    const viewer = { ...one, roles: ['viewer'] };
    const poll = await call('POST /v1/task-queues/rest/poll', { worker: 'w' }, viewer);
    expect(poll.status).toBe(403);
  });
});

describe('task queues over REST', () => {
  it('have limits, which are told to the audit', async () => {
    await Promise.all([give('capped'), give('capped')]);
    const limits = { capacity: 0, pools: [{ name: 'night', capacity: 2 }] };
    const set = await call<TaskQueueDetails>('PUT /v1/task-queues/capped', limits, operator);
    expect(set.body).toMatchObject({
      ...{ name: 'capped', waiting: 2, leased: 0, capacity: 0, workers: 0, seen: [] },
      pools: [{ name: 'night', capacity: 2, leased: 0 }],
      oldestAt: expect.any(String),
    });
    const none = await call<LeasedTasks>('POST /v1/task-queues/capped/poll', {
      ...{ worker: 'w1', waitSeconds: 0 },
    });
    expect(none.body.tasks).toEqual([]);
    await call('PUT /v1/task-queues/capped', {}, operator);
    const task = await take('capped', { pool: 'night', tasks: ['pack'] });
    const shown = await call<TaskQueueDetails>('GET /v1/task-queues/capped', undefined, operator);
    expect(shown.body).toMatchObject({ waiting: 1, leased: 1, workers: 1 });
    expect(shown.body.capacity).toBeUndefined();
    expect(shown.body.seen).toMatchObject([
      { name: 'w1', pool: 'night', tasks: ['pack'], active: true, leased: 1 },
    ]);
    expect(JSON.stringify(shown.body)).not.toContain(task.leaseToken);
    // Who has a lease is there, however seldom it has to say so.
    await withTenant(app, one.tenantId, (client) =>
      client.query(`UPDATE queue_worker SET seen_at = now() - interval '5 minutes'`),
    );
    const later = await call<TaskQueueDetails>('GET /v1/task-queues/capped', undefined, operator);
    expect(later.body).toMatchObject({ workers: 1, seen: [{ name: 'w1', active: true }] });
  });

  it('are listed in pages, and are a tenant of their own', async () => {
    const first = await call<{ items: TaskQueue[]; nextPageToken: string }>(
      'GET /v1/task-queues?pageSize=2',
      undefined,
      operator,
    );
    expect(first.body.items.map(({ name }) => name)).toEqual(['broken', 'capped']);
    const rest = await call<{ items: TaskQueue[] }>(
      `GET /v1/task-queues?pageSize=200&pageToken=${first.body.nextPageToken}`,
      undefined,
      operator,
    );
    expect(rest.body.items.map(({ name }) => name)).toEqual([
      'hung-up',
      'idle',
      'late',
      'rest',
      'vain',
    ]);
    const other = { ...two, roles: ['operator'] };
    expect((await call<{ items: [] }>('GET /v1/task-queues', undefined, other)).body.items).toEqual(
      [],
    );
    for (const path of ['capped', 'capped/tasks', 'never']) {
      expect((await call(`GET /v1/task-queues/${path}`, undefined, other)).status).toBe(404);
    }
  });
});

describe('a service that stops', () => {
  it('does not wait for workers that wait', async () => {
    const asked = { worker: 'patient', waitSeconds: 30 };
    const waiting = call<LeasedTasks>('POST /v1/task-queues/last/poll', asked);
    const queue = 'GET /v1/task-queues/last';
    while ((await call(queue, undefined, operator)).status === 404);
    await service.close();
    expect(await waiting).toEqual({ status: 200, body: { tasks: [] } });
  });
});
