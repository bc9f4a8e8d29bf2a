import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '@parley/contracts';
import { createService, type RunningService } from '@parley/nest-kit';
import { contextHeaders, testConfig, testKeys, type TestKeys } from '@parley/nest-kit/testing';
import { dslCompilerService } from './service.js';

const source = `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
input: { schema: { document: { type: object } } }
do:
  - look: { call: connector, with: { connector: stock, operation: getLevel, input: { sku: a } } }
  - pause: { wait: PT5M }
`;
const catalogue = {
  connectors: [
    {
      name: 'stock',
      title: 'Stock',
      documentHash: 'h',
      operations: [
        {
          id: 'getLevel',
          method: 'GET',
          path: '/levels/{sku}',
          tags: [],
          deprecated: false,
          parameters: [{ name: 'sku', in: 'path', required: true, schema: { type: 'string' } }],
          delivery: 'safe',
          security: [],
        },
      ],
    },
  ],
};

let keys: TestKeys;
let service: RunningService;

beforeAll(async () => {
  keys = await testKeys();
  service = await createService(dslCompilerService(testConfig('dsl-compiler', keys)));
});

afterAll(async () => {
  await service.close();
});

async function post(path: string, body: unknown, headers?: Record<string, string>) {
  const answer = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(headers ?? (await contextHeaders(keys, 'dsl-compiler'))),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
}

describe('dsl-compiler', () => {
  it('compiles, with what the catalogue knows', async () => {
    const { status, body } = await post(routes.compileDefinition.path, { source, catalogue });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      valid: true,
      diagnostics: [],
      inputSchema: { type: 'object' },
      sideEffects: [{ kind: 'connector', method: 'GET', target: '/levels/{sku}', changes: false }],
      ir: { format: 'parley.ir/1', nodes: { 'do/look': { delivery: 'safe' } } },
    });
  });

  it('answers a wrong definition with located diagnostics', async () => {
    const wrong = source.replace('getLevel', 'getLevl');
    const { status, body } = await post(routes.validateDefinition.path, {
      source: wrong,
      catalogue,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      valid: false,
      diagnostics: [{ code: 'PL1052', suggestions: ['getLevel'], range: { start: { line: 4 } } }],
    });
  });

  it('compares', async () => {
    const after = source.replace('PT5M', 'PT6M');
    const { status, body } = await post(routes.diffDefinitions.path, { before: source, after });
    expect(status).toBe(200);
    expect(body).toMatchObject({ changes: [{ kind: 'changed', task: 'do/pause' }] });
  });

  it('draws, and refuses to draw what does not compile', async () => {
    const drawn = await post(routes.graphDefinition.path, { source, catalogue });
    expect(drawn.status).toBe(200);
    expect(drawn.body).toMatchObject({
      nodes: [
        { id: 'start' },
        { id: 'do/look', detail: 'GET /levels/{sku}' },
        { id: 'do/pause' },
        { id: 'end' },
      ],
    });
    const refused = await post(routes.graphDefinition.path, { source: 'do: []' });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'invalid-definition' });
    expect(refused.body['errors']).toContainEqual(expect.objectContaining({ code: 'PL1017' }));
  });

  it.each([
    ['malformed JSON', '{', 400, 'malformed'],
    ['an unknown member', { source, extra: 1 }, 422, 'invalid'],
    ['more than 1 MiB of source', { source: 'x'.repeat(1_048_577) }, 422, 'invalid'],
    ['a time zone that is none', { source, timezone: 'Berlin' }, 422, 'invalid'],
    ['more than 10 MiB', { source: 'x'.repeat(10_485_760) }, 413, 'too-large'],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await post(routes.compileDefinition.path, body);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('refuses calls without a context, and takes them from services', async () => {
    expect((await post(routes.compileDefinition.path, { source }, {})).status).toBe(401);
    const work = await contextHeaders(keys, 'dsl-compiler', { kind: 'work', issuer: 'agent' });
    expect((await post(routes.compileDefinition.path, { source }, work)).status).toBe(200);
  });
});
