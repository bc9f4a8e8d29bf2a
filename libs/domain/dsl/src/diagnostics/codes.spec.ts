import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile/compile.js';
import { catalogue } from '../check/fixtures.js';
import type { Lock } from '../lock/lock.js';
import { codes, type DiagnosticCode } from './codes.js';
import { exampleDefinition } from './example.js';

const pinned = {
  openapi: '3.1.0',
  servers: [{ url: 'https://a.example' }],
  paths: { '/pets': { get: { operationId: 'getPet' } } },
};
const lock: Lock = {
  externals: [
    { kind: 'openapi', uri: 'https://a.example/pinned.json', sha256: '1', content: pinned },
    { kind: 'function', uri: 'https://a.example/wrong.yaml', sha256: '2', content: { wait: 5 } },
  ],
};
const all = Object.keys(codes) as DiagnosticCode[];

describe('the table of codes', () => {
  it.each(all.filter((code) => exampleDefinition(code) !== undefined))(
    'the example of %s has that mistake and no other',
    (code) => {
      const source = exampleDefinition(code) ?? '';
      const { diagnostics } = compileDefinition(source, { catalogue, lock });
      const found = diagnostics.filter((one) => one.code === code || one.code !== 'PL1060');
      expect(found.map((one) => `${one.code} ${one.severity}`)).toEqual([
        `${code} ${codes[code].severity}`,
      ]);
    },
  );

  it('describes the examples that are too large, or no definitions', () => {
    const described = all.filter((code) => exampleDefinition(code) === undefined);
    const ofDefinitions = described.filter((code) => code < 'PL1080');
    expect(ofDefinitions).toEqual(['PL1002', 'PL1003', 'PL1061']);
  });
});
