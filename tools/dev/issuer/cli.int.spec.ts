import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { HeadlessBrowser } from './browser.js';
import { FakeServer } from '../../../apps/cli/test/fake-server.js';
import { FakePerson } from '../../../apps/cli/test/fake-terminal.js';

const program = resolve(import.meta.dirname, 'main.ts');
const home = mkdtempSync(join(tmpdir(), 'parley-issuer-cli-'));
const tokenFile = join(home, 'login-token');
const server = new FakeServer();
const person = new FakePerson();
let issuer: string;
let child: ChildProcess;

beforeAll(async () => {
  await server.start();
  const port = await freePort();
  issuer = `http://127.0.0.1:${String(port)}`;
  writeFileSync(tokenFile, 'one-time');
  child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      PARLEY_HOME: home,
      PARLEY_PORT: String(port),
      PARLEY_CONSOLE_URL: server.url,
      PARLEY_ISSUER_LOGIN_TOKEN_FILE: tokenFile,
    },
  });
  for (;;) {
    const up = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined);
    if (up?.ok === true) break;
    if (child.exitCode !== null) throw new Error(`the issuer ended with ${String(child.exitCode)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  server.on('GET /v1/client-config', () => ({
    json: { issuer, clientId: 'parley-console', audience: 'parley' },
  }));
  server.on('GET /v1/me', () => ({
    json: { member: { name: 'O', email: 'o@p', roles: [] }, tenant: { name: 'T' } },
  }));
  server.on('GET /v1/runs', () => ({ json: { items: [] } }));
});

afterAll(async () => {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill();
  await Promise.all([ended, server.stop()]);
  rmSync(home, { recursive: true, force: true });
});

it('signs in by device code and renews', async () => {
  const browser = new HeadlessBrowser(issuer, server.url);
  await browser.signIn({ loginToken: 'one-time' });
  let shown = '';
  let polls = 0;
  const result = await person.run(['login', '--server', server.url], {
    onErr: (text) => {
      shown += text;
    },
    // The first answer is "pending"; the person confirms before the second.
    sleep: async () => {
      polls += 1;
      if (polls === 2) await confirm(browser, shown);
    },
  });
  expect(result).toMatchObject({ code: 0 });
  const first = bearer();

  const later = { now: () => Date.now() + 3600_000 };
  expect(await person.run(['run', 'list'], later)).toMatchObject({ code: 0 });
  const second = bearer();
  expect(claimsOf(first)).toMatchObject({ sub: 'dev-owner', aud: 'parley' });
  expect(claimsOf(second)).toMatchObject({ sub: 'dev-owner', aud: 'parley' });
  expect(second).not.toBe(first);
  expect(await person.run(['logout'])).toMatchObject({ code: 0, err: '' });
});

async function confirm(browser: HeadlessBrowser, shown: string): Promise<void> {
  const page = /^ {2}(http\S+)$/m.exec(shown)?.[1] ?? '';
  const code = /Code: (\S+)/.exec(shown)?.[1] ?? '';
  const html = await browser.open(page);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  await browser.submit(`${issuer}/device`, { xsrf, user_code: code, confirm: 'yes' });
}

function bearer(): string {
  return String(server.received.at(-1)?.headers['authorization']).replace('Bearer ', '');
}

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
