import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '@parley/kernel';
import { importOpenApi, type ImportedConnector } from './index.js';
import { limits } from './limits.js';

const base = {
  openapi: '3.0.3',
  info: { title: 'Library', version: '1' },
  servers: [{ url: 'https://library.example/api' }],
};

function read(document: JsonObject, options = {}): ImportedConnector {
  const result = importOpenApi(JSON.stringify(document), options);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function get(operation: JsonObject = {}): JsonObject {
  return { get: { operationId: 'list', responses: {}, ...operation } };
}

function faultsOf(document: JsonObject | string) {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const result = importOpenApi(text);
  return result.ok ? [] : result.error;
}

describe('the documents of the demo restaurant', () => {
  const folder = new URL('../../../../tools/demo/documents/', import.meta.url);
  const load = (file: string, options = {}) => {
    const result = importOpenApi(readFileSync(new URL(file, folder), 'utf8'), options);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };

  it('are read without a notice, in YAML and JSON, 3.0 and 3.1', () => {
    const files = ['kitchen.yaml', 'inventory.json', 'pos.yaml', 'staff.json', 'delivery.yaml'];
    for (const file of files) {
      const connector = load(file);
      expect(connector.operations.length).toBeGreaterThan(2);
      expect(connector.notices).toEqual([]);
    }
  });

  it('say what to ask: one server is taken, several or relative ones are questions', () => {
    expect(load('pos.yaml')).toMatchObject({
      name: 'point-of-sale',
      version: '5.1.2',
      baseUrl: 'http://localhost:7420/pos',
      openQuestions: [],
      securitySchemes: [{ name: 'apiKey', type: 'apiKey', in: 'header', parameter: 'X-Api-Key' }],
    });
    const delivery = load('delivery.yaml');
    expect(delivery.baseUrl).toBeUndefined();
    expect(delivery.servers).toEqual([
      'http://localhost:7420/delivery',
      'https://eu.couriers.example/v1',
    ]);
    expect(delivery.openQuestions).toEqual([expect.stringContaining('2 servers')]);
    expect(load('staff.json').openQuestions).toEqual([
      expect.stringContaining('not a complete address'),
    ]);
    const sourceUrl = 'http://localhost:7420/staff/openapi.json';
    expect(load('staff.json', { sourceUrl }).baseUrl).toBe('http://localhost:7420/staff');
  });

  it('take the idempotency key out of the parameters and into the delivery', () => {
    const confirm = load('pos.yaml').operations.find(({ id }) => id === 'confirmOrder');
    expect(confirm).toMatchObject({
      method: 'POST',
      path: '/orders/{orderId}/confirm',
      delivery: 'keyed',
      keyHeader: 'Idempotency-Key',
      security: [['apiKey']],
      response: { status: '200', mediaType: 'application/json' },
    });
    expect(confirm?.parameters.map(({ name }) => name)).toEqual(['orderId']);
  });
});

describe('operations', () => {
  it('without an id get one from method and path; a repeated id stays with the first', () => {
    const connector = read({
      ...base,
      paths: {
        '/a': get(),
        '/b/{id}/c': get({ operationId: 'list' }),
        '/d': { post: { responses: {} } },
        '/': { get: { responses: {} } },
      },
    });
    expect(connector.operations.map(({ id }) => id)).toEqual([
      'list',
      'getBByIdC',
      'postD',
      'getRoot',
    ]);
    expect(connector.notices).toEqual([
      expect.stringContaining('"list" is used twice; GET /b/{id}/c is called getBByIdC'),
      expect.stringContaining('path parameter id is not described'),
    ]);
  });

  it.each([
    ['get', false, 'safe'],
    ['head', false, 'safe'],
    ['put', false, 'idempotent'],
    ['delete', false, 'idempotent'],
    ['post', false, 'once'],
    ['patch', false, 'once'],
    ['post', true, 'keyed'],
    ['patch', true, 'keyed'],
    ['put', true, 'idempotent'],
  ])('%s with a key header %s is delivered %s', (method, keyed, delivery) => {
    const parameters = keyed ? [{ name: 'idempotency-key', in: 'header', required: true }] : [];
    const connector = read({
      ...base,
      paths: { '/x': { [method]: { parameters, responses: {} } } },
    });
    expect(connector.operations[0]).toMatchObject({ delivery, parameters: [] });
    expect(connector.operations[0]?.keyHeader).toBe(keyed ? 'idempotency-key' : undefined);
  });

  it('merge the parameters of their path and drop the headers that HTTP owns', () => {
    const connector = read({
      ...base,
      paths: {
        '/x': {
          parameters: [
            { name: 'q', in: 'query', schema: { type: 'string' } },
            { name: 'lang', in: 'query', schema: { type: 'string' } },
            { name: 'Authorization', in: 'header', schema: { type: 'string' } },
          ],
          ...get({ parameters: [{ name: 'q', in: 'query', schema: { type: 'integer' } }] }),
        },
      },
    });
    expect(connector.operations[0]?.parameters).toEqual([
      { name: 'q', in: 'query', required: false, schema: { type: 'integer' } },
      { name: 'lang', in: 'query', required: false, schema: { type: 'string' } },
    ]);
  });

  it('are left out, with a notice, when their body cannot be sent', () => {
    const requestBody = { required: true, content: { 'multipart/form-data': { schema: {} } } };
    const connector = read({
      ...base,
      paths: { '/a': get(), '/upload': { post: { requestBody, responses: {} } } },
    });
    expect(connector.operations.map(({ id }) => id)).toEqual(['list']);
    expect(connector.notices).toEqual([expect.stringContaining('POST /upload was left out')]);
  });

  it('name ways of signing in that are not supported', () => {
    const connector = read({
      ...base,
      components: { securitySchemes: { login: { type: 'oauth2', flows: {} } } },
      security: [{ login: ['read'] }],
      paths: { '/a': get(), '/b': get({ operationId: 'open', security: [] }) },
    });
    expect(connector.securitySchemes).toEqual([
      { name: 'login', type: 'unsupported', description: 'Not supported: oauth2.' },
    ]);
    expect(connector.openQuestions).toEqual([expect.stringContaining('One operation needs')]);
    expect(connector.operations.map(({ security }) => security)).toEqual([[['login']], []]);
  });
});

describe('documents that cannot be imported', () => {
  it.each<[string, JsonObject | string, string, string]>([
    ['nothing', '', '', 'not an object'],
    ['a text', 'hello', '', 'not an object'],
    ['a list', '[1]', '', 'not an object'],
    ['HTML', '<!doctype html><p a="b">: {', '', 'neither JSON nor YAML'],
    ['no version', { info: {} }, '', '`openapi` is missing'],
    ['OpenAPI 4', { ...base, openapi: '4.0.0' }, '/openapi', 'OpenAPI 4.0.0 is not supported'],
    ['Swagger', { swagger: '2.0', info: {} }, '/swagger', 'Convert the document'],
    ['no paths', { ...base }, '', 'no `paths`'],
    ['no operation', { ...base, paths: {} }, '/paths', 'no operation'],
    ['no info', { openapi: '3.1.0', paths: { '/a': get() } }, '', '`info`'],
    ['no title', { ...base, info: {}, paths: { '/a': get() } }, '/info', 'info.title'],
    [
      'a title without letters',
      { ...base, info: { title: '倉庫' }, paths: { '/a': get() } },
      '/info/title',
      'give the connector one',
    ],
    ['a path without slash', { ...base, paths: { a: get() } }, '/paths/a', 'begins with `/`'],
    ['paths as a list', { ...base, paths: [] }, '/paths', 'not a list'],
    [
      'an operation as text',
      { ...base, paths: { '/a': { get: 'x' } } },
      '/paths/~1a/get',
      'a string',
    ],
    [
      'a Swagger parameter',
      { ...base, paths: { '/a': get({ parameters: [{ name: 'b', in: 'body' }] }) } },
      '/paths/~1a/get/parameters/0/in',
      'Swagger 2.0',
    ],
    [
      'a scheme that is not declared',
      { ...base, paths: { '/a': get({ security: [{ key: [] }] }) } },
      '/paths/~1a/get/security/0/key',
      'not declared',
    ],
    [
      'a reference to another file',
      { ...base, paths: { '/a': { $ref: './a.yaml' } } },
      '/paths/~1a/$ref',
      'other documents are not followed',
    ],
    [
      'a reference to the network',
      {
        ...base,
        paths: { '/a': get({ parameters: [{ $ref: 'http://169.254.169.254/latest' }] }) },
      },
      '/paths/~1a/get/parameters/0/$ref',
      'other documents are not followed',
    ],
    [
      'a reference that leads nowhere',
      {
        ...base,
        components: { parameters: { limit: { name: 'limit', in: 'query' } } },
        paths: { '/a': get({ parameters: [{ $ref: '#/components/parameters/limt' }] }) },
      },
      '/paths/~1a/get/parameters/0/$ref',
      'Is "limit" meant?',
    ],
    [
      'a circle of references',
      {
        ...base,
        components: { parameters: { a: { $ref: '#/components/parameters/a' } } },
        paths: { '/a': get({ parameters: [{ $ref: '#/components/parameters/a' }] }) },
      },
      '/paths/~1a/get/parameters/0',
      'in a circle',
    ],
  ])('%s: located', (_name, document, pointer, message) => {
    const faults = faultsOf(document);
    expect(faults[0]).toMatchObject({ pointer, message: expect.stringContaining(message) });
  });

  it('say the line and column', () => {
    const text = 'openapi: 3.0.0\ninfo:\n  title: A\npaths:\n  /a:\n    get: 5\n';
    expect(faultsOf(text)).toEqual([
      { pointer: '/paths/~1a/get', message: expect.any(String), line: 6, column: 5 },
    ]);
    expect(faultsOf('{ "openapi": "3.0.0",\n "info": ]')).toMatchObject([{ line: 2 }]);
    expect(faultsOf('a: 1\nb: 2\na: 3\n')).toMatchObject([
      { line: 3, message: expect.stringContaining('"a" is there twice') },
    ]);
  });

  it('report at most the first twenty faults, each once', () => {
    const paths = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`/p${i}`, { get: i }]));
    expect(faultsOf({ ...base, paths })).toHaveLength(limits.faultsMax);
  });

  it('are refused for their size before they are parsed', () => {
    const text = `{"openapi": "${'x'.repeat(50 * 1_048_576)}`;
    const parse = jest.spyOn(JSON, 'parse');
    expect(faultsOf(text)).toEqual([
      { pointer: '', message: expect.stringContaining('10 MiB'), tooLarge: true },
    ]);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(faultsOf('ä'.repeat(6 * 1_048_576))).toMatchObject([{ tooLarge: true }]);
  });

  it('do not blow up: aliases, depth, keys that look like prototypes', () => {
    const laughs = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 10; i++) {
      const before = String.fromCharCode(96 + i);
      const name = String.fromCharCode(97 + i);
      laughs.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
    }
    expect(faultsOf(laughs.join('\n'))[0]?.message).toContain('aliases');
    expect(faultsOf('['.repeat(200_000))[0]?.message).toMatch(/nested deeper/);
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect(faultsOf(deep)).toMatchObject([{ tooLarge: true }]);
    const odd = JSON.parse(
      '{"__proto__": {"get": {"responses": {}}}, "/constructor": {"get": {"operationId": "toString", "responses": {}}}}',
    ) as JsonObject;
    expect(faultsOf({ ...base, paths: odd })[0]?.pointer).toBe('/paths/__proto__');
  });
});
