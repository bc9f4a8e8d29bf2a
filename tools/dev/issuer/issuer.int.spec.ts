import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { HeadlessBrowser } from './browser.js';

const consoleUrl = 'http://127.0.0.1:9';
const home = mkdtempSync(join(tmpdir(), 'parley-issuer-'));
const tokenFile = join(home, 'login-token');
let issuer: string;
let port: number;
let child: ChildProcess;

async function start(): Promise<void> {
  child = spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'development',
      NODE_OPTIONS: '',
      PARLEY_HOME: home,
      PARLEY_PORT: String(port),
      PARLEY_CONSOLE_URL: consoleUrl,
      PARLEY_ISSUER_LOGIN_TOKEN_FILE: tokenFile,
    },
  });
  for (;;) {
    const up = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined);
    if (up?.ok === true) return;
    if (child.exitCode !== null) throw new Error(`the issuer ended with ${String(child.exitCode)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}

beforeAll(async () => {
  port = await freePort();
  issuer = `http://127.0.0.1:${String(port)}`;
  await start();
});

afterAll(async () => {
  await stop('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  writeFileSync(tokenFile, 'one-time');
});

describe('development issuer', () => {
  it('signs in with the one-time token, once', async () => {
    const tokens = await new HeadlessBrowser(issuer, consoleUrl).signIn({ loginToken: 'one-time' });
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const { payload } = await jwtVerify(tokens.accessToken, keys, { issuer, audience: 'parley' });
    expect(payload).toMatchObject({ sub: 'dev-owner', email: 'owner@parley.local' });

    const other = new HeadlessBrowser(issuer, consoleUrl);
    await expect(other.signIn({ loginToken: 'one-time' })).rejects.toThrow('403');
  });

  it('lets only a trusted browser choose another person', async () => {
    const stranger = new HeadlessBrowser(issuer, consoleUrl);
    await expect(stranger.signIn({ email: 'manager@parley.local' })).rejects.toThrow('403');

    const browser = new HeadlessBrowser(issuer, consoleUrl);
    await browser.signIn({ loginToken: 'one-time' });
    const tokens = await browser.signIn({ email: 'manager@parley.local' });
    const payload = tokens.accessToken.split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: 'dev-manager',
    });
  });

  it('connects the command line by device code', async () => {
    const browser = new HeadlessBrowser(issuer, consoleUrl);
    await browser.signIn({ loginToken: 'one-time' });
    const device = await post(`${issuer}/device/auth`, {
      client_id: 'parley-cli',
      scope: 'openid profile email offline_access',
    });
    const poll = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'parley-cli',
      device_code: String(device['device_code']),
    };
    expect(await post(`${issuer}/token`, poll)).toMatchObject({ error: 'authorization_pending' });

    const page = await browser.open(String(device['verification_uri_complete']));
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    await browser.submit(`${issuer}/device`, {
      xsrf,
      user_code: String(device['user_code']),
      confirm: 'yes',
    });
    expect(await post(`${issuer}/token`, poll)).toHaveProperty('access_token');
  });

  it('keeps keys and grants when it is killed', async () => {
    const browser = new HeadlessBrowser(issuer, consoleUrl);
    const tokens = await browser.signIn({ loginToken: 'one-time' });
    // It writes a moment later than it answers.
    const store = join(home, 'issuer/store.json');
    while (!existsSync(store) || !readFileSync(store, 'utf8').includes(tokens.refreshToken ?? ''))
      await new Promise((done) => setTimeout(done, 20));
    await stop('SIGKILL');
    await start();
    const renewed = await post(`${issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: 'parley-console',
      refresh_token: tokens.refreshToken ?? '',
    });
    expect(renewed).toHaveProperty('access_token');
  });

  it('refuses other hosts, origins and redirect addresses', async () => {
    const origin = { origin: 'https://evil.example' };
    expect((await fetch(`${issuer}/jwks`, { headers: origin })).status).toBe(403);
    const elsewhere = new URLSearchParams({
      client_id: 'parley-console',
      response_type: 'code',
      redirect_uri: 'https://evil.example/signed-in',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const answer = await fetch(`${issuer}/auth?${elsewhere.toString()}`, { redirect: 'manual' });
    expect(answer.status).toBe(400);
  });
});

async function post(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return (await response.json()) as Record<string, unknown>;
}

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
