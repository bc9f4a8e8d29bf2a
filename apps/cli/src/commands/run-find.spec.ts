import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer } from '../../test/fake-server.js';
import { FakePerson, temporaryFolder } from '../../test/fake-terminal.js';
import { run, runId, workflow, workflowId } from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

async function parley(...args: string[]) {
  return person.run(args, { env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url } });
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.clear();
  server.on('GET /v1/workflows', () => ({ json: { items: [workflow] } }));
});

describe('run count', () => {
  it('hands every filter on', async () => {
    const counts = { byStatus: { completed: 3, failed: 0 }, total: 3 };
    server.on('GET /v1/runs/counts', () => ({ json: counts }));
    const result = await parley(
      ...['run', 'count', '--workflow', 'handle-order', '--version', '2', '--tag', 'vip'],
      ...['--attribute', 'total>=100', '--started-by', 'mem_1', '--error', 'timeout'],
      '--stalled',
      ...['--parent', runId, '--from', '2027-01-01T00:00:00Z', '--before', '2027-02-01T00:00:00Z'],
    );
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toContain('completed  3');
    expect(server.received.at(-1)?.query).toEqual({
      workflowId,
      version: '2',
      tag: 'vip',
      attribute: 'total>=100',
      startedBy: 'mem_1',
      errorType: 'timeout',
      stalled: 'true',
      parentRunId: runId,
      startedFrom: '2027-01-01T00:00:00Z',
      startedBefore: '2027-02-01T00:00:00Z',
    });
  });
});

describe('run list', () => {
  it('says which runs nothing moves any more', async () => {
    const stalled = { ...run, status: 'waiting', stalledSince: run.createdAt };
    server.on('GET /v1/runs', () => ({ json: { items: [stalled] } }));
    const result = await parley('run', 'list', '--stalled');
    expect(result.out).toMatch(/waiting.*stalled/);
    expect(server.received.at(-1)?.query).toMatchObject({ stalled: 'true' });
  });
});

describe('run result', () => {
  it('asks until the run has ended', async () => {
    let asked = 0;
    server.on(`GET /v1/runs/${runId}/result`, () => {
      asked += 1;
      const open = { runId, ended: false, status: 'running' };
      return { json: asked < 3 ? open : { runId, ended: true, status: 'completed', output: 7 } };
    });
    const result = await parley('run', 'result', runId, '--wait', '-o', 'json');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({ output: 7 });
    expect(server.received.at(-1)?.query).toEqual({ waitSeconds: '30' });
    expect(asked).toBe(3);
  });

  it('ends with 6 when there is none', async () => {
    const open = { runId, ended: false, status: 'waiting' };
    server.on(`GET /v1/runs/${runId}/result`, () => ({ json: open }));
    const result = await parley('run', 'result', runId);
    expect(result.code).toBe(6);
    expect(result.err).toContain('has not ended; it is waiting');
  });
});

describe('run label', () => {
  it('sends typed values, and takes away', async () => {
    const labelled = { ...run, tags: ['vip'], attributes: { total: 12.5 } };
    server.on(`PATCH /v1/runs/${runId}`, () => ({ json: labelled }));
    const result = await parley(
      ...['run', 'label', runId, '--tag', 'vip', '--untag', 'new', '--attribute', 'total=12.5'],
      ...['--attribute', 'name="7"', '--attribute', 'paid=true', '--without', 'due'],
    );
    expect(result.code).toBe(0);
    expect(result.out).toContain('total=12.5');
    expect(server.received.at(-1)?.body).toEqual({
      addTags: ['vip'],
      removeTags: ['new'],
      attributes: { total: 12.5, name: '7', paid: true, due: null },
    });
  });
});

describe('run start-batch', () => {
  const route = `POST /v1/workflows/${workflowId}/runs/batch`;

  it('starts a line each, and ends with 1 when some were refused', async () => {
    const file = join(temporaryFolder(), 'orders.ndjson');
    writeFileSync(file, '{"input":{"n":1},"key":"a"}\n\n{"input":{"n":2},"tags":["vip"]}\n');
    const problem = { code: 'invalid-input', title: 'x', status: 422, detail: 'n is too large' };
    const items = [
      { outcome: 'started', runId, status: 'running' },
      { outcome: 'refused', problem },
    ];
    server.on(route, () => ({ json: { items, started: 1, repeated: 0, refused: 1 } }));
    const result = await parley('run', 'start-batch', 'handle-order', file);
    expect(result.code).toBe(1);
    expect(result.out).toContain('n is too large');
    expect(result.err).toContain('1 of 2 were refused');
    expect(server.received.at(-1)?.body).toEqual({
      items: [
        { input: { n: 1 }, key: 'a' },
        { input: { n: 2 }, tags: ['vip'] },
      ],
    });
  });

  it('sends a thousand at a time', async () => {
    const file = join(temporaryFolder(), 'many.json');
    writeFileSync(file, JSON.stringify(Array.from({ length: 1_001 }, () => ({ input: 1 }))));
    const started = { outcome: 'started', runId, status: 'running' };
    server.on(route, ({ body }) => {
      const { length } = (body as { items: unknown[] }).items;
      const items = Array.from({ length }, () => started);
      return { json: { items, started: length, repeated: 0, refused: 0 } };
    });
    const result = await parley('run', 'start-batch', 'handle-order', file, '-o', 'json');
    expect(result.code).toBe(0);
    expect((JSON.parse(result.out) as { items: unknown[] }).items).toHaveLength(1_001);
    const sizes = server.received.filter(({ method }) => method === 'POST');
    expect(sizes).toHaveLength(2);
  });

  it('says which line is no JSON before anything is sent', async () => {
    const file = join(temporaryFolder(), 'broken.ndjson');
    writeFileSync(file, '{"input":1}\n{"input":\n');
    const result = await parley('run', 'start-batch', 'handle-order', file);
    expect(result.code).toBe(2);
    expect(result.err).toContain('line 2 of');
  });
});
