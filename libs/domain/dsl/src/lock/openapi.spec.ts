import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@parley/kernel';
import { resolveOpenApiOperation } from './openapi.js';

const uri = 'https://docs.example.com/apis/shop/openapi.json';

function resolve(document: Json, operation = 'op') {
  return resolveOpenApiOperation({ content: document, sha256: 'a'.repeat(64), uri }, operation);
}

/** The request of an operation; fails when there is none. */
function requestOf(document: Json) {
  const resolved = resolve(document);
  if (!resolved.ok) throw new Error(resolved.error);
  return resolved.value;
}

const v3 = (rest: JsonObject, operation: JsonObject = {}, item: JsonObject = {}): Json => ({
  openapi: '3.0.3',
  paths: { '/orders/{id}': { ...item, post: { operationId: 'op', ...operation } } },
  ...rest,
});
const v2 = (rest: JsonObject, operation: JsonObject = {}): Json => ({
  swagger: '2.0',
  paths: { '/orders': { put: { operationId: 'op', ...operation } } },
  ...rest,
});

describe('the address of an operation', () => {
  it.each<[string, Json, string]>([
    [
      'absolute server',
      v3({ servers: [{ url: 'https://a.example/v1/' }] }),
      'https://a.example/v1',
    ],
    ['relative to the host', v3({ servers: [{ url: '/v1' }] }), 'https://docs.example.com/v1'],
    [
      'relative to the document',
      v3({ servers: [{ url: '../v1' }] }),
      'https://docs.example.com/apis/v1',
    ],
    ['without servers', v3({}), 'https://docs.example.com'],
    ['scheme of the document', v3({ servers: [{ url: '//a.example' }] }), 'https://a.example'],
    [
      'with variables',
      v3({ servers: [{ url: 'https://{at}.example', variables: { at: { default: 'eu' } } }] }),
      'https://eu.example',
    ],
    [
      'of the operation before that of the path',
      v3(
        { servers: [{ url: 'https://doc.example' }] },
        { servers: [{ url: 'https://op.example' }] },
        { servers: [{ url: 'https://path.example' }] },
      ),
      'https://op.example',
    ],
    [
      'of the path before that of the document',
      v3(
        { servers: [{ url: 'https://doc.example' }] },
        {},
        { servers: [{ url: 'https://path.example' }] },
      ),
      'https://path.example',
    ],
  ])('%s', (_, document, expected) => {
    expect(requestOf(document)).toMatchObject({
      method: 'POST',
      address: `${expected}/orders/{id}`,
      documentHash: 'a'.repeat(64),
    });
  });

  it.each<[string, Json, string]>([
    [
      'all given',
      v2({ host: 'a.example', basePath: '/v2', schemes: ['https'] }),
      'https://a.example/v2',
    ],
    [
      'https when there is a choice',
      v2({ host: 'a.example', schemes: ['http', 'https'] }),
      'https://a.example',
    ],
    ['http when there is none', v2({ host: 'a.example', schemes: ['http'] }), 'http://a.example'],
    ['host and scheme of the document', v2({ basePath: '/v2/' }), 'https://docs.example.com/v2'],
    [
      'scheme of the operation',
      v2({ host: 'a.example', schemes: ['http'] }, { schemes: ['https'] }),
      'https://a.example',
    ],
  ])('Swagger 2.0: %s', (_, document, expected) => {
    expect(requestOf(document)).toMatchObject({ method: 'PUT', address: `${expected}/orders` });
  });
});

