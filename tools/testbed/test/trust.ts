import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  allRoutes,
  internalRoutes,
  permissionsOf,
  type ConnectorTest,
  type DraftApproved,
  type Tenant,
  type Turn,
} from '@parley/contracts';
import { ApiCaller, expectProblem } from '../api-caller.ts';
import { eventually } from '../driver.ts';
import { adminPool, databaseTexts, logTexts } from '../everything-stored.ts';
import { bearer, contextToken, serviceKey, strangersKey, unsigned } from '../forged-tokens.ts';
import {
  approvalOf,
  bringIntoUse,
  definition,
  ownersThings,
  resting,
  settled,
  start,
  unchangedIn,
  type Drafted,
  type Scene,
} from '../scene.ts';

/** Whoever may not see or do something learns that, and nothing else. */

const asking = `- keep: { set: { given: '\${ $workflow.input }' } }
- ask: { call: human, with: { title: May we?, assignee: { role: manager } } }
`;

/** So rare that no test sees it happen. */
const yearly = "schedule: { cron: '0 0 1 1 *' }\n";

let scene: Scene;
let used: Drafted & DraftApproved;
/** Ids of the owner's things by path parameter. */
let things: Record<string, string>;

export function tellsNobodyElse(opened: () => Scene): void {
  beforeAll(async () => {
    scene = opened();
    used = await bringIntoUse(scene.owner, definition('ask-first', asking, yearly));
    const run = await start(scene.owner, used.workflowId, { orderId: 'ord-1' });
    things = await ownersThings(scene.owner, used, run.id);
  }, 120_000);

  const unchanged = (calls: () => Promise<void>) => unchangedIn(scene, calls);

  function pathOf(template: string, query = ''): string {
    const path = template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
      const id = things[name];
      if (id === undefined || id === '') throw new Error(`${template}: no example of {${name}}`);
      return encodeURIComponent(id);
    });
    return path + query;
  }

  /** What a call of a route needs besides its path, to be refused for its ids and nothing else. */
  const bodies: Record<string, unknown> = {
    updateMember: { name: 'Mallory' },
    startTurn: { text: 'And then stop.' },
    editMessage: { text: 'Something else.' },
    editDraft: { source: 'x' },
    restoreDraft: { revision: 1 },
    configureConnector: { baseUrl: 'https://elsewhere.example' },
    setCredential: { type: 'apiKey', value: 'stolen-key-1' },
    setTag: { version: 1 },
    startRun: { input: { orderId: 'ord-2' } },
    rerunRun: {},
    cancelRun: {},
    startBatch: { items: [{ input: { orderId: 'ord-2' } }] },
    updateRun: { addTags: ['stolen'] },
    suspendRun: {},
    terminateRun: {},
    skipStep: {},
    queryRun: { expression: '.' },
    replayRun: { mode: 'live', seen: 'nothing' },
    signalRun: { type: 'com.example.stop' },
    backfillSchedule: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
    decideApproval: { decision: 'approved' },
    heartbeatTask: { leaseToken: 'stolen' },
    completeTask: { leaseToken: 'stolen' },
    failTask: { leaseToken: 'stolen', error: { title: 'Stolen' } },
  };
  const queries: Record<string, string> = {
    diffDraft: '?from=1&to=1',
    previewReplay: '?mode=live',
  };
  const named: ReadonlySet<string> = new Set(['setSecret', 'setTaskQueue', 'pollTasks']);
  const proxied = allRoutes().filter(({ service }) => service !== 'gateway');
  const byId = proxied.filter(({ path }) => path.includes('{'));

  describe('of another tenant', () => {
    const target = ({ id, method, path }: (typeof byId)[number]) =>
      `${method} ${pathOf(path, queries[id])}`;

    it.each(
      byId.filter(({ method }) => method === 'GET').map((route) => [route.id, route] as const),
    )('%s is not found, though it is there', async (_, route) => {
      expect((await scene.owner.send(target(route))).status).toBe(200);
      expectProblem(await scene.second.send(target(route)), 'not-found', { detail: /\w/ });
    });

    it('nothing can be changed', async () => {
      await unchanged(async () => {
        for (const route of byId.filter(({ method }) => method !== 'GET')) {
          if (named.has(route.id)) continue; // Names are a tenant's own: it would make one.
          const body = bodies[route.id];
          if (route.body !== undefined && body === undefined)
            throw new Error(`${route.id}: no body`);
          const headers = { 'if-match': used.hash };
          expectProblem(await scene.second.send(target(route), { body, headers }), 'not-found');
        }
      });
    });

    it('nothing can be referred to in a body', async () => {
      const { second } = scene;
      const body = { workflowId: used.workflowId };
      await unchanged(async () => {
        expectProblem(await second.send('POST /v1/conversations', { body }), 'not-found');
      });
      const { id } = await second.ask<{ id: string }>('POST /v1/conversations', { body: {} });
      const about = { text: 'Why did it fail?', runId: things['run'] };
      const turn = await second.ask<Turn>(`POST /v1/conversations/${id}/turns`, { body: about });
      await settled(second, id);
      const ended = await second.ask<Turn>(`GET /v1/conversations/${id}/turns/${turn.id}`);
      expect(ended).toMatchObject({ status: 'failed', error: expect.stringContaining('no run') });
    });

    it('no header makes it another tenant, person or role', async () => {
      const { owner, second, viewer, platform } = scene;
      const own = await second.ask<Tenant>('GET /v1/tenant');
      const theirs = await owner.ask<Tenant>('GET /v1/tenant');
      const context = await contextToken(platform, 'gateway', { claims: { tenantId: theirs.id } });
      const headers = {
        'parley-context': context,
        'x-tenant-id': theirs.id,
        'x-parley-tenant': theirs.id,
        'x-parley-tenant-id': theirs.id,
        'x-parley-roles': 'owner',
        'x-parley-principal': things['member'] ?? '',
        forwarded: 'for=127.0.0.1',
        'x-forwarded-for': '127.0.0.1',
        'x-original-url': '/internal/v1/directory',
        'x-http-method-override': 'DELETE',
      };
      expect(await second.ask<Tenant>('GET /v1/tenant', { headers })).toEqual(own);
      expectProblem(
        await second.send(`GET /v1/runs/${things['run'] ?? ''}`, { headers }),
        'not-found',
      );
      expectProblem(
        await viewer.send('POST /v1/conversations', { body: {}, headers }),
        'forbidden',
      );
    });
  });

  describe('a caller who may not', () => {
    it.each([
      ['viewer', ['viewer']],
      ['manager', ['operator', 'manager']],
    ] as const)('%s: is told which permission is missing, at every route', async (name, roles) => {
      const granted = permissionsOf(roles);
      await unchanged(async () => {
        for (const { id, method, path, permission } of proxied) {
          if (permission === undefined || granted.has(permission)) continue;
          const body = bodies[id] ?? {};
          const headers = { 'if-match': used.hash };
          const answer = await scene[name].send(`${method} ${pathOf(path)}`, { body, headers });
          expectProblem(answer, 'forbidden', {
            detail: new RegExp(`"${permission}".*Ask an owner`),
          });
        }
      });
    });

    it('has no token: every route that is not public says so', async () => {
      await unchanged(async () => {
        for (const { id, method, path, permission } of proxied) {
          expect(permission).toBeDefined();
          const answer = await scene.stranger.send(`${method} ${pathOf(path)}`, {
            body: bodies[id],
          });
          expectProblem(answer, 'unauthenticated', { detail: /Authorization: Bearer/ });
        }
      });
    });

    it('has a token that has expired', async () => {
      const expired = await bearer(scene.platform, { expires: '-1m' });
      await unchanged(async () => {
        const { workflowId } = used;
        for (const target of ['GET /v1/me', `POST /v1/workflows/${workflowId}/runs`]) {
          const answer = await scene.callerWith(expired).send(target, { body: { input: {} } });
          expectProblem(answer, 'token-expired', { detail: /has expired; renew/ });
        }
      });
    });

    it('has a token that nobody gave, or that is for something else', async () => {
      const { platform } = scene;
      const good = await bearer(platform);
      expect((await scene.callerWith(good).send('GET /v1/me')).status).toBe(200);
      const key = await strangersKey('ES256');
      const [head, claims, signature = ''] = good.split('.');
      const forged = [
        await bearer(platform, { key }),
        await bearer(platform, { key, header: { kid: 'dev-2' } }),
        await bearer(platform, { key: { kty: 'oct', k: 'c2VjcmV0' }, header: { alg: 'HS256' } }),
        await bearer(platform, { claims: { iss: 'https://elsewhere.example' } }),
        await bearer(platform, { claims: { aud: 'parley-console' } }),
        await bearer(platform, { claims: { nbf: 9_999_999_999 } }),
        await contextToken(platform, 'gateway'),
        unsigned(good),
        `${head ?? ''}.${claims ?? ''}.${signature.split('').reverse().join('')}`,
        'x'.repeat(9_000),
        'nothing',
      ];
      for (const token of forged) {
        expectProblem(await scene.callerWith(token).send('GET /v1/me'), 'unauthenticated');
      }
      const strangers = [{ email: 'eve@elsewhere.example' }, { email_verified: false }];
      for (const who of strangers) {
        const token = await bearer(platform, { claims: { sub: 'dev-eve', ...who } });
        const detail = /not a member.*Ask an owner/;
        expectProblem(await scene.callerWith(token).send('GET /v1/me'), 'forbidden', { detail });
      }
    });

    it('is not the one who is asked for a decision', async () => {
      const { owner, manager } = scene;
      const who = `{ member: ${things['member'] ?? ''} }`;
      const task = `- ask: { call: human, with: { title: Only you, assignee: ${who} } }\n`;
      const { workflowId } = await bringIntoUse(owner, definition('ask-owner', task));
      const approval = await approvalOf(owner, (await start(owner, workflowId)).id);
      const target = `POST /v1/approvals/${approval.id}/decide`;
      await unchanged(async () => {
        const answer = await manager.send(target, { body: { decision: 'approved' } });
        expectProblem(answer, 'forbidden', { detail: /somebody else/ });
      });
      const both = await Promise.all(
        ['approved', 'rejected'].map((decision) => owner.send(target, { body: { decision } })),
      );
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
      await resting(owner, approval.runId);
      await unchanged(async () => {
        const answer = await owner.send(target, { body: { decision: 'approved' } });
        expectProblem(answer, 'conflict', { detail: /was (approved|rejected)/ });
      });
    });
  });

  describe('a service', () => {
    const services = ['conversation', 'agent', 'workflow', 'platform', 'dsl-compiler'] as const;
    const reach = (service: (typeof services)[number]) => {
      const baseUrl = `http://127.0.0.1:${String(scene.platform.portBase + 11 + services.indexOf(service))}`;
      const caller = new ApiCaller({ baseUrl, heard: scene.heard });
      const route =
        proxied.find((one) => one.service === service) ??
        Object.values(internalRoutes).find((one) => one.service === service);
      const target = `${route?.method ?? ''} ${pathOf(route?.path ?? '')}`;
      const isGet = route?.method === 'GET';
      return (token?: string) =>
        caller.send(target, {
          ...(isGet ? {} : { body: {} }),
          headers: token === undefined ? {} : { 'parley-context': token },
        });
    };

    it.each(services)('%s: answers nobody who comes past the gateway', async (service) => {
      const { platform, owner } = scene;
      const { id: tenantId } = await owner.ask<Tenant>('GET /v1/tenant');
      const ask = reach(service);
      const claims = { tenantId, aud: service };
      const mint = (issuer: string, signing: Parameters<typeof contextToken>[2] = {}) =>
        contextToken(platform, issuer, { ...signing, claims: { ...claims, ...signing.claims } });
      expect((await ask(await mint('gateway'))).status).not.toBe(401);
      const elsewhere = service === 'workflow' ? 'platform' : 'workflow';
      const refused = [
        undefined,
        'nothing',
        unsigned(await mint('gateway')),
        await mint('gateway', { claims: { aud: elsewhere } }),
        await mint('gateway', { key: await strangersKey('EdDSA') }),
        await mint('gateway', { key: serviceKey(platform, elsewhere) }),
        await mint(elsewhere, { claims: { iss: 'gateway' } }),
        await mint(elsewhere),
        await mint('gateway', { expires: '-1m' }),
        await mint('gateway', { expires: '1d' }),
        await mint('gateway', { header: { typ: 'JWT' } }),
        await bearer(platform),
      ];
      for (const token of refused) expectProblem(await ask(token), 'unauthenticated');
    });

    it('keeps its internal routes to services', async () => {
      const { platform, owner } = scene;
      const { id: tenantId } = await owner.ask<Tenant>('GET /v1/tenant');
      for (const { service, method, path } of Object.values(internalRoutes)) {
        const body = method === 'GET' ? undefined : {};
        expectProblem(await owner.send(`${method} ${path}`, { body }), 'not-found');
        for (const other of [
          `/v1/..${path}`,
          `/v1/%2e%2e${path}`,
          `/v1/..%2f${path.slice(1)}`,
          `/${path}`,
        ]) {
          const { status, headers } = await owner.send(`${method} ${other}`, { body });
          // The console's page is there for every address that is none of the API.
          expect(status === 404 || headers['content-type']?.startsWith('text/html')).toBe(true);
        }
        const baseUrl = `http://127.0.0.1:${String(platform.portBase + 11 + services.indexOf(service))}`;
        const token = await contextToken(platform, 'gateway', {
          claims: { tenantId, aud: service },
        });
        const direct = new ApiCaller({ baseUrl, heard: scene.heard });
        const answer = await direct.send(`${method} ${path}`, {
          body,
          headers: { 'parley-context': token },
        });
        expectProblem(answer, 'forbidden', { detail: /Only services/ });
      }
    });
  });

  describe('a credential', () => {
    const secrets = {
      bearer: 'bearer-secret-7f3a91',
      password: 'basic-secret-"wörd"-22',
      key: 'key-secret-&-5be0',
      replaced: 'replaced-secret-81',
      unfit: 'unfit-secret-64',
      broken: 'broken-secret-37',
      till: 'demo-till-key',
    };
    /** What arrived at the system that the credentials are for; it tells all of it to everybody. */
    const arrived: string[] = [];
    let system: Server;

    beforeAll(async () => {
      system = createServer((request, response) => {
        const text = JSON.stringify({
          detail: `${request.url ?? ''} ${JSON.stringify(request.headers)}`,
        });
        arrived.push(text);
        const status = request.url?.startsWith('/refuse') === true ? 401 : 200;
        response.writeHead(status, {
          'content-type': 'application/json',
          'x-seen': request.url ?? '',
        });
        response.end(text);
      }).listen(0, '127.0.0.1');
      await new Promise((listening) => system.once('listening', listening));
    });

    afterAll(() => {
      system.close();
    });

    it('is nowhere to be read again', async () => {
      const { owner, viewer, manager, platform, heard } = scene;
      const { port } = system.address() as AddressInfo;
      await owner.ask('POST /v1/connectors', { body: { name: 'mirror', document: mirror(port) } });
      await owner.ask('PATCH /v1/connectors/mirror', { body: { approveAddress: true } });
      await give({ scheme: 'bearerAuth', body: { type: 'bearer', token: secrets.replaced } });
      await give({ scheme: 'bearerAuth', body: { type: 'bearer', token: secrets.bearer } });
      await give({
        scheme: 'basicAuth',
        body: { type: 'basic', username: 'ann', password: secrets.password },
      });
      await give({ scheme: 'queryKey', body: { type: 'apiKey', value: secrets.key } });
      const path = 'PUT /v1/connectors/mirror/credentials/queryKey';
      const unfit = await owner.send(path, { body: { type: 'bearer', token: secrets.unfit } });
      expectProblem(unfit, 'invalid', { pointers: ['/type'] });
      const broken = await owner.send(path, {
        body: `{"type":"apiKey","value":"${secrets.broken}"`,
      });
      expectProblem(broken, 'malformed');
      await owner.ask<ConnectorTest>('POST /v1/connectors/mirror/test');

      const tasks = `- one: { call: connector, with: { connector: mirror, operation: withBearer } }
- two: { call: connector, with: { connector: mirror, operation: withBasic } }
- three: { call: connector, with: { connector: mirror, operation: withKey } }
- till: { call: connector, with: { connector: pos, operation: listMenu } }
- four: { call: connector, with: { connector: mirror, operation: refuse } }
`;
      const { workflowId, conversationId } = await bringIntoUse(
        owner,
        definition('all-keys', tasks),
      );
      const run = await resting(owner, (await start(owner, workflowId)).id);
      expect(run).toMatchObject({ status: 'failed', failedStep: expect.stringContaining('four') });
      const about = { text: 'Why did it fail?', runId: run.id };
      await owner.ask(`POST /v1/conversations/${conversationId}/turns`, { body: about });
      await settled(owner, conversationId);
      for (const caller of [owner, viewer, manager]) {
        for (const place of [
          'connectors',
          'connectors/mirror',
          'catalogue',
          `runs/${run.id}`,
          `runs/${run.id}/timeline`,
        ]) {
          await caller.ask(`GET /v1/${place}`);
        }
      }
      await eventually(async () => {
        const subject = `workflows.${workflowId}.executions.${run.id}.failed`;
        const { items } = await owner.ask<{ items: unknown[] }>(
          `GET /v1/events?subject=${subject}`,
        );
        return items[0];
      });
      await owner.ask('GET /v1/events?pageSize=200');

      // The system did get them; that is what they are for.
      for (const secret of [
        secrets.bearer,
        base64(`ann:${secrets.password}`),
        encodeURIComponent(secrets.key),
      ]) {
        expect(arrived.join('\n')).toContain(secret);
      }
      const pool = adminPool(platform);
      const tables = await databaseTexts(pool).finally(() => pool.end());
      expect(tables.get('workflow.journal')).toContain('withBearer');
      const places = new Map([...tables, ...logTexts(platform), ['answers', heard.join('\n')]]);
      expect(foundIn(places, Object.values(secrets).flatMap(spellings))).toEqual([]);
    });

    it('of the platform itself is in no log, no table and no answer', async () => {
      const { platform, heard } = scene;
      const pool = adminPool(platform);
      const tables = await databaseTexts(pool).finally(() => pool.end());
      const logs = logTexts(platform);
      expect([...logs.keys()]).toContain('workflow.log');
      const places = new Map([...tables, ...logs, ['answers', heard.join('\n')]]);
      const keys = ['gateway', 'workflow'].map((service) => serviceKey(platform, service).d ?? '');
      expect(foundIn(places, [platform.loginToken, ...keys])).toEqual([]);
      for (const text of places.values()) {
        expect(text).not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./); // a signed token
        expect(text).not.toMatch(/postgres(?:ql)?:\/\/\w+:[^@\s"]+@/);
      }
    });

    async function give({ scheme, body }: { scheme: string; body: object }): Promise<void> {
      await scene.owner.ask(`PUT /v1/connectors/mirror/credentials/${scheme}`, { body });
    }

    function mirror(port: number): string {
      const get = (operationId: string, security: string) => ({
        get: {
          operationId,
          security: [{ [security]: [] }],
          responses: { 200: { description: 'ok' } },
        },
      });
      return JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'Mirror', version: '1' },
        servers: [{ url: `http://127.0.0.1:${String(port)}` }],
        paths: {
          '/bearer': get('withBearer', 'bearerAuth'),
          '/basic': get('withBasic', 'basicAuth'),
          '/key': get('withKey', 'queryKey'),
          '/refuse': get('refuse', 'queryKey'),
        },
        components: {
          securitySchemes: {
            bearerAuth: { type: 'http', scheme: 'bearer' },
            basicAuth: { type: 'http', scheme: 'basic' },
            queryKey: { type: 'apiKey', in: 'query', name: 'token' },
          },
        },
      });
    }

    /** The ways in which a text may hide in another one. */
    function spellings(secret: string): string[] {
      return [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        base64(secret).replace(/=+$/, ''),
        base64(`ann:${secret}`).replace(/=+$/, ''),
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('latin1'),
      ];
    }

    function base64(text: string): string {
      return Buffer.from(text).toString('base64');
    }

    function foundIn(places: ReadonlyMap<string, string>, texts: readonly string[]): string[] {
      return [...places].flatMap(([place, text]) =>
        texts.filter((one) => text.includes(one)).map((one) => `${one} in ${place}`),
      );
    }
  });
}
