import { describe, expect, it } from '@jest/globals';
import type { Lock } from '../lock/lock.js';
import { findingsOf, task } from './fixtures.js';

const openapi = (operation: string) =>
  task(
    `call: openapi\nwith: { document: { endpoint: "https://a.example/api.json" }, operationId: ${operation} }`,
  );
const lockOf = (kind: 'openapi' | 'function', uri: string, content: never): Lock => ({
  externals: [{ kind, uri, sha256: 'h', content }],
});
const document = {
  openapi: '3.1.0',
  servers: [{ url: 'https://a.example' }],
  paths: { '/a': { get: { operationId: 'getA' } } },
} as never;
const address = 'https://a.example/f.yaml';

describe('documents outside of the definition', () => {
  it('are a warning while they have not been read, an error where they must be', () => {
    const severities = (unresolved?: 'warning' | 'error') =>
      findingsOf(openapi('getA'), { unresolved }).map((one) => `${one.code} ${one.severity}`);
    expect(severities()).toEqual(['PL1070 warning']);
    expect(severities('error')).toEqual(['PL1070 error']);
  });

  it('must have the operation that is called', () => {
    const lock = lockOf('openapi', 'https://a.example/api.json', document);
    expect(findingsOf(openapi('getA'), { lock })).toEqual([]);
    expect(findingsOf(openapi('getB'), { lock }).map((one) => one.code)).toEqual(['PL1071']);
  });

  it('must be functions where functions are called', () => {
    const call = task(`call: ${address}`);
    const codes = (content: unknown) =>
      findingsOf(call, { lock: lockOf('function', address, content as never) }).map(
        (one) => one.code,
      );
    expect(codes({ set: { a: '${ .b }' } })).toEqual([]);
    expect(codes({ set: { a: '${ .b +' } })).toEqual(['PL1072']);
    expect(codes('no task')).toEqual(['PL1072']);
  });

  it('are not asked for when their addresses are computed', () => {
    const source = task(
      'call: openapi\nwith: { document: { endpoint: "${ .url }" }, operationId: a }',
    );
    expect(findingsOf(source)).toEqual([]);
  });
});
