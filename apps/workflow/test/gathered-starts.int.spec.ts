import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { BatchStarted, Run } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { AppError } from '@parley/kernel';
import { type RunningService } from '@parley/nest-kit';
import {
  contextHeaders,
  postAlone,
  postTogether,
  testKeys,
  type TestAnswer,
  type TestRequest,
} from '@parley/nest-kit/testing';
import { withTenant, type Pool } from '@parley/postgres';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { encodePayload } from '../src/engine/codec.js';
import { Engine } from '../src/engine/engine.js';
import { pointTag } from '../src/workflows/version-tags.pg.js';
import { runningService } from './running-service.js';

jest.setTimeout(60_000); // starts a database, on machines that are busy

const tenantId = 'ten_one000000000000000000000';
const source = `document:
  dsl: 1.0.3
  namespace: tests
  name: adds
  version: 1.0.0
input:
  schema:
    format: json
    document: { type: object, required: [n], properties: { n: { type: number } } }
do:
  - add: { set: { sum: '\${ .n + 1 }' } }
`;

let database: TestDatabase;
let service: RunningService;
let app: Pool;
let context: Record<string, string>;

beforeAll(async () => {
  const [started, keys] = await Promise.all([testDatabase(['workflow']), testKeys()]);
  database = started;
  ({ service, app } = await runningService(database, keys));
  context = await contextHeaders(keys, 'workflow', { tenantId, roles: ['operator'] });
  await publish('wf_live', { isLive: true });
  await publish('wf_never', { isLive: false });
});

afterAll(async () => {
  await app.end();
  await service.close();
  await database.stop();
});

async function publish(workflowId: string, { isLive }: { isLive: boolean }): Promise<void> {
  const { ir, inputSchema } = compileDefinition(source);
  if (ir === undefined) throw new Error('the definition does not compile');
  await withTenant(app, tenantId, async (client) => {
    const now = new Date();
    await client.query(
      `INSERT INTO workflow (id, tenant_id, name, title, latest_version, created_at, updated_at)
       VALUES ($1, $2, $1, $1, 1, $3, $3)`,
      [workflowId, tenantId, now],
    );
    await client.query(
      `INSERT INTO compiled_definition (tenant_id, ir_hash, ir) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING`,
      [tenantId, ir.hash, encodePayload(ir)],
    );
    await client.query(
      `INSERT INTO workflow_version (tenant_id, workflow_id, version, source, timezone, ir_hash,
         input_schema, side_effects, trigger, revision_hash, approved_by, created_at)
       VALUES ($1, $2, 1, $3, 'UTC', $4, $5, '[]', '', $2, 'mem_test', $6)`,
      [tenantId, workflowId, source, ir.hash, JSON.stringify(inputSchema ?? null), now],
    );
    const live = { workflowId, tag: 'live', version: 1 };
    if (isLive) await pointTag(client, tenantId, live, () => Promise.resolve());
  });
}

