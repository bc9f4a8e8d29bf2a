import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem } from '../../test/fake-server.js';
import { FakePerson, temporaryFolder, type FakeOptions } from '../../test/fake-terminal.js';
import {
  approval,
  approvalId,
  connector,
  run,
  version,
  workflow,
  workflowId,
} from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

async function parley(args: string | readonly string[], options: FakeOptions = {}) {
  const env = { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url, ...options.env };
  return person.run(typeof args === 'string' ? args.split(' ') : args, { ...options, env });
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.clear();
  server.on('GET /v1/workflows', () => ({ json: { items: [workflow] } }));
  server.on(`GET /v1/workflows/${workflowId}/versions/live`, () => ({ json: version }));
});

describe('workflow', () => {
  it('lists', async () => {
    expect((await parley('workflow list')).out).toMatchInlineSnapshot(`
      "WORKFLOW                       NAME          LIVE  LATEST  TRIGGER              UPDATED
      wf_01k00000000000000000000000  handle-order  2     2       Started by a person  2026-11-02T10:00:00Z
      "
    `);
    expect(JSON.parse((await parley('-o json workflow list')).out)).toEqual({ items: [workflow] });
  });

  it('shows one by name', async () => {
    expect((await parley('workflow get handle-order')).out).toContain('live → 2');
    const json = (await parley('workflow get handle-order -o json')).out;
    expect(JSON.parse(json)).toEqual(workflow);
  });

  it('gives the definition', async () => {
    const { out } = await parley('workflow get handle-order --source');
    expect(out).toBe(version.source);
    const json = (await parley('workflow get handle-order --version live -o json')).out;
    expect(JSON.parse(json)).toEqual(version);
  });

  it('asks for an id when a name is not unique', async () => {
    const second = { ...workflow, id: 'wf_01k00000000000000000000001' };
    server.on('GET /v1/workflows', () => ({ json: { items: [workflow, second] } }));
    const result = await parley('workflow get handle-order');
    expect(result.code).toBe(2);
    expect(result.err).toContain(`Give an id: ${workflowId}, ${second.id}`);
  });
});

describe('schedule', () => {
  const schedule = {
    workflowId,
    workflowName: 'handle-order',
    workflowTitle: 'Handle an order',
    version: 2,
    trigger: 'Every day at 09:00 (UTC)',
    timezone: 'UTC',
    cron: '0 9 * * *',
    onEvents: false,
    overlap: 'skip',
    missed: 'latest',
    nextAt: '2026-11-03T09:00:00.000Z',
    waiting: 0,
    collected: 0,
    lastRuns: [{ ...run, scheduledBy: workflowId, nominalTime: '2026-11-02T09:00:00.000Z' }],
  };

  it('lists', async () => {
    server.on('GET /v1/schedules', () => ({ json: { items: [schedule] } }));
    expect((await parley('schedule list')).out).toMatchInlineSnapshot(`
      "WORKFLOW                       NAME          STATE   NEXT                  LAST RUN  TRIGGER
      wf_01k00000000000000000000000  handle-order  active  2026-11-03T09:00:00Z  running   Every day at 09:00 (UTC)
      "
    `);
  });

  it.each(['pause', 'resume'])('is %sd', async (verb) => {
    server.on(`POST /v1/schedules/${workflowId}/${verb}`, () => ({ json: schedule }));
    const { out } = await parley(`schedule ${verb} handle-order`);
    expect(out).toContain('2026-11-03T09:00:00Z');
    expect(out).toContain('2026-11-02T09:00:00Z');
  });

  it('is backfilled, and tells its next times', async () => {
    server.on(`POST /v1/schedules/${workflowId}/backfill`, () => ({
      status: 202,
      json: { times: 7, started: 2, queued: 5 },
    }));
    const range = '--from 2026-11-01T00:00:00Z --to 2026-11-07T00:00:00Z';
    const { out } = await parley(`schedule backfill handle-order ${range}`);
    expect(out).toBe('7 times in the range: 5 start now, 2 had their run before.\n');
    expect(server.received.at(-1)?.body).toEqual({
      from: '2026-11-01T00:00:00Z',
      to: '2026-11-07T00:00:00Z',
    });
    const times = ['2026-11-03T09:00:00.000Z', '2026-11-04T09:00:00.000Z'];
    server.on(`GET /v1/schedules/${workflowId}/next`, () => ({ json: { timezone: 'UTC', times } }));
    server.on(`GET /v1/schedules/${workflowId}`, () => ({ json: schedule }));
    const next = await parley('schedule next handle-order --count 2');
    expect(next).toMatchObject({ out: '2026-11-03T09:00:00Z\n2026-11-04T09:00:00Z\n', err: '' });
    expect(server.received.at(-1)?.query).toMatchObject({ count: '2' });
    const paused = { ...schedule, pausedAt: '2026-11-02T12:00:00.000Z' };
    server.on(`GET /v1/schedules/${workflowId}`, () => ({ json: paused }));
    const { err } = await parley('schedule next handle-order');
    expect(err).toContain('paused since 2026-11-02T12:00:00Z: it starts nothing until');
  });
});

