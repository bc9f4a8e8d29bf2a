import type { ServiceName } from '@parley/contracts';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import type { BaseConfig } from '../config.js';
import { contextHeader, ContextTokens } from '../context-tokens.js';
import { createLog } from '../logging.js';
import type { AnyContext } from '../scope.js';

/** Fresh keys of every service, as an installation has them. */
export interface TestKeys {
  readonly privateKeys: Readonly<Record<ServiceName, JWK>>;
  readonly trustedKeys: JSONWebKeySet;
}

const names: readonly ServiceName[] = [
  'gateway',
  'conversation',
  'agent',
  'workflow',
  'platform',
  'dsl-compiler',
];

export async function testKeys(): Promise<TestKeys> {
  const made = await Promise.all(
    names.map(async (kid) => {
      const { privateKey, publicKey } = await generateKeyPair('Ed25519', { extractable: true });
      const [own, open] = [await exportJWK(privateKey), await exportJWK(publicKey)];
      return { kid, own: { ...own, kid, alg: 'EdDSA' }, open: { ...open, kid, alg: 'EdDSA' } };
    }),
  );
  return {
    privateKeys: Object.fromEntries(
      made.map(({ kid, own }) => [kid, own]),
    ) as TestKeys['privateKeys'],
    trustedKeys: { keys: made.map(({ open }) => open) },
  };
}

/** A configuration for `createService` on a free port of loopback; extend it with what you need. */
export function testConfig(service: ServiceName, keys: TestKeys): BaseConfig {
  const nowhere = 'http://127.0.0.1:9';
  return {
    service,
    host: '127.0.0.1',
    port: 0,
    home: '.parley',
    logLevel: 'silent',
    signingKey: keys.privateKeys[service] as BaseConfig['signingKey'],
    trustedKeys: keys.trustedKeys as BaseConfig['trustedKeys'],
    conversationUrl: nowhere,
    agentUrl: nowhere,
    workflowUrl: nowhere,
    workflowReplicaUrls: [],
    platformUrl: nowhere,
    dslCompilerUrl: nowhere,
  };
}

/**
 * Headers of a call to `audience`: from the gateway for a member (`kind: 'request'`), or from
 * another service (`kind: 'work'` and `issuer`).
 */
export async function contextHeaders(
  keys: TestKeys,
  audience: ServiceName,
  context: Partial<AnyContext> = {},
): Promise<Record<string, string>> {
  const { issuer = 'gateway', ...claims } = context;
  const tokens = new ContextTokens({
    service: issuer,
    signingKey: keys.privateKeys[issuer],
    trustedKeys: keys.trustedKeys,
    acceptWorkFrom: [],
  });
  const token = await tokens.mint(
    {
      kind: 'request',
      tenantId: 'ten_test0000000000000000000000',
      principal: 'mem_test0000000000000000000000',
      name: 'Test Person',
      roles: ['owner'],
      ...claims,
    },
    audience,
  );
  return { [contextHeader]: token };
}

/** A log that keeps its lines instead of printing them. */
export function recordedLog(service = 'test') {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  return { log: createLog({ service, level: 'trace', destination }), lines };
}

export { postAlone, postTogether, type TestAnswer, type TestRequest } from './gathered.js';
