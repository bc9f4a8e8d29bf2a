import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem } from '../../test/fake-server.js';
import { FakePerson, type FakeOptions } from '../../test/fake-terminal.js';
import { run, runId } from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();

async function parley(args: readonly string[], options: FakeOptions = {}) {
  return person.run(args, {
    ...options,
    env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url, ...options.env },
  });
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => server.clear());

describe('steering a run', () => {
  it.each([
    ['cancel', ['--reason', 'ordered twice'], { reason: 'ordered twice' }],
    ['cancel', ['--compensate'], { compensate: true }],
    ['terminate', [], {}],
    ['suspend', ['--reason', 'counting'], { reason: 'counting' }],
    ['resume', [], undefined],
    ['retry', [], undefined],
    ['skip', [], {}],
    [
      'skip',
      ['--step', 'do/pay', '--result', '{"paid":12}', '--reason', 'cash'],
      { step: 'do/pay', output: { paid: 12 }, reason: 'cash' },
    ],
  ])('%s %j', async (verb, options, body) => {
    server.on(`POST /v1/runs/${runId}/${verb}`, () => ({ status: 202, json: run }));
    const result = await parley(['run', verb, runId, ...options, '-o', 'json']);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(result.out)).toEqual(run);
    expect(server.received.at(-1)?.body).toEqual(body);
  });

  it('shows every value that an expression gives', async () => {
    const answer = { values: ['running', { n: 1 }], position: 3 };
    server.on(`POST /v1/runs/${runId}/query`, () => ({ json: answer }));
    const result = await parley(['run', 'query', runId, '.status, $context']);
    expect(result).toMatchObject({ code: 0, out: '"running"\n{\n  "n": 1\n}\n' });
    expect(server.received.at(-1)?.body).toEqual({ expression: '.status, $context' });
    const json = await parley(['run', 'query', runId, '.', '-o', 'json']);
    expect(JSON.parse(json.out)).toEqual(answer);
  });

  it('shows what would repeat, and starts it when it is told to', async () => {
    const preview = {
      runId,
      version: 2,
      mode: 'freeze',
      step: 'do/pay',
      name: 'pay',
      input: { value: 1, truncated: false, bytes: 1 },
      reused: 3,
      undone: ['do/book'],
      repeats: [{ step: 'do/pay', name: 'pay', kind: 'call', calls: 'POST /pay', attempts: 1 }],
      repeatCount: 1,
      seen: 'abc',
    };
    server.on(`GET /v1/runs/${runId}/replay`, () => ({ json: preview }));
    server.on(`POST /v1/runs/${runId}/replay`, () => ({ status: 202, json: run }));
    const shown = await parley(['run', 'replay', runId, '--from', 'do/pay']);
    expect(shown.out).toContain('The recorded outputs of 3 steps are used.');
    expect(shown.out).toContain('What do/book did has been undone since.');
    expect(shown.out).toContain('do/pay  POST /pay');
    expect(shown.err).toContain('--yes');
    expect(server.received.map(({ method }) => method)).toEqual(['GET']);
    const args = ['run', 'replay', runId, '--from', 'do/pay', '--input', '{"a":1}', '--yes'];
    const started = await parley([...args, '-o', 'json']);
    expect(JSON.parse(started.out)).toEqual(run);
    const body = { step: 'do/pay', mode: 'freeze', input: { a: 1 }, seen: 'abc' };
    expect(server.received.at(-1)?.body).toEqual(body);
  });

  it.each([[['--from', 'do/pay', '--live']], [['--live', '--from', 'do/pay']]])(
    'runs again either from a step or from the beginning (%j)',
    async (options) => {
      const result = await parley(['run', 'replay', runId, ...options]);
      expect(result.code).toBe(2);
      expect(result.err).toMatch(/'--live' cannot be used with option '--from <step>'/);
      expect(server.received).toEqual([]);
    },
  );

  it('says each fact of a refusal once', async () => {
    const message = 'line 1, column 9: an expression is expected here';
    const detail = `The expression cannot be evaluated: ${message}.`;
    const errors = [{ pointer: '/expression', message }];
    server.on(`POST /v1/runs/${runId}/query`, () => problem('invalid', detail, errors));
    const result = await parley(['run', 'query', runId, '.open[] |']);
    expect(result.err).toBe(`parley: ${detail}\n`);
  });

  it('says why a run does not take it', async () => {
    const why = 'A completed run cannot be suspended.';
    server.on(`POST /v1/runs/${runId}/suspend`, () => problem('illegal-transition', why));
    const result = await parley(['run', 'suspend', runId]);
    expect(result.code).toBe(1);
    expect(result.err).toContain(why);
  });

  it('shows who has to resume it', async () => {
    const since = run.createdAt;
    const wait = { kind: 'resume', step: '', name: '', since, who: 'member mem_1' };
    const suspended = { ...run, status: 'suspended', waitingFor: [wait] };
    server.on(`POST /v1/runs/${runId}/suspend`, () => ({ status: 202, json: suspended }));
    const result = await parley(['run', 'suspend', runId]);
    expect(result.out).toContain('the run: to be resumed (suspended by member mem_1)');
    server.on('GET /v1/members', () => ({ json: { items: [{ id: 'mem_1', name: 'Ada' }] } }));
    const named = await parley(['run', 'suspend', runId]);
    expect(named.out).toContain('the run: to be resumed (suspended by Ada)');
  });

  it('shows the run that started it', async () => {
    const child = { ...run, parent: { runId: 'run_parent', step: 'do/pay' } };
    server.on(`POST /v1/runs/${runId}/resume`, () => ({ status: 202, json: child }));
    const result = await parley(['run', 'resume', runId]);
    expect(result.out).toContain('Part of   run_parent (do/pay)');
  });

  it('refuses an output that is no JSON before anything is sent', async () => {
    const result = await parley(['run', 'skip', runId, '--result', '{a']);
    expect(result.code).toBe(2);
    expect(result.err).toContain('--result is not JSON');
    expect(server.received).toEqual([]);
  });
});
