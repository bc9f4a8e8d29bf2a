import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem, sse } from '../../test/fake-server.js';
import { FakePerson, temporaryFolder, type FakeOptions } from '../../test/fake-terminal.js';
import {
  approvalId,
  checkStep,
  completedRun,
  failedRun,
  run,
  runId,
  workflow,
  workflowId,
} from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

async function parley(args: string, options: FakeOptions = {}) {
  return person.run(args.split(' '), {
    ...options,
    env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url, ...options.env },
  });
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.clear();
  server.on('GET /v1/workflows', () => ({ json: { items: [workflow] } }));
  server.on(`GET /v1/workflows/${workflowId}`, () => ({ json: workflow }));
});

describe('run start', () => {
  const route = `POST /v1/workflows/${workflowId}/runs`;

  it('starts by name, with input, version, token and a key of its own', async () => {
    server.on(route, () => ({ status: 202, json: run }));
    const result = await parley('run start handle-order --input {"orderId":"ord-1"} --version 2');
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toContain(`Run       ${runId}`);
    const sent = server.received.at(-1)!;
    expect(sent.body).toEqual({ input: { orderId: 'ord-1' }, version: 2 });
    expect(sent.headers['authorization']).toBe('Bearer tok');
    expect(sent.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('starts by id, with a tag, the given key, and piped input; answers JSON', async () => {
    server.on(route, () => ({ status: 202, json: run }));
    const command = `run start ${workflowId} --input - --version beta --idempotency-key k1 -o json`;
    const result = await parley(command, { piped: '[1]' });
    expect(JSON.parse(result.out)).toEqual(run);
    expect(server.received.at(-1)).toMatchObject({
      body: { input: [1], version: 'beta' },
      headers: { 'idempotency-key': 'k1' },
    });
  });

  it('reads a file', async () => {
    const file = join(temporaryFolder(), 'order.json');
    writeFileSync(file, '{"a":1}');
    server.on(route, () => ({ status: 202, json: run }));
    await parley(`run start handle-order --input @${file}`);
    expect(server.received.at(-1)?.body).toEqual({ input: { a: 1 } });
  });

  it('refuses what is not JSON before anything is sent', async () => {
    const result = await parley('run start handle-order --input {a');
    expect(result.code).toBe(2);
    expect(result.err).toMatch(/^parley: --input is not JSON .+@order\.json\n$/);
    expect(server.received).toEqual([]);
  });

  it('waits, says who is asked, survives a lost connection, and shows the output', async () => {
    server.on(route, () => ({ status: 202, json: run }));
    const since = run.createdAt;
    const wait = { kind: 'approval', step: 'do/ask', name: 'ask', since, approvalId };
    const waiting = { ...run, status: 'waiting', waitingFor: [{ ...wait, who: 'role manager' }] };
    let connections = 0;
    server.on(`GET /v1/runs/${runId}/events`, () => {
      connections += 1;
      return connections === 1
        ? { events: [sse('timeline', { run, steps: [] }, 1), sse('run', waiting, 5)] }
        : { events: [sse('run', waiting, 6), sse('run', completedRun, 9)] };
    });
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: { run: completedRun, steps: [] } }));
    const result = await parley('run start handle-order --wait -o json');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.out)).toEqual(completedRun);
    expect(result.err).toBe(
      `${runId} waits for a decision of role manager (${approvalId}). Decide: parley approval approve ${approvalId}\n`,
    );
    const streams = server.received.filter(({ path }) => path.endsWith('/events'));
    expect(streams.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '5']);
  });

  it('ends with 6 when the run failed', async () => {
    server.on(route, () => ({ status: 202, json: run }));
    server.on(`GET /v1/runs/${runId}/events`, () => ({ events: [sse('run', failedRun, 3)] }));
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: { run: failedRun, steps: [] } }));
    const result = await parley('run start handle-order --wait');
    expect(result.code).toBe(6);
    expect(result.out).toContain('Failed step  do/confirm');
    expect(result.err).toBe(
      `parley: ${runId} failed at do/confirm: Call refused (status 422). See what happened: parley run logs ${runId}\n`,
    );
  });

  it('ends with 130 on Ctrl-C and says that the run goes on', async () => {
    server.on(route, () => ({ status: 202, json: run }));
    const interrupt = new AbortController();
    server.on(`GET /v1/runs/${runId}/events`, () => {
      setTimeout(() => interrupt.abort(), 20);
      return { events: [sse('timeline', { run, steps: [] }, 1)] };
    });
    const result = await parley('run start handle-order --wait', {
      interrupted: interrupt.signal,
      sleep: () => new Promise((done) => setTimeout(done, 5)),
    });
    expect(result.code).toBe(130);
    expect(result.err).toBe(`${runId} goes on. Watch it: parley run logs ${runId} --follow\n`);
  });

  it('ends with 1 and the reasons when the platform refuses', async () => {
    const errors = ['must be a number', 'must be > 0'].map((message) => {
      return { pointer: '/input/total', message };
    });
    server.on(route, () => problem('invalid-input', 'The input does not fit.', errors));
    expect(await parley('run start handle-order')).toEqual({
      code: 1,
      out: '',
      err: 'parley: The input does not fit. /input/total must be a number and must be > 0\n',
    });
  });

  it('ends with 4 when there is no such workflow', async () => {
    const result = await parley('run start nothing');
    expect(result.code).toBe(4);
    expect(result.err).toBe(
      'parley: There is no workflow "nothing". See what there is: parley workflow list\n',
    );
  });
});