describe('the parameters of an operation', () => {
  const explodeOf = (document: Json) =>
    Object.fromEntries(requestOf(document).parameters.map((one) => [one.name, one.explode]));

  it('come from the path, the operation and references; those of the operation win', () => {
    const document = v3(
      { components: { parameters: { trace: { name: 'trace', in: 'header', required: true } } } },
      {
        parameters: [
          { name: 'q', in: 'query', required: true },
          { $ref: '#/components/parameters/trace' },
        ],
      },
      {
        parameters: [
          { name: 'id', in: 'path' },
          { name: 'q', in: 'query' },
          { name: 'x', in: 'moon' },
        ],
      },
    );
    const named = requestOf(document).parameters.map((one) => [one.in, one.name, one.required]);
    expect(named).toEqual([
      ['path', 'id', true],
      ['query', 'q', true],
      ['header', 'trace', true],
    ]);
  });

  it('repeat their names as OpenAPI 3 has it', () => {
    const schema = { type: 'array' };
    const parameters: Json[] = [
      { name: 'query', in: 'query', schema },
      { name: 'joined', in: 'query', schema, explode: false },
      { name: 'spaces', in: 'query', schema, style: 'spaceDelimited' },
      { name: 'path', in: 'path', schema },
      { name: 'exploded', in: 'path', schema, explode: true },
      { name: 'header', in: 'header', schema },
      { name: 'cookie', in: 'cookie', schema },
    ];
    expect(explodeOf(v3({}, { parameters }))).toEqual({
      query: true,
      joined: false,
      spaces: false,
      path: false,
      exploded: true,
      header: false,
      cookie: true,
    });
  });

  it('repeat their names as Swagger 2.0 has it', () => {
    const parameters: Json[] = [
      { name: 'csv', in: 'query', type: 'array' },
      { name: 'multi', in: 'query', type: 'array', collectionFormat: 'multi' },
    ];
    expect(explodeOf(v2({}, { parameters }))).toEqual({ csv: false, multi: true });
  });
});

describe('the body of an operation', () => {
  it.each<[string, Json, string | undefined]>([
    ['none', v3({}), undefined],
    [
      'JSON first',
      v3(
        {},
        { requestBody: { content: { 'text/xml': {}, 'application/json; charset=utf-8': {} } } },
      ),
      'application/json; charset=utf-8',
    ],
    [
      'what is JSON by another name',
      v3({}, { requestBody: { content: { 'text/xml': {}, 'application/merge-patch+json': {} } } }),
      'application/merge-patch+json',
    ],
    ['what there is', v3({}, { requestBody: { content: { 'text/xml': {} } } }), 'text/xml'],
    [
      'by reference',
      v3(
        { components: { requestBodies: { 'a/b': { content: { 'text/csv': {} } } } } },
        { requestBody: { $ref: '#/components/requestBodies/a~1b' } },
      ),
      'text/csv',
    ],
    [
      'a reference to itself',
      v3(
        { components: { requestBodies: { a: { $ref: '#/components/requestBodies/a' } } } },
        { requestBody: { $ref: '#/components/requestBodies/a' } },
      ),
      undefined,
    ],
    ['Swagger: none', v2({ consumes: ['text/xml'] }), undefined],
    [
      'Swagger: of the document',
      v2({ consumes: ['text/xml'] }, { parameters: [{ name: 'b', in: 'body' }] }),
      'text/xml',
    ],
    [
      'Swagger: of the operation',
      v2(
        { consumes: ['text/xml'] },
        { consumes: ['application/json'], parameters: [{ name: 'b', in: 'body' }] },
      ),
      'application/json',
    ],
    ['Swagger: unsaid', v2({}, { parameters: [{ name: 'b', in: 'body' }] }), 'application/json'],
    [
      'Swagger: a form',
      v2({}, { parameters: [{ name: 'b', in: 'formData', type: 'string' }] }),
      'application/x-www-form-urlencoded',
    ],
    [
      'Swagger: a file',
      v2({}, { parameters: [{ name: 'b', in: 'formData', type: 'file' }] }),
      'multipart/form-data',
    ],
  ])('%s', (_, document, expected) => {
    expect(requestOf(document).body).toBe(expected);
  });
});

it.each<[string, Json, string]>([
  ['a text', 'openapi', 'is not an OpenAPI document'],
  [
    'without the operation',
    v3({ paths: { '/a': { get: { operationId: 'other' } } } }),
    'has no operation "op"',
  ],
  ['with odd paths', { openapi: '3.0.0', paths: [1, null] }, 'has no operation "op"'],
])('says what is wrong: %s', (_, document, expected) => {
  expect(resolve(document)).toEqual({ ok: false, error: expected });
});

it('says that there is no host to call', () => {
  const external = { content: v3({}), sha256: '', uri: 'file:///openapi.json' };
  expect(resolveOpenApiOperation(external, 'op').ok).toBe(false);
});
