import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { httpOutput, readHttpCall } from './http-call.js';

const endpoint = 'https://a.example/x?k=1';

describe('a call: http', () => {
  it('is read with its query, headers and body', () => {
    const read = readHttpCall({
      method: 'post',
      endpoint: { uri: endpoint },
      query: { q: 'a b', list: [1, true], none: null },
      headers: { 'X-One': 1 },
      body: { a: [1] },
    });
    expect(read).toEqual({
      ok: true,
      value: {
        request: {
          method: 'POST',
          url: 'https://a.example/x?k=1&q=a+b&list=1&list=true',
          raw: false,
          headers: { 'content-type': 'application/json', 'x-one': '1' },
          body: '{"a":[1]}',
        },
        output: 'content',
        redirectIsSuccess: false,
        proof: { kind: 'none' },
      },
    });
  });

  it.each(['..', '.', '%2E.', '.\t.', '..\\\\x', ' ..  '])(
    'does not go where dots lead: %j',
    (id) => {
      const read = (path: string) =>
        readHttpCall({ method: 'GET', endpoint: `https://a.example/${path}` });
      expect(read(`users/${id.trim()}`)).toMatchObject({ ok: false });
      expect(read(`users/${id.trim()}/keys`)).toMatchObject({ ok: false });
      expect(read(`users/a${id.trim()}b?next=/${id}/`)).toMatchObject({ ok: true });
    },
  );

  it('sends a form where its type says so', () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = { a: 'x y', list: [1, 2] };
    expect(readHttpCall({ method: 'POST', endpoint, headers, body })).toMatchObject({
      value: { request: { body: 'a=x+y&list=1&list=2' } },
    });
  });

  it('proves itself as its authentication says', () => {
    const proofOf = (authentication: Json) => {
      const read = readHttpCall({ method: 'GET', endpoint, authentication });
      return read.ok ? read.value.proof : read.error;
    };
    expect(proofOf({ basic: { username: 'ada', password: 'p' } })).toEqual({
      kind: 'placed',
      credential: { type: 'basic', username: 'ada', password: 'p' },
    });
    expect(proofOf({ bearer: { token: 't' } })).toMatchObject({ credential: { token: 't' } });
    expect(proofOf({ digest: { username: 'ada' } })).toBe('`digest.password` is missing.');
    const client = { id: 'c', secret: 's' };
    const oauth2 = { authority: 'https://id.example', grant: 'client_credentials', client };
    expect(proofOf({ oauth2 })).toMatchObject({
      kind: 'token',
      request: { tokenPath: '/oauth2/token', clientAuthentication: 'client_secret_post' },
    });
    expect(proofOf({ oauth2: { ...oauth2, grant: 'password', scopes: 'a' } })).toMatch(/list/);
  });

  it('sends text as it is when its type is not JSON', () => {
    const headers = { 'Content-Type': 'text/plain' };
    expect(readHttpCall({ method: 'PUT', endpoint, headers, body: 'hi' })).toMatchObject({
      value: { request: { body: 'hi', headers: { 'content-type': 'text/plain' } } },
    });
    expect(readHttpCall({ method: 'PUT', endpoint, body: 'hi' })).toMatchObject({
      value: { request: { body: '"hi"' } },
    });
  });

  it.each<[Json, string]>([
    ['x', 'an object'],
    [{ endpoint }, 'needs a `method`'],
    [{ method: 'GET' }, 'needs an `endpoint`'],
    [{ method: 'GET', endpoint: '/relative' }, 'needs an `endpoint`'],
    [{ method: 'GET', endpoint, output: 'all' }, '`output` is'],
    [{ method: 'GET', endpoint, headers: 'x' }, '`headers` is an object'],
    [{ method: 'GET', endpoint, query: { a: { b: 1 } } }, '`query.a` must be'],
  ])('%j is refused', (args, message) => {
    expect(readHttpCall(args)).toEqual({ ok: false, error: expect.stringContaining(message) });
  });

  it('hands on content, bytes or the whole response', () => {
    const response = {
      kind: 'response',
      status: 201,
      headers: { etag: '"1"' },
      body: { kind: 'json', value: { id: 7 } },
      durationMs: 1,
    } as const;
    const outputOf = (output: string) => {
      const headers = { Authorization: 'Bearer secret' };
      const read = readHttpCall({ method: 'GET', endpoint, output, headers });
      if (!read.ok) throw new Error(read.error);
      return httpOutput(read.value, response);
    };
    expect(outputOf('content')).toEqual({ id: 7 });
    expect(outputOf('response')).toEqual({
      request: { method: 'GET', uri: endpoint, headers: { authorization: '[redacted]' } },
      statusCode: 201,
      headers: { etag: '"1"' },
      content: { id: 7 },
    });
  });
});
