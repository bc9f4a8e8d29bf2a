import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Secret } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import {
  BusModule,
  createService,
  DatabaseModule,
  type AnyContext,
  type RunningService,
} from '@parley/nest-kit';
import {
  contextHeaders,
  recordedLog,
  testConfig,
  testKeys,
  type TestKeys,
} from '@parley/nest-kit/testing';
import { createPool, withTenant, type Pool } from '@parley/postgres';
import type { WorkflowConfig } from '../src/config.js';
import { ConnectorsModule } from '../src/connectors/connectors.module.js';
import { CredentialVault } from '../src/connectors/credential-vault.js';
import { OutboundCalls } from '../src/outbound-calls/outbound-calls.js';
import { missingSecrets, SecretStore } from '../src/secrets/secret-store.pg.js';
import { EngineHarness, tenantId } from './engine-harness.js';

@Module({ imports: [DatabaseModule.of(), BusModule, ConnectorsModule] })
class CallsAlone {}

const { log, lines } = recordedLog('workflow');
const answers: string[] = [];
const installationKey = 'a-key-for-this-test-alone';

let harness: EngineHarness;
let service: RunningService;
let keys: TestKeys;
let admin: Pool;
let server: Server;
/** What came to the systems outside: host, path, proof and body. */
const received: { host: string; path: string; proof: string; body: string }[] = [];