describe('secret', () => {
  const secret = {
    name: 'shopToken',
    hosts: ['api.example.com', 'id.example.com'],
    createdAt: '2026-11-02T10:00:00Z',
    updatedAt: '2026-11-02T10:00:00Z',
  };

  it('is set from a file, without the line end, and is not shown', async () => {
    server.on('PUT /v1/secrets/shopToken', () => ({ json: secret }));
    const file = join(temporaryFolder(), 'token.txt');
    writeFileSync(file, 'the-token\n');
    const hosts = '--host api.example.com --host id.example.com';
    const { out, err } = await parley(`secret set shopToken ${hosts} --value-file ${file}`);
    expect(out).toBe('Secret shopToken may be sent to api.example.com, id.example.com.\n');
    expect(out + err).not.toContain('the-token');
    expect(server.received.at(-1)?.body).toEqual({ value: 'the-token', hosts: secret.hosts });
  });

  it('is set for named hosts only', async () => {
    expect(await parley('secret set shopToken')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--host'),
    });
  });

  it('lists and is deleted', async () => {
    server.on('GET /v1/secrets', () => ({ json: { items: [secret] } }));
    expect((await parley('secret list')).out).toMatchInlineSnapshot(`
      "SECRET     HOSTS                            UPDATED               LAST USED
      shopToken  api.example.com, id.example.com  2026-11-02T10:00:00Z  never
      "
    `);
    server.on('DELETE /v1/secrets/shopToken', () => ({ status: 204, json: undefined }));
    expect(await parley('secret delete shopToken')).toMatchObject({ code: 0 });
  });
});

describe('task-queue', () => {
  const queue = {
    name: 'render',
    waiting: 3,
    leased: 2,
    oldestAt: '2026-11-02T10:00:00.000Z',
    capacity: 4,
    pools: [{ name: 'gpu', capacity: 1, leased: 1 }],
    workers: 1,
  };
  const details = {
    ...queue,
    seen: [
      { name: 'w1', pool: 'gpu', active: true, lastSeenAt: '2026-11-02T10:01:00.000Z', leased: 2 },
      {
        ...{ name: 'w2', tasks: ['resize'], active: false, leased: 0 },
        lastSeenAt: '2026-11-02T09:00:00.000Z',
      },
    ],
  };

  it('lists', async () => {
    server.on('GET /v1/task-queues', () => ({ json: { items: [queue] } }));
    expect((await parley('task-queue list')).out).toMatchInlineSnapshot(`
      "QUEUE   WAITING  OUT     OLDEST SINCE          WORKERS
      render  3        2 of 4  2026-11-02T10:00:00Z  1
      "
    `);
  });

  it('shows one with its workers and tasks', async () => {
    server.on('GET /v1/task-queues/render', () => ({ json: details }));
    expect((await parley('task-queue show render')).out).toMatchInlineSnapshot(`
      "Queue         render
      Waiting       3
      Oldest since  2026-11-02T10:00:00Z
      Out           2 of 4
      Pools         gpu  1 of 1
      Workers       w1  has 2  pool gpu
                    w2  not heard of since 2026-11-02T09:00:00Z  resize
      "
    `);
    const task = {
      ...{ id: 'tsk_01', task: 'resize', status: 'leased', priority: 'high', worker: 'w1' },
      ...{ runId: 'run_01', workflowId, workflowName: 'x', step: 'do/resize', attempt: 1 },
      queuedAt: '2026-11-02T10:00:00.000Z',
    };
    server.on('GET /v1/task-queues/render/tasks', () => ({ json: { items: [task] } }));
    expect((await parley('task-queue tasks render')).out).toMatchInlineSnapshot(`
      "TASK    WORK    STATE   PRIORITY  SINCE                 WORKER  RUN     STEP
      tsk_01  resize  leased  high      2026-11-02T10:00:00Z  w1      run_01  do/resize
      "
    `);
  });

  it('is limited, also by pool, and not any more', async () => {
    server.on('PUT /v1/task-queues/render', () => ({ json: details }));
    const { out } = await parley('task-queue limit render --capacity 4 --pool gpu=1 --pool cpu=0');
    expect(out).toContain('2 of 4');
    expect(server.received.at(-1)?.body).toEqual({
      capacity: 4,
      pools: [
        { name: 'gpu', capacity: 1 },
        { name: 'cpu', capacity: 0 },
      ],
    });
    await parley('task-queue limit render --capacity 0');
    expect(server.received.at(-1)?.body).toEqual({ capacity: 0, pools: [] });
    await parley('task-queue limit render');
    expect(server.received.at(-1)?.body).toEqual({ pools: [] });
    expect(await parley('task-queue limit render --pool gpu')).toMatchObject({
      code: 2,
      err: expect.stringContaining('name=count'),
    });
  });
});

