import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogueConnector, Connector, ConnectorTest, Problem } from '@parley/contracts';
import type { Json } from '@parley/kernel';
import {
  type AnyContext,
  BusModule,
  createService,
  DatabaseModule,
  type RunningService,
} from '@parley/nest-kit';
import {
  contextHeaders,
  recordedLog,
  testConfig,
  type TestKeys,
  testKeys,
} from '@parley/nest-kit/testing';
import { createPool, migrate, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import type { WorkflowConfig } from '../config.js';
import { OutboundCalls, type CallRequest } from '../outbound-calls/outbound-calls.js';
import { ConnectorsModule } from './connectors.module.js';

@Module({ imports: [DatabaseModule.of(), BusModule, ConnectorsModule] })
class ConnectorsAlone {}

const one = { tenantId: 'ten_one000000000000000000000' };
const two = { tenantId: 'ten_two000000000000000000000' };
const builder = { ...one, roles: ['builder'] };
const { log, lines } = recordedLog('workflow');
const answers: string[] = [];

let database: TestDatabase;
let keys: TestKeys;
let demo: Awaited<ReturnType<typeof startDemo>>;
let service: RunningService;
let admin: Pool;
let config: WorkflowConfig;
let own: { server: Server; url: string; port: number; last: IncomingHttpHeaders | undefined };

beforeAll(async () => {
  [database, keys, demo] = await Promise.all([testDatabase(['workflow']), testKeys(), startDemo()]);
  const urls = database.urls('workflow');
  config = {
    ...testConfig('workflow', keys),
    dbOwnerUrl: urls.owner,
    dbAppUrl: urls.app,
    dbSystemUrl: urls.system,
    installationKey: 'a-key-for-this-test-alone',
    demoUrl: demo.url,
    portBase: 7400,
  };
  service = await start(config);
  admin = createPool(database.adminUrl, { applicationName: 'test', max: 2 });
  own = await startOwn();
}, 60_000);

afterAll(async () => {
  await service.close();
  await admin.end();
  await demo.stop();
  own.server.closeAllConnections();
  await new Promise((resolve) => own.server.close(resolve));
  await database.stop();
});

function start(of: WorkflowConfig): Promise<RunningService> {
  return createService({
    name: 'workflow',
    module: ConnectorsAlone,
    config: of,
    log,
    prepare: async () => {
      const directory = fileURLToPath(new URL('../../migrations', import.meta.url));
      await migrate({ ownerUrl: of.dbOwnerUrl, schema: 'workflow', directory });
    },
  });
}

/** The demo business as a process of its own, in memory. */
async function startDemo() {
  const child = spawn(process.execPath, ['tools/demo/main.ts'], {
    env: { PARLEY_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('the demo has no output to read its address from');
  let url: string | undefined;
  while (url === undefined) {
    const [chunk] = (await once(stdout, 'data')) as [Buffer];
    url = /http:\S+/.exec(chunk.toString())?.[0];
  }
  return {
    url,
    calls: async () => {
      const response = await fetch(`${url}/_demo/calls`);
      return (await response.json()) as {
        operation: string | null;
        idempotencyKey: string | null;
      }[];
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** A business system that only says what it was asked. */
async function startOwn() {
  const made = { server: createServer(), url: '', port: 0, last: undefined as never };
  made.server.on('request', (request, response) => {
    own.last = request.headers;
    const status = request.headers.authorization === 'Bearer wrong-token-7' ? 401 : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"fine":true}');
  });
  await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
  made.port = (made.server.address() as AddressInfo).port;
  made.url = `http://127.0.0.1:${made.port}`;
  return made;
}

async function call<T = Problem>(
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} ${string}`,
  body?: unknown,
  context: Partial<AnyContext> = one,
): Promise<{ status: number; body: T }> {
  const [method, path] = route.split(' ') as [string, string];
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

function document(extra: object = {}): string {
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Billing', version: '1' },
    servers: [{ url: `${own.url}/v1` }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
    paths: { '/invoices': { get: { operationId: 'listInvoices', responses: {} } } },
    ...extra,
  });
}

describe('the demo business', () => {
  it('is loaded with its documents, addresses and credentials, and may be loaded again', async () => {
    const { status, body } = await call<{ connectors: Connector[]; approvedAddresses: string[] }>(
      'POST /v1/connectors/demo',
    );
    expect(status).toBe(200);
    expect(body.approvedAddresses).toEqual([new URL(demo.url).host]);
    expect(body.connectors.map(({ name }) => name)).toEqual([
      'kitchen',
      'inventory',
      'pos',
      'staff',
      'delivery',
    ]);
    for (const connector of body.connectors) {
      expect(connector).toMatchObject({ openQuestions: [], notices: [], addressApproved: true });
    }
    const again = await call<{ connectors: Connector[] }>('POST /v1/connectors/demo');
    expect(again.body.connectors.map(({ id }) => id)).toEqual(body.connectors.map(({ id }) => id));
  });

  it('is tested by an operation that only reads, with its key', async () => {
    for (const name of ['kitchen', 'inventory', 'pos', 'staff']) {
      const { body } = await call<ConnectorTest>(`POST /v1/connectors/${name}/test`);
      expect(body).toMatchObject({ ok: true, status: 200 });
    }
    await call('DELETE /v1/connectors/pos/credentials/apiKey');
    const without = await call<ConnectorTest>('POST /v1/connectors/pos/test');
    expect(without.body).toMatchObject({
      ok: false,
      detail: expect.stringContaining(
        'needs the credential apiKey (a key in the header X-Api-Key)',
      ),
    });
    await call('PUT /v1/connectors/pos/credentials/apiKey', {
      type: 'apiKey',
      value: 'not-the-key-5',
    });
    const refused = await call<ConnectorTest>('POST /v1/connectors/pos/test');
    expect(refused.body).toMatchObject({
      ok: false,
      status: 401,
      detail: expect.stringContaining('does not accept the credential apiKey'),
    });
    await call('POST /v1/connectors/demo');
  });

  it('needs an owner, and does not replace a connector of somebody else', async () => {
    expect((await call('POST /v1/connectors/demo', undefined, builder)).status).toBe(403);
    await call('POST /v1/connectors', { name: 'kitchen', document: document() }, two);
    const clash = await call('POST /v1/connectors/demo', undefined, two);
    expect(clash.body).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining('Billing'),
    });
    const { body } = await call<{ items: Connector[] }>('GET /v1/connectors', undefined, two);
    expect(body.items.map(({ name }) => name)).toEqual(['kitchen']);
    await call('DELETE /v1/connectors/kitchen', undefined, two);
  });
});

describe('the catalogue', () => {
  it('holds every operation, no address and no credential, and follows changes', async () => {
    const first = await call<{ connectors: CatalogueConnector[] }>('GET /v1/catalogue');
    expect(first.body.connectors.map(({ name }) => name)).toEqual([
      'delivery',
      'inventory',
      'kitchen',
      'pos',
      'staff',
    ]);
    const pos = first.body.connectors.find(({ name }) => name === 'pos');
    expect(pos?.operations.find(({ id }) => id === 'confirmOrder')).toMatchObject({
      delivery: 'keyed',
      keyHeader: 'Idempotency-Key',
    });
    expect(JSON.stringify(first.body)).not.toContain(new URL(demo.url).port);
    const one = await call<CatalogueConnector>('GET /v1/connectors/pos/operations');
    expect(one.body).toEqual(pos);
    await call('POST /v1/connectors', { name: 'extra', document: document() });
    const second = await call<{ connectors: CatalogueConnector[] }>('GET /v1/catalogue');
    expect(second.body.connectors).toHaveLength(6);
    await call('DELETE /v1/connectors/extra');
    const third = await call<{ connectors: CatalogueConnector[] }>('GET /v1/catalogue');
    expect(third.body).toEqual(first.body);
  });
});

describe('an import', () => {
  it('again by the same name keeps base URL, credential and approval', async () => {
    await call('POST /v1/connectors', { name: 'billing', document: document() });
    await call('PATCH /v1/connectors/billing', { baseUrl: `${own.url}/v2/`, approveAddress: true });
    const credential = { type: 'bearer', token: 'first-token-3' };
    await call('PUT /v1/connectors/billing/credentials/token', credential);
    const info = { title: 'Billing', version: '2' };
    const { status, body } = await call<Connector>('POST /v1/connectors', {
      name: 'billing',
      document: document({ info }),
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      version: '2',
      baseUrl: `${own.url}/v2`,
      addressApproved: true,
      openQuestions: [],
      securitySchemes: [{ name: 'token', configured: true }],
    });
    const test = await call<ConnectorTest>('POST /v1/connectors/billing/test');
    expect(test.body).toMatchObject({ ok: true, operation: 'listInvoices' });
    expect(own.last).toMatchObject({ authorization: 'Bearer first-token-3' });
  });

  it('of a bad document says where its faults are and changes nothing', async () => {
    const before = await call('GET /v1/connectors/billing');
    const bad = 'openapi: 3.0.0\ninfo: { title: Billing }\npaths:\n  /a:\n    get: 5\n';
    const refused = await call('POST /v1/connectors', { name: 'billing', document: bad });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'invalid-openapi',
        detail: 'An operation is expected here, not a number. (line 5, column 5)',
        errors: [{ pointer: '/paths/~1a/get' }],
      },
    });
    expect((await call('GET /v1/connectors/billing')).body).toEqual(before.body);
  });

  it('of 50 MB is refused', async () => {
    const text = 'x'.repeat(50 * 1_048_576);
    const refused = await call('POST /v1/connectors', { name: 'huge', document: text });
    expect(refused).toMatchObject({ status: 413, body: { code: 'too-large' } });
    const barely = 'x'.repeat(10 * 1_048_576 + 1);
    const second = await call('POST /v1/connectors', { name: 'huge', document: barely });
    expect(second).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect((await call('GET /v1/connectors/huge')).status).toBe(404);
  });
});

const workerIsBuilt = existsSync('libs/domain/connectors/dist/index.js');

describe('a large document', () => {
  // The thread runs what is built; without a build there is nothing to run.
  (workerIsBuilt ? it : it.skip)('is read on another thread, with the same result', async () => {
    const paths = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `/things/${i}`,
          { get: { operationId: `get${i}`, description: 'x'.repeat(900), responses: {} } },
        ]),
      );
    const large = document({ paths: paths(400) });
    expect(large.length).toBeGreaterThan(300_000);
    const { status, body } = await call<Connector>('POST /v1/connectors', {
      name: 'large',
      document: large,
    });
    expect({ status, count: body.operationCount }).toEqual({ status: 201, count: 400 });
    const broken = document({ paths: { ...paths(400), '/bad': { get: 1 } } });
    const refused = await call('POST /v1/connectors', { name: 'large', document: broken });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'invalid-openapi', errors: [{ pointer: '/paths/~1bad/get' }] },
    });
    await call('DELETE /v1/connectors/large');
  });
});

describe('addresses', () => {
  it('of loopback are not called before an owner approved them', async () => {
    await call('POST /v1/connectors', { name: 'private', document: document({ security: [] }) });
    const fresh = await call<Connector>('GET /v1/connectors/private');
    expect(fresh.body).toMatchObject({
      addressApproved: false,
      openQuestions: [expect.stringContaining(`127.0.0.1:${own.port} is an internal address`)],
    });
    own.last = undefined;
    const tested = await call('POST /v1/connectors/private/test');
    expect(tested).toMatchObject({ status: 403, body: { code: 'address-not-approved' } });
    expect(own.last).toBeUndefined();
    const byBuilder = await call('PATCH /v1/connectors/private', { approveAddress: true }, builder);
    expect(byBuilder).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await call('PATCH /v1/connectors/private', { approveAddress: true });
    expect((await call('POST /v1/connectors/private/test')).body).toMatchObject({ ok: true });
    await call('PATCH /v1/connectors/private', { approveAddress: false });
    expect((await call('POST /v1/connectors/private/test')).status).toBe(403);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://metadata.google.internal',
    'http://127.0.0.1:7413/internal/v1',
    'http://localhost:7400',
    'http://2852039166/',
  ])('%s can never be approved', async (baseUrl) => {
    const refused = await call('PATCH /v1/connectors/private', { baseUrl, approveAddress: true });
    expect(refused).toMatchObject({ status: 403, body: { code: 'address-not-approved' } });
  });

  it('of the database of this installation neither', async () => {
    const { port } = new URL(database.adminUrl);
    const baseUrl = `http://127.0.0.1:${port}`;
    const refused = await call('PATCH /v1/connectors/private', { baseUrl, approveAddress: true });
    expect(refused.body).toMatchObject({ code: 'address-not-approved' });
  });

  it('with a user, a query or another protocol are invalid', async () => {
    for (const baseUrl of ['http://u:p@a.example', 'http://a.example/?x=1', 'file:///etc/passwd']) {
      const refused = await call('PATCH /v1/connectors/private', { baseUrl });
      expect(refused).toMatchObject({ status: 422, body: { code: 'invalid' } });
    }
  });
});

describe('credentials', () => {
  it('are only sent to the address that they were given for', async () => {
    const moved = await call<Connector>('PATCH /v1/connectors/billing', {
      baseUrl: `http://localhost:${own.port}/v2`,
      approveAddress: true,
    });
    expect(moved.body.securitySchemes).toMatchObject([{ configured: false }]);
    own.last = undefined;
    const tested = await call<ConnectorTest>('POST /v1/connectors/billing/test');
    expect(tested.body).toMatchObject({
      ok: false,
      detail: expect.stringContaining('given for another address'),
    });
    expect(own.last).toBeUndefined();
    await call('PATCH /v1/connectors/billing', { baseUrl: `${own.url}/v2` });
    expect((await call<ConnectorTest>('POST /v1/connectors/billing/test')).body.ok).toBe(true);
  });

  it('of the wrong kind, of an unknown scheme or without a base URL are refused', async () => {
    const path = 'PUT /v1/connectors/billing/credentials';
    const key = { type: 'apiKey', value: 'some-key-9' };
    expect(await call(`${path}/token`, key)).toMatchObject({ status: 422 });
    expect(await call(`${path}/other`, key)).toMatchObject({ status: 404 });
    await call('POST /v1/connectors', { name: 'nowhere', document: document({ servers: [] }) });
    const early = await call('PUT /v1/connectors/nowhere/credentials/token', {
      type: 'bearer',
      token: 'early-token-4',
    });
    expect(early.body).toMatchObject({
      detail: expect.stringContaining('Choose the base URL first'),
    });
  });

  it('are nowhere to be read: not in answers, tables, events or logs', async () => {
    const wrong = { type: 'bearer', token: 'wrong-token-7' };
    await call('PUT /v1/connectors/billing/credentials/token', wrong);
    expect((await call<ConnectorTest>('POST /v1/connectors/billing/test')).body.status).toBe(401);
    await call('GET /v1/connectors');
    const { rows } = await admin.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema IN ('workflow', 'bus') AND table_type = 'BASE TABLE'`,
    );
    const texts: string[] = [];
    for (const { name } of rows) {
      const table = await admin.query<{ text: string }>(
        `SELECT row_to_json(t)::text AS text FROM ${name} t`,
      );
      texts.push(...table.rows.map(({ text }) => text));
    }
    expect(texts.some((text) => text.includes('listInvoices') || text.includes('Billing'))).toBe(
      true,
    );
    expect(texts.some((text) => text.includes('parley.workflow.connector.configured.v1'))).toBe(
      true,
    );
    const everything: string = [
      ...answers,
      ...texts,
      ...lines.map((line) => JSON.stringify(line)),
    ].join('\n');
    const secrets = [
      'demo-till-key',
      'first-token-3',
      'wrong-token-7',
      'not-the-key-5',
      'some-key-9',
      'early-token-4',
    ];
    for (const secret of secrets) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
      expect(everything).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('survive a rotation of the installation key; without the old key they are asked for again', async () => {
    await call('PUT /v1/connectors/billing/credentials/token', {
      type: 'bearer',
      token: 'kept-token-1',
    });
    const first = service;
    service = await start({ ...config, installationKey: `a-newer-key\n${config.installationKey}` });
    expect((await call<ConnectorTest>('POST /v1/connectors/billing/test')).body.ok).toBe(true);
    await service.close();
    service = await start({ ...config, installationKey: 'another-installation' });
    const lost = await call('POST /v1/connectors/billing/test');
    expect(lost.status).toBe(500);
    await service.close();
    service = first;
  });
});

describe('another tenant', () => {
  it('finds nothing, by id or by name, on any route', async () => {
    const { body } = await call<Connector>('GET /v1/connectors/billing');
    for (const name of [body.id, 'billing']) {
      const path = `/v1/connectors/${name}`;
      const tried = [
        await call(`GET ${path}`, undefined, two),
        await call(`GET ${path}/operations`, undefined, two),
        await call(`PATCH ${path}`, { approveAddress: true }, two),
        await call(`PUT ${path}/credentials/token`, { type: 'bearer', token: 'x' }, two),
        await call(`DELETE ${path}/credentials/token`, undefined, two),
        await call(`POST ${path}/test`, undefined, two),
        await call(`DELETE ${path}`, undefined, two),
      ];
      expect(tried.map(({ status, body: { code } }) => `${status} ${code}`)).toEqual(
        tried.map(() => '404 not-found'),
      );
    }
    const list = await call<{ items: Connector[] }>('GET /v1/connectors', undefined, two);
    expect(list.body.items).toEqual([]);
    const catalogue = await call('GET /v1/catalogue', undefined, two);
    expect(catalogue.body).toEqual({ connectors: [] });
  });
});

describe('lists', () => {
  it('come in pages', async () => {
    const names: string[] = [];
    let token = '';
    do {
      const { body } = await call<{ items: Connector[]; nextPageToken?: string }>(
        `GET /v1/connectors?pageSize=3${token}`,
      );
      names.push(...body.items.map(({ name }) => name));
      token = body.nextPageToken === undefined ? '' : `&pageToken=${body.nextPageToken}`;
    } while (token !== '');
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining(['billing', 'delivery', 'staff']));
    expect((await call('GET /v1/connectors?pageToken=A%00')).status).toBe(400);
  });
});

describe('calls of runs', () => {
  const run = { runId: 'run_test00000000000000000000', tenantId: one.tenantId };
  const calls = () => service.app.get(OutboundCalls);
  let hashes: Map<string, string>;

  beforeAll(async () => {
    const { body } = await call<{ connectors: CatalogueConnector[] }>('GET /v1/catalogue');
    hashes = new Map(body.connectors.map(({ name, documentHash }) => [name, documentHash]));
  });

  function request(connector: string, operation: string, args: Record<string, Json>): CallRequest {
    const documentHash = hashes.get(connector) ?? '';
    return {
      function: 'connector',
      args: { connector, operation, ...args },
      delivery: 'once',
      key: 'key-of-the-step',
      occurrence: 'do/step',
      attempt: 1,
      operation: { connector, operation, method: 'GET', path: '/', documentHash },
    };
  }

  const perform = (what: CallRequest, tenantId = run.tenantId) =>
    calls().perform({ ...run, tenantId }, what, new AbortController().signal);

  it('carry parameters, credential, idempotency key, trace and run', async () => {
    const outcome = await perform(
      request('pos', 'confirmOrder', { input: { orderId: 'ord-1001' } }),
    );
    expect(outcome).toMatchObject({
      kind: 'completed',
      output: { orderId: 'ord-1001', status: 'confirmed' },
    });
    const again = await perform(request('pos', 'confirmOrder', { input: { orderId: 'ord-1001' } }));
    expect(again).toEqual(outcome);
    const seen = (await demo.calls()).filter(({ operation }) => operation === 'confirmOrder');
    expect(seen.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'key-of-the-step',
      'key-of-the-step',
    ]);
    const invoices = await perform(request('billing', 'listInvoices', {}));
    expect(invoices).toEqual({ kind: 'completed', output: { fine: true } });
    expect(own.last).toMatchObject({
      'x-parley-run': run.runId,
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
  });

  it('fail with the type of the language, and say whether they may have had an effect', async () => {
    const absent = await perform(request('pos', 'getOrder', { input: { orderId: 'ord-9' } }));
    expect(absent).toMatchObject({
      kind: 'failed',
      outcome: 'definitive',
      error: { type: expect.stringMatching(/\/communication$/), status: 404 },
    });
    const name = 'listItems';
    const disturb = (what: object) =>
      fetch(`${demo.url}/_demo/knobs`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ system: 'inventory', operation: name, ...what }),
      });
    await disturb({ failNext: { status: 429, count: 1, retryAfterSeconds: 3 } });
    expect(await perform(request('inventory', name, {}))).toMatchObject({
      outcome: 'definitive',
      error: { status: 429 },
      retryAfterMs: 3_000,
    });
    await disturb({ failNext: { status: 500, count: 1 } });
    expect(await perform(request('inventory', name, {}))).toMatchObject({
      outcome: 'ambiguous',
      error: { status: 500 },
    });
    await disturb({ dropNext: 1 });
    expect(await perform(request('inventory', name, {}))).toMatchObject({
      outcome: 'ambiguous',
      error: { type: expect.stringMatching(/\/communication$/), status: 502 },
    });
  });

  it('that cannot be made are refused before anything is sent', async () => {
    const before = (await demo.calls()).length;
    const refusals = [
      await perform(request('pos', 'getOrder', {})),
      await perform(request('pos', 'getOrder', { input: { orderId: '..' } })),
      await perform(request('pos', 'noSuchOperation', {})),
      await perform(request('gone', 'x', {})),
      await perform(request('private', 'listInvoices', {})),
      await perform(request('pos', 'getOrder', { input: { orderId: 'ord-1001' } }), two.tenantId),
    ];
    expect(
      refusals.map(
        (one) => one.kind === 'failed' && [one.outcome, one.error.type.split('/').at(-1)],
      ),
    ).toEqual([
      ['definitive', 'validation'],
      ['definitive', 'validation'],
      ['definitive', 'configuration'],
      ['definitive', 'configuration'],
      ['definitive', 'authorization'],
      ['definitive', 'configuration'],
    ]);
    expect(await demo.calls()).toHaveLength(before);
  });

  it('end at once when an address or a credential is taken back', async () => {
    const orders = () => perform(request('pos', 'listMenu', {}));
    expect(await orders()).toMatchObject({ kind: 'completed' });
    await call('PATCH /v1/connectors/pos', { approveAddress: false });
    expect(await orders()).toMatchObject({ kind: 'failed', error: { status: 403 } });
    await call('PATCH /v1/connectors/pos', { approveAddress: true });
    await call('DELETE /v1/connectors/pos/credentials/apiKey');
    expect(await orders()).toMatchObject({ kind: 'failed', error: { status: 401 } });
    await call('POST /v1/connectors/demo');
    expect(await orders()).toMatchObject({ kind: 'completed' });
  });

  it('by `call: http` reach public addresses only', async () => {
    const outcome = await perform({
      ...request('pos', 'x', {}),
      function: 'http',
      args: { method: 'GET', endpoint: `${demo.url}/pos/orders` },
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      outcome: 'definitive',
      error: { type: expect.stringMatching(/\/authorization$/), status: 403 },
    });
  });

  it('wait out a database that drops its connections', async () => {
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND usename LIKE 'workflow%'`,
    );
    const outcome = await perform(request('staff', 'listStaff', {}));
    expect(outcome).toMatchObject({ kind: 'completed' });
  });

  it('use the document that was pinned, also after another import', async () => {
    const pinned = request('billing', 'listInvoices', {});
    await call('POST /v1/connectors', {
      name: 'billing',
      document: document({ paths: { '/other': { get: { operationId: 'other', responses: {} } } } }),
    });
    expect(await perform(pinned)).toMatchObject({ kind: 'completed' });
  });
});