beforeAll(async () => {
  [harness, keys] = await Promise.all([EngineHarness.start(), testKeys()]);
  server = createServer((request, response) => void answer(request).then(...ending(response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hosts = ['api.example', 'id.example', 'evil.example'];
  const urls = harness.database.urls('workflow');
  const config: WorkflowConfig = {
    ...testConfig('workflow', keys),
    dbOwnerUrl: urls.owner,
    dbAppUrl: urls.app,
    dbSystemUrl: urls.system,
    installationKey,
    portBase: 7400,
    standIns: Object.fromEntries(
      hosts.flatMap((host) => [`https://${host}`, `http://${host}`]).map((one) => [one, local]),
    ),
  };
  service = await createService({ name: 'workflow', module: CallsAlone, config, log });
  admin = createPool(harness.database.adminUrl, { applicationName: 'test', max: 1 });
}, 60_000);

afterAll(async () => {
  await service.close();
  await admin.end();
  await harness.stop();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly json: Json;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const { host = '', authorization: proof = '' } = request.headers;
  const path = request.url ?? '';
  received.push({ host, path, proof, body });
  if (path === '/digest' && proof === '') {
    const challenge = 'Digest realm="shop", nonce="n1", qop="auth", algorithm=MD5';
    return { status: 401, headers: { 'www-authenticate': challenge }, json: null };
  }
  if (path.startsWith('/.well-known')) {
    return { status: 200, json: { token_endpoint: 'https://evil.example/oauth2/token' } };
  }
  if (path === '/oauth2/token') {
    return { status: 200, json: { access_token: 'issued-token-55', expires_in: 3_600 } };
  }
  // A careless system repeats what it was sent.
  return { status: 200, json: { marker: `served ${path}`, echo: proof } };
}

function ending(response: ServerResponse): [(answered: Answer) => void, (error: unknown) => void] {
  return [
    ({ status, headers = {}, json }) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(json));
    },
    (error) => response.destroy(error as Error),
  ];
}

async function call<T>(
  route: string,
  body?: unknown,
  context: Partial<AnyContext> = { tenantId },
): Promise<{ status: number; body: T }> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(await contextHeaders(keys, 'workflow', context)),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.push(text);
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

let runs = 0;

/** Runs a call to `address` that proves itself with the secret `name`. */
async function run(scheme: string, name: string, address = 'https://api.example/orders') {
  const source = `document: { dsl: 1.0.3, namespace: test, name: call-${(runs += 1)}, version: 0.1.0 }
use: { secrets: [${name}] }
do:
  - ask:
      call: http
      with:
        method: get
        endpoint: { uri: '${address}', authentication: { ${scheme}: { use: ${name} } } }
`;
  const calls = service.app.get(OutboundCalls);
  const engine = await harness.engine((...args) => calls.perform(...args));
  const { runId } = await engine.startRun(await harness.define(source));
  for (;;) {
    const found = await harness.reader.run(tenantId, runId);
    if (found.status === 'completed' || found.status === 'failed') return found;
    await new Promise((done) => setTimeout(done, 10));
  }
}

const login = JSON.stringify({ username: 'reader', password: 'pass-word-11' });
const client = (authority: string) =>
  JSON.stringify({
    authority,
    grant: 'client_credentials',
    client: { id: 'parley', secret: 'client-secret-22' },
  });

describe('a secret', () => {
  it('is set and listed, and never read', async () => {
    const hosts = ['API.example', 'api.example:443', 'api.example:8443'];
    const set = await call<Secret>('PUT /v1/secrets/shopLogin', { value: login, hosts });
    expect(set).toMatchObject({
      status: 200,
      body: { name: 'shopLogin', hosts: ['api.example', 'api.example:8443'] },
    });
    const token = { value: 'bearer-token-33', hosts: ['api.example'] };
    await call('PUT /v1/secrets/shopToken', token);
    const first = await call<{ items: Secret[]; nextPageToken: string }>(
      'GET /v1/secrets?pageSize=1',
    );
    expect(first.body.items.map(({ name }) => name)).toEqual(['shopLogin']);
    const second = await call<{ items: Secret[] }>(
      `GET /v1/secrets?pageToken=${first.body.nextPageToken}`,
    );
    expect(second.body.items).toEqual([
      {
        name: 'shopToken',
        hosts: ['api.example'],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
  });

  it('is of one tenant', async () => {
    const other = { tenantId: 'ten_other' };
    expect((await call('GET /v1/secrets', undefined, other)).body).toMatchObject({ items: [] });
    expect((await call('DELETE /v1/secrets/shopLogin', undefined, other)).status).toBe(404);
  });

  it('is for those who may build', async () => {
    const operator = { tenantId, roles: ['operator'] };
    const body = { value: 'x', hosts: ['api.example'] };
    expect((await call('PUT /v1/secrets/shopLogin', body, operator)).status).toBe(403);
    expect((await call('GET /v1/secrets', undefined, operator)).status).toBe(403);
  });

  it.each([
    ['shop%20login', { value: 'x', hosts: ['api.example'] }],
    ['shopLogin', { value: 'x', hosts: [] }],
    ['shopLogin', { value: 'x', hosts: ['https://api.example'] }],
    ['shopLogin', { value: 'x', hosts: ['api.example:99999'] }],
    ['shopLogin', { value: 'x', hosts: ['*'] }],
    ['shopLogin', { value: '', hosts: ['api.example'] }],
  ])('is refused as %s %j', async (name, body) => {
    expect((await call(`PUT /v1/secrets/${name}`, body)).status).toBe(422);
  });

  it('opens for no other tenant, name or hosts than it was sealed with', async () => {
    await admin.query(
      `INSERT INTO workflow.secret (tenant_id, name, hosts, sealed)
       SELECT tenant_id, 'moved', '{evil.example}', sealed FROM workflow.secret
       WHERE name = 'shopToken'`,
    );
    const store = service.app.get(SecretStore);
    await expect(store.open(tenantId, 'moved')).rejects.toThrow('give it again');
    const { error } = await run('bearer', 'moved', 'https://evil.example/');
    expect(error?.detail).toBe('The secret moved cannot be read; give it again.');
    expect(received).toEqual([]);
    await admin.query(`DELETE FROM workflow.secret WHERE name = 'moved'`);
  });

  it('is missed where a version names it and nobody has set it', async () => {
    const missing = (names: string[]) =>
      withTenant(harness.app, tenantId, (client) => missingSecrets(client, names));
    expect(await missing(['shopToken', 'other'])).toEqual(['other']);
  });
});

describe('a run', () => {
  const last = () => received.at(-1);

  it.each([
    ['basic', 'shopLogin', `Basic ${Buffer.from('reader:pass-word-11').toString('base64')}`],
    ['bearer', 'shopToken', 'Bearer bearer-token-33'],
  ])('proves itself by %s', async (scheme, name, proof) => {
    const { status, output } = await run(scheme, name);
    expect({ status, output }).toMatchObject({
      status: 'completed',
      output: { marker: 'served /orders' },
    });
    expect(JSON.stringify(output)).toContain('[redacted]');
    expect(last()).toMatchObject({ host: 'api.example', proof });
  });

  it('proves itself by digest', async () => {
    const { status } = await run('digest', 'shopLogin', 'https://api.example/digest');
    expect(status).toBe('completed');
    expect(last()?.proof).toMatch(/^Digest username="reader".*response="[0-9a-f]{32}"/);
  });

  it('proves itself by OAuth', async () => {
    const value = client('https://id.example');
    await call('PUT /v1/secrets/shopClient', { value, hosts: ['id.example', 'api.example'] });
    expect((await run('oauth2', 'shopClient')).status).toBe('completed');
    expect(received.at(-2)).toMatchObject({
      host: 'id.example',
      body: expect.stringContaining('client_secret=client-secret-22'),
    });
    expect(last()?.proof).toBe('Bearer issued-token-55');
    const { items } = (await call<{ items: Secret[] }>('GET /v1/secrets')).body;
    expect(items.every(({ lastUsedAt }) => lastUsedAt !== undefined)).toBe(true);
  });

  it.each([
    ['bearer', 'shopToken', 'https://evil.example/', '"shopToken" is not bound to evil.example'],
    ['bearer', 'shopToken', 'https://api.example:8443/', 'not bound to api.example:8443'],
    ['bearer', 'shopToken', 'http://api.example/', 'only sent by https'],
    ['basic', 'shopLogin', 'https://api.example.evil.example/', 'not bound to'],
    ['basic', 'shopLogin', 'https://api.example@evil.example/', 'not bound to evil.example'],
    ['oauth2', 'shopClient', 'https://evil.example/', '"shopClient" is not bound to evil.example'],
  ])('sends nothing by %s with %s to %s', async (scheme, name, address, detail) => {
    const before = received.length;
    const { status, error } = await run(scheme, name, address);
    expect({ status, error }).toMatchObject({
      status: 'failed',
      error: {
        type: expect.stringMatching(/\/authorization$/),
        detail: expect.stringContaining(detail),
      },
    });
    expect(received).toHaveLength(before);
  });

  it('asks for no token where the secret is not bound to', async () => {
    const value = client('https://id.example');
    const before = received.length;
    await call('PUT /v1/secrets/partly', { value, hosts: ['api.example'] });
    expect((await run('oauth2', 'partly')).error?.detail).toContain('not bound to id.example');
    expect(received).toHaveLength(before);
    await call('PUT /v1/secrets/partly', { value, hosts: ['api.example', 'id.example'] });
    // The provider itself names another place for its tokens.
    expect((await run('oidc', 'partly')).error?.detail).toContain('not bound to evil.example');
    expect(received.slice(before).map(({ body }) => body)).toEqual(['']);
  });

  it('says what a secret must hold, and when there is none any more', async () => {
    expect((await run('basic', 'shopToken')).error?.detail).toBe(
      'The secret "shopToken" is no JSON object with the properties of basic, such as {"username": …, "password": …}.',
    );
    expect((await run('bearer', 'shopLogin')).error?.detail).toBe('`bearer.token` is missing.');
    expect((await call('DELETE /v1/secrets/partly')).status).toBe(204);
    expect((await run('oidc', 'partly')).error?.detail).toContain('There is no secret "partly"');
  });

  it('leaves no value behind: not in the journal, events, logs, answers or objects', async () => {
    const stored = await everythingStored();
    for (const there of ['"use":"shopLogin"', 'served /orders', 'workflow.secret.changed']) {
      expect(stored).toContain(there);
    }
    const values = ['pass-word-11', 'client-secret-22', 'bearer-token-33', 'issued-token-55'];
    const encoded = [...values, 'reader:pass-word-11'].flatMap((value) => [
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(value).toString('hex'),
    ]);
    expect([...values, ...encoded].filter((value) => stored.includes(value))).toEqual([]);
    const vault = new CredentialVault(installationKey);
    const { rows } = await admin.query<{ sealed: string; hosts: string[] }>(
      `SELECT sealed, hosts FROM workflow.secret WHERE name = 'shopToken'`,
    );
    const [{ sealed, hosts } = { sealed: '', hosts: [] }] = rows;
    const place = { what: '', boundTo: ['secret', tenantId, 'shopToken', ...hosts] };
    expect(vault.openText(sealed, place)).toBe('bearer-token-33');
  });
});

/** Every value of every table, payloads unpacked, all lines of the log, answers and objects. */
async function everythingStored(): Promise<string> {
  const { rows: columns } = await admin.query<{ place: string; name: string; type: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS place, column_name AS name,
       data_type AS type
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema IN ('workflow', 'bus') AND table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [...answers, ...lines.map((line) => JSON.stringify(line))];
  for (const { place, name, type } of columns) {
    const value = type === 'bytea' ? `"${name}"` : `"${name}"::text`;
    const { rows } = await admin.query<{ value: string | Buffer }>(
      `SELECT ${value} AS value FROM ${place} WHERE "${name}" IS NOT NULL`,
    );
    texts.push(
      ...rows.map((row) => (Buffer.isBuffer(row.value) ? unpacked(row.value) : row.value)),
    );
  }
  const files = readdirSync(harness.objectsFolder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    texts.push(unpacked(readFileSync(join(file.parentPath, file.name))));
  }
  return texts.join('\n');
}

function unpacked(bytes: Buffer): string {
  return (bytes[0] === 1 ? zstdDecompressSync(bytes.subarray(1)) : bytes).toString('latin1');
}
