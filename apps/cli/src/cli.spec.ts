import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, problem } from '../test/fake-server.js';
import { FakePerson } from '../test/fake-terminal.js';
import { approval, runId } from '../test/samples.js';
import { exitCodes } from './exit-codes.js';

const server = new FakeServer();
const person = new FakePerson();
const env = () => ({ PARLEY_TOKEN: 'tok', PARLEY_SERVER: server.url });

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => server.clear());

describe('exit codes', () => {
  it.each([
    ['forbidden', exitCodes.refused],
    ['overloaded', exitCodes.refused],
    ['internal', exitCodes.refused],
    ['unauthenticated', exitCodes.notSignedIn],
    ['token-expired', exitCodes.notSignedIn],
    ['not-found', exitCodes.notFound],
    ['unavailable', exitCodes.unreachable],
    ['timeout', exitCodes.unreachable],
  ] as const)('%s ends with %s', async (code, exitCode) => {
    server.on('POST /v1/approvals/apr_1/decide', () => problem(code, 'Why,\nand the cure.'));
    const result = await person.run(['approval', 'approve', 'apr_1'], { env: env() });
    expect(result.code).toBe(exitCode);
    expect(result.out).toBe('');
    expect(result.err).toMatch(/^parley: Why, and the cure\.( Sign in with: parley login)?\n$/);
  });

  it('a server that is not there ends with 5', async () => {
    const result = await person.run(['approval', 'approve', 'apr_1'], {
      env: { PARLEY_TOKEN: 'tok', PARLEY_SERVER: 'http://127.0.0.1:9' },
    });
    expect(result).toEqual({
      code: 5,
      out: '',
      err: 'parley: http://127.0.0.1:9 is not reachable; is Parley running?\n',
    });
  });

  it('nobody signed in ends with 3 before anything is sent', async () => {
    const result = await person.run(['run', 'get', runId, '--server', server.url]);
    expect(result.code).toBe(3);
    expect(result.err).toBe(
      `parley: You are not signed in to ${server.url}. Run: parley login --server ${server.url} (or set PARLEY_TOKEN)\n`,
    );
    expect(server.received).toEqual([]);
  });
});

describe('usage', () => {
  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['bogus'], `unknown command 'bogus'. See "parley --help"`],
    [['run', 'strat'], '(Did you mean start?)'],
    [['run', 'get'], "missing required argument 'run'"],
    [['run', 'list', '--limit', '0'], 'whole number'],
    [['run', 'list', '-o', 'xml'], 'Allowed choices are table, json'],
    [['run', 'list', '--server', 'nowhere'], 'not the address of a server'],
  ])('%j ends with 2', async (args, message) => {
    const result = await person.run(args, { env: { PARLEY_TOKEN: 'tok' } });
    expect(result.code).toBe(2);
    expect(result.out).toBe('');
    expect(result.err).toMatch(/^parley: [^\n]+\n$/);
    expect(result.err).toContain(message);
  });

  it.each(['-V', '--version'])('%s shows the version', async (option) => {
    expect(await person.run([option])).toMatchObject({ code: 0, err: '', out: '0.1.0\n' });
  });

  it.each([[[]], [['run']], [['dev']]])('%j alone shows its help and ends with 2', async (args) => {
    const result = await person.run(args);
    expect(result.code).toBe(2);
    expect(result.err).toMatch(/^Usage: parley/);
  });

  const commands = [
    '',
    'login',
    'logout',
    'run',
    'run start',
    'run get',
    'run list',
    'run logs',
    'workflow list',
    'workflow get',
    'approval list',
    'approval approve',
    'approval reject',
    'connector import',
    'connector list',
    'secret set',
    'secret list',
    'secret delete',
    'dev kill',
  ];
  it.each(commands)('"%s --help" ends with 0', async (command) => {
    const args = [...command.split(' ').filter(Boolean), '--help'];
    const result = await person.run(args);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toContain('--server');
    const isGroup = command === 'run';
    if (!isGroup) expect(result.out).toMatch(/\nExamples?\n {2}\$ parley/);
  });
});

describe('what is shown', () => {
  it('has colours on a screen only, and none with NO_COLOR', async () => {
    server.on('GET /v1/approvals', () => ({ json: { items: [approval] } }));
    const args = ['approval', 'list'];
    const escape = '\u001b[33mpending\u001b[0m';
    const shown = async (isTty: boolean, more = {}) =>
      (await person.run(args, { env: { ...env(), ...more }, isTty })).out.includes(escape);
    expect(await shown(true)).toBe(true);
    expect(await shown(false)).toBe(false);
    expect(await shown(true, { NO_COLOR: '1' })).toBe(false);
  });

  it('never passes control characters on', async () => {
    const title = 'evil \u001b[2J\nsecond line';
    server.on('GET /v1/approvals', () => ({ json: { items: [{ ...approval, title }] } }));
    const { out } = await person.run(['approval', 'list'], { env: env(), isTty: false });
    expect(out).toMatch(/evil {2}\[2J second line\n$/);
  });
});