describe('run get and list', () => {
  it('shows a run', async () => {
    server.on(`GET /v1/runs/${runId}`, () => ({ json: completedRun }));
    expect((await parley(`run get ${runId}`)).out).toMatchInlineSnapshot(`
      "Run       run_01k00000000000000000000000
      Workflow  handle-order version 2 (wf_01k00000000000000000000000)
      Status    completed
      Started   2026-11-02T10:00:00Z by Olivia Owner
      Ended     2026-11-02T10:00:01Z
      Took      1.5 s
      Input     {
                  "orderId": "ord-1"
                }
      Output    {
                  "confirmed": true
                }
      "
    `);
    expect(JSON.parse((await parley(`run get ${runId} -o json`)).out)).toEqual(completedRun);
  });

  it('ends with 4 when there is no such run', async () => {
    server.on(`GET /v1/runs/${runId}`, () => problem('not-found', 'There is no such run.'));
    expect(await parley(`run get ${runId}`)).toEqual({
      code: 4,
      out: '',
      err: 'parley: There is no such run.\n',
    });
  });

  it('lists page by page, by workflow name and status, aligned', async () => {
    const { input: _input, ...summary } = run;
    server.on('GET /v1/runs', ({ query }) =>
      query['pageToken'] === undefined
        ? { json: { items: [summary], nextPageToken: 'p2' } }
        : { json: { items: [{ ...summary, version: 11, status: 'failed' }] } },
    );
    const result = await parley('run list --workflow handle-order --status failed');
    expect(result.out).toMatchInlineSnapshot(`
      "RUN                             WORKFLOW      VERSION  STATUS   STARTED               TOOK  DETAIL
      run_01k00000000000000000000000  handle-order  2        running  2026-11-02T10:00:00Z
      run_01k00000000000000000000000  handle-order  11       failed   2026-11-02T10:00:00Z
      "
    `);
    expect(server.received.at(-1)?.query).toEqual({
      workflowId,
      status: 'failed',
      pageSize: '51',
      pageToken: 'p2',
    });
    const json = JSON.parse((await parley('run list --limit 1 -o json')).out);
    expect(json.items).toHaveLength(1);
  });

  it('says so when there are none, beside an empty result', async () => {
    server.on('GET /v1/runs', () => ({ json: { items: [] } }));
    expect(await parley('run list')).toEqual({ code: 0, out: '', err: 'No runs.\n' });
    expect(JSON.parse((await parley('run list -o json')).out)).toEqual({ items: [] });
  });
});

