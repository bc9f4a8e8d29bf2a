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
    expect(refused.body['errors']).toContainEqual(expect.objectContaining({ code: 'PL1010' }));
  });

  it('breaks nothing, or says what', async () => {
    const scheduled = source.replace('do:', 'schedule: { every: PT1H }\ndo:');
    const report = await post(routes.checkBreaking.path, { before: scheduled, after: source });
    expect(report.status).toBe(200);
    expect(report.body).toMatchObject({
      breaking: true,
      bump: 'major',
      changes: [{ area: 'schedule', breaking: true }],
    });
  });

  it('gives facts on request', async () => {
    const { body } = await post(routes.compileDefinition.path, { source, facts: true });
    expect(body['facts']).toMatchObject({
      topology: { longestPath: { tasks: ['do/look', 'do/pause'] } },
      dataFlow: { 'do/pause': { writes: { output: 'input' } } },
      cost: { calls: { min: 1, max: 1, formula: '1' } },
    });
  });

  it('formats, renames, completes, explains and advises', async () => {
    const loose = source.replace('do:', 'do:  ').replace('- look', '-   look');
    const formatted = await post(routes.formatDefinition.path, { source: loose });
    expect(formatted).toMatchObject({ status: 200, body: { changed: true } });
    const rename = { source, what: 'do/pause', name: 'rest' };
    expect(await post(routes.renameInDefinition.path, rename)).toMatchObject({
      status: 200,
      body: { changed: true, source: source.replace('pause', 'rest') },
    });
    const position = { line: 5, column: 5 };
    expect(await post(routes.renameInDefinition.path, { ...rename, what: position })).toMatchObject(
      { body: { source: source.replace('pause', 'rest') } },
    );
    const hover = await post(routes.hoverDefinition.path, { source, position, catalogue });
    expect(hover).toMatchObject({
      status: 200,
      body: { hover: { range: { start: { line: 5 } } } },
    });
    const completed = await post(routes.completeDefinition.path, {
      source: source.replace('getLevel', 'getL'),
      position: { line: 4, column: 67 },
      catalogue,
    });
    expect(completed.status).toBe(200);
    expect(completed.body['items']).toContainEqual(expect.objectContaining({ label: 'getLevel' }));
    const advice = await post(routes.suggestImprovements.path, { source, catalogue });
    expect(advice).toMatchObject({ status: 200, body: { diagnostics: [] } });
  });

  it('brings old definitions to the new language', async () => {
    const old = { id: 'a', name: 'A', version: '1', specVersion: '0.8', start: 'w' };
    const states = [{ name: 'w', type: 'sleep', duration: 'PT5S', end: true }];
    const { status, body } = await post(routes.migrateDefinition.path, {
      source: JSON.stringify({ ...old, states }),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ report: expect.any(Array) });
    const checked = await post(routes.validateDefinition.path, { source: body['definition'] });
    expect(checked.body).toMatchObject({ valid: true });
  });

  it.each([
    [routes.formatDefinition.path, { source: 'do: [' }],
    [routes.migrateDefinition.path, { source }],
    [routes.renameInDefinition.path, { source, what: 'do/nothing', name: 'x' }],
    [routes.checkBreaking.path, { before: source, after: 'do: []' }],
  ])('%s refuses what has to be right, with every diagnostic', async (path, body) => {
    const refused = await post(path, body);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      code: 'invalid-definition',
      errors: [{ code: expect.stringMatching(/^PL1/) }],
      diagnostics: [{ severity: 'error', range: { start: { line: expect.any(Number) } } }],
    });
  });

  it('says what could not be fetched', async () => {
    const external = `document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }
do: [{ a: { call: openapi, with: { document: { endpoint: 'http://127.0.0.1:9/o.json' }, operationId: x } } }]
`;
    const { status, body } = await post(routes.compileDefinition.path, {
      source: external,
      resolve: true,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      valid: true,
      lock: { externals: [] },
      missing: [{ kind: 'openapi', uri: 'http://127.0.0.1:9/o.json' }],
    });
    const strict = { source: external, resolve: true, unresolved: 'error' };
    expect(await post(routes.validateDefinition.path, strict)).toMatchObject({
      status: 200,
      body: { valid: false },
    });
  });

  it.each([
    ['malformed JSON', '{', 400, 'malformed'],
    ['an unknown member', { source, extra: 1 }, 422, 'invalid'],
    ['more than 1 MiB of source', { source: 'x'.repeat(1_048_577) }, 422, 'invalid'],
    ['a time zone that is none', { source, timezone: 'Berlin' }, 422, 'invalid'],
    ['more than 16 MiB', { source: 'x'.repeat(16_777_216) }, 413, 'too-large'],
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
