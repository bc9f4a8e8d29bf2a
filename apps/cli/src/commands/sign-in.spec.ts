import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeServer, type Reply } from '../../test/fake-server.js';
import { FakePerson } from '../../test/fake-terminal.js';

const server = new FakeServer();
let person: FakePerson;

const me = {
  member: { name: 'Olivia Owner', email: 'owner@parley.local', roles: ['owner'] },
  tenant: { name: 'Trattoria' },
};

/** Server and issuer in one; the token endpoint gives these answers in turn, the last for ever. */
function answersOf(...answers: Reply[]): void {
  const issuer = server.url;
  server.on('GET /v1/client-config', () => ({
    json: { issuer, clientId: 'parley-console', audience: 'parley' },
  }));
  server.on('GET /.well-known/openid-configuration', () => ({
    json: {
      issuer,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device/auth`,
      revocation_endpoint: `${issuer}/revoke`,
    },
  }));
  server.on('POST /device/auth', () => ({
    json: {
      device_code: 'dev-1',
      user_code: 'ABCD-EFGH',
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=ABCD-EFGH`,
      expires_in: 600,
      interval: 2,
    },
  }));
  server.on('POST /token', () => (answers.length > 1 ? answers.shift()! : answers[0]!));
  server.on('POST /revoke', () => ({ json: {} }));
  server.on('GET /v1/me', () => ({ json: me }));
  server.on('GET /v1/runs', () => ({ json: { items: [] } }));
}

const tokens = (name: string): Reply => ({
  json: { access_token: `${name}-access`, refresh_token: `${name}-refresh`, expires_in: 3600 },
});
const refusal = (error: string): Reply => ({ status: 400, json: { error } });
const login = () => person.run(['login', '--server', server.url]);

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.clear();
  person = new FakePerson();
});

describe('login', () => {
  it('shows address and code, waits as told, keeps the tokens to itself', async () => {
    answersOf(refusal('authorization_pending'), refusal('slow_down'), tokens('first'));
    const waits: number[] = [];
    const result = await person.run(['login', '--server', server.url], {
      sleep: async (ms) => void waits.push(ms),
    });
    expect(result.code).toBe(0);
    expect(result.err).toContain(`${server.url}/device?user_code=ABCD-EFGH\n  Code: ABCD-EFGH`);
    expect(result.out).toContain('Olivia Owner <owner@parley.local> (owner)');
    expect(waits).toEqual([2000, 2000, 7000]);
    const folder = join(person.home, 'parley/sessions');
    const [file = ''] = readdirSync(folder);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toMatchObject({
      clientId: 'parley-cli',
      accessToken: 'first-access',
      refreshToken: 'first-refresh',
    });
  });

  it('makes the server the default one', async () => {
    answersOf(tokens('first'));
    await login();
    await person.run(['run', 'list']);
    expect(server.received.at(-1)).toMatchObject({
      path: '/v1/runs',
      headers: { authorization: 'Bearer first-access' },
    });
  });

  it.each(['access_denied', 'expired_token'])('ends with 3 on %s', async (error) => {
    answersOf(refusal(error));
    const result = await login();
    expect(result.code).toBe(3);
    expect(result.err).toContain('Run "parley login" again.');
  });

  it('refuses an issuer that is described by somebody else', async () => {
    answersOf(tokens('first'));
    server.on('GET /.well-known/openid-configuration', () => ({
      json: { issuer: 'https://evil.example', token_endpoint: 'https://evil.example/token' },
    }));
    expect(await login()).toMatchObject({ code: 1 });
  });

  it('ends with 5 when the server is not there', async () => {
    const result = await person.run(['login', '--server', 'http://127.0.0.1:9']);
    expect(result.code).toBe(5);
  });
});

describe('tokens', () => {
  const later = { now: () => Date.now() + 3600_000 };

  it('are renewed before they expire, once for several commands at a time', async () => {
    answersOf(tokens('first'), tokens('second'));
    await login();
    const list = () =>
      person.run(['run', 'list'], {
        ...later,
        sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
      });
    expect(await Promise.all([list(), list(), list()])).toMatchObject([
      { code: 0 },
      { code: 0 },
      { code: 0 },
    ]);
    const renewals = server.received.filter(({ path }) => path === '/token').slice(1);
    expect(renewals.map(({ body }) => body)).toEqual([
      { grant_type: 'refresh_token', client_id: 'parley-cli', refresh_token: 'first-refresh' },
    ]);
    expect(server.received.at(-1)?.headers['authorization']).toBe('Bearer second-access');
  });

  it('that cannot be renewed end with 3', async () => {
    answersOf(tokens('first'), refusal('invalid_grant'));
    await login();
    const result = await person.run(['run', 'list'], later);
    expect(result.code).toBe(3);
    expect(result.err).toContain('Your sign-in has expired');
  });
});

describe('logout', () => {
  it('forgets the tokens here and at the issuer', async () => {
    answersOf(tokens('first'));
    await login();
    expect(await person.run(['logout'])).toMatchObject({
      code: 0,
      out: `Signed out of ${server.url}.\n`,
    });
    expect(server.received.at(-1)).toMatchObject({
      path: '/revoke',
      body: { token: 'first-refresh' },
    });
    expect(await person.run(['run', 'list'])).toMatchObject({ code: 3 });
    const again = await person.run(['logout', '-o', 'json']);
    expect(JSON.parse(again.out)).toEqual({ server: server.url, wasSignedIn: false });
  });
});