describe('approval', () => {
  it('lists those that wait', async () => {
    server.on('GET /v1/approvals', () => ({ json: { items: [approval] } }));
    expect((await parley('approval list')).out).toMatchInlineSnapshot(`
      "APPROVAL                        STATUS   WHO           MINE  SINCE                 RUN                             TITLE
      apr_01k00000000000000000000000  pending  role manager  yes   2026-11-02T10:00:00Z  run_01k00000000000000000000000  Order above 200
      "
    `);
    expect(server.received.at(-1)?.query).toMatchObject({ status: 'pending' });
    await parley('approval list --status all');
    expect(server.received.at(-1)?.query).not.toHaveProperty('status');
  });

  it.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ])('%ss with a reason', async (verb, decision) => {
    const decided = { ...approval, status: decision, decidedBy: 'Marco Manager' };
    server.on(`POST /v1/approvals/${approvalId}/decide`, () => ({ json: decided }));
    const result = await parley(['approval', verb, approvalId, '--reason', 'regular guest']);
    expect(result.code).toBe(0);
    expect(result.out).toContain(decision);
    expect(server.received.at(-1)?.body).toEqual({ decision, reason: 'regular guest' });
    const json = (await parley(`approval ${verb} ${approvalId} -o json`)).out;
    expect(JSON.parse(json)).toEqual(decided);
  });

  it('ends with 1 when somebody else is asked', async () => {
    server.on(`POST /v1/approvals/${approvalId}/decide`, () =>
      problem('forbidden', 'Only the role manager decides this.'),
    );
    expect(await parley(`approval approve ${approvalId}`)).toEqual({
      code: 1,
      out: '',
      err: 'parley: Only the role manager decides this.\n',
    });
  });
});

describe('connector', () => {
  it('imports a file', async () => {
    server.on('POST /v1/connectors', () => ({ status: 201, json: connector }));
    const file = join(temporaryFolder(), 'kitchen.yaml');
    writeFileSync(file, 'openapi: 3.1.0\n');
    const result = await parley(`connector import ${file} --name kitchen`);
    expect(result.out).toContain('Still open  The address is not approved.');
    expect(server.received.at(-1)?.body).toEqual({ name: 'kitchen', document: 'openapi: 3.1.0\n' });
  });

  it('imports what is piped in', async () => {
    server.on('POST /v1/connectors', () => ({ status: 201, json: connector }));
    const command = 'connector import - --source-url https://k.example/openapi.json -o json';
    const result = await parley(command, { piped: '{}' });
    expect(JSON.parse(result.out)).toEqual(connector);
    expect(server.received.at(-1)?.body).toEqual({
      document: '{}',
      sourceUrl: 'https://k.example/openapi.json',
    });
  });

  it('ends with 2 when there is no such file', async () => {
    expect(await parley('connector import nowhere.yaml')).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining(
        'Cannot read nowhere.yaml: there is no such file; check the name',
      ),
    });
  });

  it('lists', async () => {
    server.on('GET /v1/connectors', () => ({ json: { items: [connector] } }));
    expect((await parley('connector list')).out).toMatchInlineSnapshot(`
      "CONNECTOR  TITLE    OPERATIONS  BASE URL                       READY  OPEN
      kitchen    Kitchen  4           http://127.0.0.1:7420/kitchen  no     The address is not approved.
      "
    `);
    expect(JSON.parse((await parley('connector list -o json')).out)).toEqual({
      items: [connector],
    });
  });
});