const json = {
  'content-type': 'application/json',
  accept: '*/*',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

function request(body: unknown, key?: string, workflowId = 'wf_live'): TestRequest {
  return {
    url: `/v1/workflows/${workflowId}/runs`,
    headers: { ...json, ...(key !== undefined && { 'idempotency-key': key }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Of a new run, what is not of its moment. */
function told({ status, headers, body }: TestAnswer) {
  const { id, createdAt, updatedAt, endedAt, ...rest } = JSON.parse(body) as Run;
  const kinds = [typeof id, typeof createdAt, typeof updatedAt, typeof endedAt];
  return { status, headers, kinds, rest };
}

describe('a batch', () => {
  const batch = async (...items: unknown[]) => {
    const [answer] = await postAlone(service.url, context, [
      {
        url: '/v1/workflows/wf_live/runs/batch',
        headers: json,
        body: JSON.stringify({ items }),
      },
    ]);
    if (answer?.status !== 200) throw new Error(answer?.body);
    return JSON.parse(answer.body) as BatchStarted;
  };

  it('takes an item whose input is null like one without', async () => {
    const { items } = await batch({}, { input: null });
    expect(items[0]?.outcome).toBe('refused'); // Something is required.
    expect(items[1]).toEqual(items[0]);
  });

  it('refuses what is wrong in an item by itself, and says where', async () => {
    const input = { n: 1 };
    const { items, ...counts } = await batch(
      { input },
      { input, priority: 'urgent' },
      7,
      { input, key: 'with space' },
      { input: { n: 'one' } },
      { input, priority: 'high' },
    );
    expect(counts).toEqual({ started: 2, repeated: 0, refused: 4 });
    expect(items.map(({ outcome }) => outcome)).toEqual([
      ...['started', 'refused', 'refused', 'refused', 'refused', 'started'],
    ]);
    const pointers = items.map((item) =>
      item.outcome === 'refused' ? item.problem.errors?.map(({ pointer }) => pointer) : [],
    );
    expect(pointers.slice(1, 4)).toEqual([['/items/1/priority'], ['/items/2'], ['/items/3/key']]);
  });

  it('binds a key to all that was asked for, as a single start does', async () => {
    const asked = { input: { n: 1 }, tags: ['a'], priority: 'high' };
    const others = [{ priority: 'low' }, { tags: ['b'] }, { attributes: { x: 1 } }];
    const [first] = await postAlone(service.url, context, [request(asked, 'bound')]);
    const { id } = JSON.parse(first?.body ?? '') as Run;
    const singly = [asked, ...others.map((other) => ({ ...asked, ...other }))];
    const answers = [];
    for (const body of singly) {
      answers.push(...(await postAlone(service.url, context, [request(body, 'bound')])));
    }
    expect(answers.map(({ status }) => status)).toEqual([202, 422, 422, 422]);
    expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ id });
    const { items } = await batch(...singly.map((item) => ({ ...item, key: 'bound' })));
    expect(items.map((item) => (item.outcome === 'refused' ? item.problem.code : item))).toEqual([
      { outcome: 'repeated', runId: id },
      ...['key-reused', 'key-reused', 'key-reused'],
    ]);
  });
});

describe('single starts that come together', () => {
  it('are the starts that they would be alone', async () => {
    // Each of its own: of two requests under one key that come together, one may be told to wait.
    const used = ['used', 'used-too'].map((key) => request({ input: { n: 1 } }, key));
    await postAlone(service.url, context, used);
    const table = {
      ok: request({ input: { n: 1 } }),
      'with labels': request({ input: { n: 2 }, tags: ['a'], attributes: { size: 3 } }),
      'of a version': request({ input: { n: 1 }, version: 1 }),
      'repeated key': request({ input: { n: 1 } }, 'used'),
      'key of other input': request({ input: { n: 2 } }, 'used-too'),
      'key that is none': request({ input: { n: 1 } }, 'with space'),
      'input that does not fit': request({ input: { n: 'one' } }),
      'no input': request({}),
      'bad member': request({ input: { n: 1 }, more: 1 }),
      'bad label': request({ input: { n: 1 }, tags: ['\u0000'] }),
      'malformed JSON': request('{"input":{"n":1}'),
      'unknown workflow': request({ input: { n: 1 } }, undefined, 'wf_gone'),
      'never approved': request({ input: { n: 1 } }, undefined, 'wf_never'),
      'unknown version': request({ input: { n: 1 }, version: 9 }),
      'unknown tag': request({ input: { n: 1 }, version: 'canary' }),
    };
    const requests = Object.values(table);
    const named = (answers: readonly TestAnswer[]) =>
      Object.fromEntries(
        Object.keys(table).map((name, index) => [name, told(answers[index] as TestAnswer)]),
      );
    const alone = named(await postAlone(service.url, context, requests));
    expect(named(await postTogether(service.url, context, requests))).toEqual(alone);
    expect(Object.values(alone).map(({ status }) => status)).toEqual([
      ...[202, 202, 202, 202, 422, 400, 422, 422, 422, 400, 400, 404, 404, 404, 404],
    ]);
  });

  it('under one key are one run', async () => {
    const requests = Array.from({ length: 5 }, () => request({ input: { n: 1 } }, 'once'));
    const answers = await postTogether(service.url, context, requests);
    const started = answers.filter(({ status }) => status === 202);
    expect(started).toHaveLength(1);
    for (const { status, headers, body } of answers) {
      if (status === 202) continue;
      expect(headers['retry-after']).toBe('1');
      expect(JSON.parse(body)).toMatchObject({ code: 'in-flight' });
    }
    const again = await postTogether(service.url, context, requests.slice(0, 1));
    expect(again[0]?.body).toBe(started[0]?.body);
  });

  it('are refused alike when the engine is behind', async () => {
    const behind = new AppError('overloaded', 'the engine is behind', { retryAfterSeconds: 1 });
    const spy = jest
      .spyOn(service.app.get(Engine), 'startPrepared')
      .mockImplementation(() => Promise.reject(behind));
    const requests = [request({ input: { n: 1 } }), request({ input: { n: 2 } }, 'behind')];
    const alone = await postAlone(service.url, context, requests);
    expect(await postTogether(service.url, context, requests)).toEqual(alone);
    expect(alone.map(({ status }) => status)).toEqual([429, 429]);
    spy.mockRestore();
  });
});