describe('run logs', () => {
  const timeline = { run: completedRun, steps: [checkStep] };

  it('tells what happened, oldest first', async () => {
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: timeline }));
    expect((await parley(`run logs ${runId}`)).out).toMatchInlineSnapshot(`
      "2026-11-02T10:00:00.000Z  started    run                       handle-order version 2, by Olivia Owner
      2026-11-02T10:00:00.100Z  started    check                     kitchen · GET /capacity
      2026-11-02T10:00:00.200Z  failed     check                     attempt 1  No answer (status 503)
      2026-11-02T10:00:00.400Z  completed  check                     300 ms
      2026-11-02T10:00:01.500Z  completed  run                       1.5 s
      "
    `);
  });

  it('ends what is inside before what is around it', async () => {
    const time = '2026-11-02T10:00:00.000Z';
    const steps = ['do/a', 'do/a/do/b', 'do/a/do/b/do/c', 'do/d'].map((occurrence) => {
      const name = occurrence.slice(-1);
      return { ...checkStep, occurrence, name, attempts: [], startedAt: time, endedAt: time };
    });
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: { run: completedRun, steps } }));
    const { out } = await parley(`run logs ${runId} -o json`);
    const lines = out.trim().split('\n').slice(1, -1);
    const told = lines.map((line) => {
      const { status, step } = JSON.parse(line) as { status: string; step: string };
      return `${status === 'started' ? '+' : '-'}${step}`;
    });
    expect(told.join(' ')).toBe('+a +b +c -c -b -a +d -d');
  });

  it('tells one step with input and output', async () => {
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: timeline }));
    const text = (await parley(`run logs ${runId} --step check`)).out;
    expect(text).toContain('  input   {"item":"soup"}\n');
    expect(text).toContain('  output  {"free":3}\n');
    const lines = (await parley(`run logs ${runId} --step check -o json`)).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { step: 'check', status: 'started', input: { value: { item: 'soup' } } },
      { status: 'failed', attempt: 1 },
      { status: 'completed', durationMs: 300, output: { value: { free: 3 } } },
    ]);
  });

  it('ends with 4 and the names when no step is called so', async () => {
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: timeline }));
    expect(await parley(`run logs ${runId} --step chekc`)).toMatchObject({
      code: 4,
      err: `parley: ${runId} has no step "chekc"; there are: check.\n`,
    });
  });

  it('names who started it, and is content with the id when the members are not told', async () => {
    const startedBy = 'mem_0001';
    server.on(`GET /v1/runs/${runId}`, () => ({ json: { ...run, startedBy } }));
    expect((await parley(`run get ${runId}`)).out).toContain('by mem_0001');
    server.on('GET /v1/members', () => ({ json: { items: [{ id: startedBy, name: 'Ada' }] } }));
    expect((await parley(`run get ${runId}`)).out).toContain('by Ada');
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({
      json: { run: { ...run, startedBy }, steps: [] },
    }));
    expect((await parley(`run logs ${runId}`)).out).toContain('by Ada');
    expect((await parley(`run get ${runId} -o json`)).out).toContain('"mem_0001"');
  });

  it('tells the start of a call together with whom it asks', async () => {
    const entered = {
      ...checkStep,
      kind: 'call',
      calls: undefined,
      status: 'running',
      endedAt: undefined,
      attempts: [],
    };
    const asking = { ...entered, kind: 'human', calls: 'asks role manager' };
    server.on(`GET /v1/runs/${runId}/events`, () => ({
      events: [
        sse('timeline', { run, steps: [entered] }, 2),
        sse('steps', { steps: [asking] }, 4),
        sse('run', completedRun, 5),
      ],
    }));
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({
      json: { run: completedRun, steps: [asking] },
    }));
    const { out } = await parley(`run logs ${runId} --follow`);
    expect(out).toMatch(/started +check +asks role manager/);
    expect(out.match(/started +check/g)).toHaveLength(1);
  });

  it('follows until the end and shows every line once', async () => {
    const started = { ...checkStep, status: 'running', endedAt: undefined, attempts: [] };
    server.on(`GET /v1/runs/${runId}/events`, () => ({
      events: [
        sse('timeline', { run, steps: [started] }, 2),
        sse('steps', { steps: [checkStep] }, 4),
        sse('run', completedRun, 5),
      ],
    }));
    server.on(`GET /v1/runs/${runId}/timeline`, () => ({ json: timeline }));
    const { out } = await parley(`run logs ${runId} --follow`);
    const words = out
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/).slice(1, 3).join(' '));
    expect(words).toEqual([
      'started run',
      'started check',
      'failed check',
      'completed check',
      'completed run',
    ]);
  });
});
