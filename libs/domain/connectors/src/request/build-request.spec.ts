import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '@parley/kernel';
import fc from 'fast-check';
import type { ConnectorOperation, ConnectorParameter } from '../model.js';
import { buildRequest, type CallArguments } from './build-request.js';

function operation(
  parameters: (Partial<ConnectorParameter> & Pick<ConnectorParameter, 'name' | 'in'>)[],
  rest: Partial<ConnectorOperation> = {},
): ConnectorOperation {
  return {
    id: 'op',
    method: 'POST',
    path: '/things',
    tags: [],
    deprecated: false,
    delivery: 'once',
    security: [],
    ...rest,
    parameters: parameters.map((one) => ({ required: one.in === 'path', schema: {}, ...one })),
  };
}

function body(schema: Json, required = true, mediaType = 'application/json') {
  return { body: { required, mediaType, schema } };
}

function built(op: ConnectorOperation, args: CallArguments) {
  const result = buildRequest(op, args);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function faultOf(op: ConnectorOperation, args: CallArguments) {
  const result = buildRequest(op, args);
  return result.ok ? undefined : result.error;
}

const list = ['a b', 'c'];
const object = { r: 1, g: true };

describe('styles of parameters', () => {
  it.each<[Partial<ConnectorParameter>, Json, string]>([
    [{}, 'a/b ü', '/a%2Fb%20%C3%BC'],
    [{}, 5, '/5'],
    [{}, list, '/a%20b,c'],
    [{}, object, '/r,1,g,true'],
    [{ explode: true }, object, '/r=1,g=true'],
    [{ style: 'label' }, 'x', '/.x'],
    [{ style: 'label' }, list, '/.a%20b,c'],
    [{ style: 'label', explode: true }, list, '/.a%20b.c'],
    [{ style: 'label', explode: true }, object, '/.r=1.g=true'],
    [{ style: 'matrix' }, 'x', '/;p=x'],
    [{ style: 'matrix' }, list, '/;p=a%20b,c'],
    [{ style: 'matrix', explode: true }, list, '/;p=a%20b;p=c'],
    [{ style: 'matrix', explode: true }, object, '/;r=1;g=true'],
  ])('path %j with %j is %s', (style, value, path) => {
    const op = operation([{ name: 'p', in: 'path', ...style }], { path: '/{p}' });
    expect(built(op, { input: { p: value } }).path).toBe(path);
  });

  it.each<[Partial<ConnectorParameter>, Json, string]>([
    [{}, 'a&b=c', 'q=a%26b%3Dc'],
    [{}, list, 'q=a%20b&q=c'],
    [{}, [], ''],
    [{}, object, 'r=1&g=true'],
    [{ explode: false }, list, 'q=a%20b,c'],
    [{ explode: false }, object, 'q=r,1,g,true'],
    [{ style: 'spaceDelimited' }, list, 'q=a%20b%20c'],
    [{ style: 'pipeDelimited' }, list, 'q=a%20b%7Cc'],
    [
      { style: 'deepObject', explode: true },
      { r: 1, of: { x: 'y' } },
      'q%5Br%5D=1&q%5Bof%5D%5Bx%5D=y',
    ],
    [{ allowReserved: true }, 'a/b:c?d&e#f', 'q=a/b:c?d%26e%23f'],
    [{ json: true }, { a: [1] }, 'q=%7B%22a%22%3A%5B1%5D%7D'],
    [{}, null, ''],
  ])('query %j with %j is %s', (style, value, query) => {
    expect(
      built(operation([{ name: 'q', in: 'query', ...style }]), { input: { q: value } }).query,
    ).toBe(query);
  });

  it('headers and cookies', () => {
    const op = operation([
      { name: 'X-List', in: 'header' },
      { name: 'sid', in: 'cookie' },
      { name: 'lang', in: 'cookie' },
    ]);
    const input = { 'X-List': ['a', 'b'], sid: 'x;y', lang: 'de' };
    expect(built(op, { input }).headers).toEqual({
      'x-list': 'a,b',
      cookie: 'sid=x%3By; lang=de',
    });
  });
});

describe('bodies', () => {
  const schema = {
    type: 'object',
    required: ['name', 'id'],
    properties: { name: { type: 'string' }, id: { type: 'string', readOnly: true } },
  };

  it('are made of the members that are no parameters', () => {
    const op = operation([{ name: 'id', in: 'path' }], {
      path: '/things/{id}',
      ...body({ type: 'object', properties: { name: {}, __proto__: {} } }),
    });
    const input = JSON.parse('{"id":"7","name":"x","more":null,"__proto__":1}') as JsonObject;
    expect(built(op, { input })).toEqual({
      method: 'POST',
      path: '/things/7',
      query: '',
      headers: { 'content-type': 'application/json' },
      body: { mediaType: 'application/json', text: '{"name":"x","more":null,"__proto__":1}' },
    });
  });

  it('a name that is both goes to both', () => {
    const op = operation([{ name: 'id', in: 'path' }], {
      path: '/things/{id}',
      ...body({ type: 'object', required: ['id'], properties: { id: {} } }),
    });
    const request = built(op, { input: { id: '7' } });
    expect([request.path, request.body?.text]).toEqual(['/things/7', '{"id":"7"}']);
  });

  it.each<[string, Partial<ConnectorOperation>, CallArguments, string | undefined]>([
    ['read-only members are not asked for', body(schema), { input: { name: 'x' } }, '{"name":"x"}'],
    ['an empty required object', body({ type: 'object' }), {}, '{}'],
    ['an optional one that is not given', body(schema, false), {}, undefined],
    ['a list, as a whole', body({ type: 'array' }), { body: [1, 2] }, '[1,2]'],
    ['an object, as a whole', body(schema), { body: { name: 'y' } }, '{"name":"y"}'],
    [
      'parts of allOf',
      body({ allOf: [schema, { properties: { n: {} } }] }),
      { input: { name: 'x', n: 1 } },
      '{"name":"x","n":1}',
    ],
    ['alternatives', body({ oneOf: [schema, { type: 'object' }] }), { input: { n: 1 } }, '{"n":1}'],
    [
      'a form',
      body(schema, true, 'application/x-www-form-urlencoded'),
      { input: { name: 'a b', t: ['1', '2'] } },
      'name=a%20b&t=1&t=2',
    ],
    ['text', body({ type: 'string' }, true, 'text/plain'), { body: 'hi' }, 'hi'],
  ])('%s', (_name, rest, args, text) => {
    expect(built(operation([], rest), args).body?.text).toBe(text);
  });

  it.each<[string, ConnectorOperation, CallArguments, string, string]>([
    ['no object', operation([]), { input: [1] }, '/input', 'is an object'],
    [
      'a missing path parameter',
      operation([{ name: 'id', in: 'path' }], { path: '/{id}' }),
      {},
      '/input/id',
      'path parameter `id`',
    ],
    [
      'an empty path parameter',
      operation([{ name: 'id', in: 'path' }], { path: '/{id}' }),
      { input: { id: '' } },
      '/input/id',
      'empty',
    ],
    [
      'a path that climbs',
      operation([{ name: 'id', in: 'path' }], { path: '/a/{id}' }),
      { input: { id: '..' } },
      '/input',
      'cannot stand in a path',
    ],
    [
      'a missing query parameter',
      operation([{ name: 'q', in: 'query', required: true }]),
      { input: { q: null } },
      '/input/q',
      'query parameter `q`',
    ],
    [
      'nesting',
      operation([{ name: 'q', in: 'query' }]),
      { input: { q: [[1]] } },
      '/input/q',
      'nothing nested',
    ],
    [
      'a header with a line break',
      operation([{ name: 'h', in: 'header' }]),
      { input: { h: 'a\r\nX: y' } },
      '/input/h',
      'cannot carry',
    ],
    [
      'an unknown member',
      operation([{ name: 'limit', in: 'query' }]),
      { input: { limt: 1 } },
      '/input/limt',
      'Is `limit` meant?',
    ],
    ['a missing body', operation([], body({ type: 'array' })), {}, '/body', 'needs a `body`'],
    ['a body that nobody takes', operation([]), { body: 1 }, '/body', 'takes no body'],
    [
      'a missing member of the body',
      operation([], body(schema)),
      { input: {} },
      '/input/name',
      'needs `name`',
    ],
    [
      'a member beside the whole body',
      operation([], body(schema)),
      { input: { name: 'x' }, body: {} },
      '/input/name',
      'takes no `name`',
    ],
    [
      'a member of a closed body',
      operation([], body({ type: 'object', additionalProperties: false, properties: { a: {} } })),
      { input: { b: 1 } },
      '/input/b',
      'takes no `b`',
    ],
    [
      'text that is none',
      operation([], body({}, true, 'text/plain')),
      { body: { a: 1 } },
      '/body',
      'given as text',
    ],
  ])('refuses %s', (...[, op, args, pointer, message]) => {
    expect(faultOf(op, args)).toEqual({ pointer, message: expect.stringContaining(message) });
  });
});

describe('whatever the values are', () => {
  it('the path keeps its segments and the query its names', () => {
    const op = operation(
      [
        { name: 'p', in: 'path' },
        { name: 'q', in: 'query' },
      ],
      { path: '/a/{p}/b' },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (p, q) => {
        const result = buildRequest(op, { input: { p, q } });
        if (!result.ok) return p === '' || p === '.' || p === '..';
        const url = new URL(`http://h.example${result.value.path}?${result.value.query}`);
        const segments = url.pathname.split('/');
        return (
          segments.length === 4 &&
          decodeURIComponent(segments[2] ?? '') === p &&
          url.searchParams.get('q') === q.toWellFormed() &&
          [...url.searchParams].length === 1
        );
      }),
    );
  });
});
