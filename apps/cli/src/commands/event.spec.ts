import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem } from '../../test/fake-server.js';
import { FakePerson } from '../../test/fake-terminal.js';
import { runId } from '../../test/samples.js';

const server = new FakeServer();
const person = new FakePerson();
const type = 'com.example.paid';
const accepted = { id: 'evt-1', source: '/till', type };

const parley = (...args: readonly string[]) =>
  person.run(args, { env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url } });

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => server.clear());

describe.each([
  ['event send', ['event', 'send', type], '/v1/events'],
  ['run signal', ['run', 'signal', runId, type], `/v1/runs/${runId}/signals`],
])('parley %s', (_name, command, path) => {
  it('tells an event with its data', async () => {
    server.on(`POST ${path}`, () => ({ status: 202, json: accepted }));
    const given = ['--data', '{"amount":12.5}', '--source', '/till', '--id', 'evt-1'];
    const told = await parley(...command, ...given, '-o', 'json');
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(told.out)).toEqual(accepted);
    expect(server.received.at(-1)?.body).toEqual({ ...accepted, data: { amount: 12.5 } });
  });

  it('needs nothing but a type', async () => {
    server.on(`POST ${path}`, () => ({ status: 202, json: accepted }));
    const told = await parley(...command);
    expect(told.out).toBe('The event evt-1 (com.example.paid) of /till is accepted.\n');
    expect(server.received.at(-1)?.body).toEqual({ type });
  });

  it('sends nothing that is no JSON', async () => {
    const told = await parley(...command, '--data', '{a');
    expect(told.code).toBe(2);
    expect(told.err).toContain('--data is not JSON');
    expect(server.received).toEqual([]);
  });

  it('says why it is refused', async () => {
    server.on(`POST ${path}`, () =>
      problem('illegal-transition', 'A failed run hears no signals.'),
    );
    const told = await parley(...command);
    expect(told.code).toBe(1);
    expect(told.err).toContain('hears no signals');
  });
});
