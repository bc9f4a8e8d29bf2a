import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem, type Reply } from '../../test/fake-server.js';
import { FakePerson, temporaryFolder } from '../../test/fake-terminal.js';
import { run, runId, workflow, workflowId } from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

const env = () => ({ PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url });

async function parley(...args: string[]) {
  return person.run(args, { env: env() });
}

async function parleyWith(piped: string, args: readonly string[]) {
  return person.run(args, { piped, env: env() });
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

  it('says why runs failed', async () => {
    const error = {
      type: 'urn:x',
      status: 502,
      title: 'Bad gateway',
      detail: 'the shop is closed',
    };
    const failed = { ...run, status: 'failed', failedStep: 'do/pay', error };
    server.on('GET /v1/runs', () => ({ json: { items: [failed] } }));
    const result = await parley('run', 'list', '--status', 'failed');
    expect(result.out).toMatch(/failed.*do\/pay: .*the shop is closed/);
    const wait = { kind: 'worker', step: 'do/undo', name: 'undo', since: run.createdAt };
    const undone = { ...failed, status: 'compensating', waitingFor: [wait] };
    const long = { ...failed, error: { ...error, detail: 'x'.repeat(5_000) } };
    server.on('GET /v1/runs', () => ({ json: { items: [undone, long] } }));
    const [, first = '', second = ''] = (await parley('run', 'list')).out.split('\n');
    expect(first).toMatch(/compensating.*worker/);
    expect(second.length).toBeLessThan(500);
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

  describe('when the platform stops it in the middle', () => {
    const started = { outcome: 'started', runId, status: 'running' };
    /** 1,101 lines, of which the second is empty. */
    const many = `{"input":0}\n\n${'{"input":1}\n'.repeat(1_099)}`;

    function answering(refusal: () => Reply): void {
      server.on(route, ({ body }) => {
        const { length } = (body as { items: unknown[] }).items;
        if (length < 1_000) return refusal();
        const items = Array.from({ length }, () => started);
        return { json: { items, started: length, repeated: 0, refused: 0 } };
      });
    }

    it('shows what has started, and names the line that was refused', async () => {
      const message = 'This must not be empty';
      const pointer = '/items/90/tags/0';
      const errors = [{ pointer, message }];
      answering(() => problem('invalid', `${message} (at ${pointer}).`, errors));
      const args = ['run', 'start-batch', 'handle-order', '-'];
      const result = await parleyWith(many, [...args, '-o', 'json']);
      const { items } = JSON.parse(result.out) as { items: { item: number }[] };
      expect([items.length, items[0]?.item, items[1]?.item]).toEqual([1_000, 1, 3]);
      expect(items.at(-1)?.item).toBe(1_001);
      expect(result).toMatchObject({
        code: 1,
        err: `parley: This must not be empty (at line 1092, /tags/0). 1000 runs were started before. Nothing of lines 1002 to 1101 was. Correct the file and send it from line 1002 on.\n`,
      });
      const shown = await parleyWith(many, args);
      expect(shown.out).toMatch(/^LINE +OUTCOME/);
      expect(shown.out.split('\n')).toHaveLength(1_002);
    });

    it('says the place that the refusal itself leaves out', async () => {
      const message = 'The body has text that cannot be kept; remove it.';
      const errors = [{ pointer: '/items/0/tags/0', message }];
      answering(() => problem('malformed', message, errors));
      const args = ['run', 'start-batch', 'handle-order', '-'];
      const result = await parleyWith('[{"tags":["x"]}]', args);
      expect(result).toMatchObject({ code: 1, out: '' });
      expect(result.err).toContain('remove it. See item 1, /tags/0. Nothing was started');
    });

    it('says what is not known when the answer did not come', async () => {
      answering(() => problem('unavailable', 'The service does not answer.'));
      const result = await parleyWith(many, ['run', 'start-batch', 'handle-order', '-']);
      expect(result.code).toBe(5);
      expect(result.err).toContain('What became of lines 1002 to 1101 is not known');
    });
  });

  it('says which line is no JSON before anything is sent', async () => {
    const file = join(temporaryFolder(), 'broken.ndjson');
    writeFileSync(file, '{"input":1}\n{"input":\n');
    const result = await parley('run', 'start-batch', 'handle-order', file);
    expect(result.code).toBe(2);
    expect(result.err).toContain('line 2 of');
  });
});
