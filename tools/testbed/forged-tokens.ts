import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import type { Platform } from '../dev/platform.ts';

interface Signing {
  readonly claims?: JWTPayload;
  readonly header?: { alg?: string; kid?: string; typ?: string };
  readonly key?: JWK;
  /** @default in five minutes */
  readonly expires?: string;
}

/** A bearer as the development issuer makes them for the owner, except for what is given. */
export async function bearer(platform: Platform, signing: Signing = {}): Promise<string> {
  const file = join(platform.home, 'issuer/keys.json');
  const issuer = JSON.parse(readFileSync(file, 'utf8')) as { signing: JWK };
  return sign(signing, {
    key: issuer.signing,
    header: { alg: 'ES256', kid: 'dev-1', typ: 'at+jwt' },
    claims: {
      iss: `http://127.0.0.1:${String(platform.portBase + 2)}`,
      aud: 'parley',
      sub: 'dev-owner',
      email: 'owner@parley.local',
      email_verified: true,
    },
  });
}

/** A context token as `service` mints it, except for what is given. */
export async function contextToken(
  platform: Platform,
  service: string,
  signing: Signing = {},
): Promise<string> {
  return sign(signing, {
    key: serviceKey(platform, service),
    header: { alg: 'EdDSA', kid: service, typ: 'parley-context+jwt' },
    claims: {
      iss: service,
      kind: 'request',
      principal: 'mem_forged0000',
      name: 'X',
      roles: ['owner'],
    },
  });
}

export function serviceKey(platform: Platform, service: string): JWK {
  return JSON.parse(readFileSync(join(platform.home, `keys/${service}.jwk`), 'utf8')) as JWK;
}

/** A key of nobody, with the name of somebody. */
export async function strangersKey(alg: 'ES256' | 'EdDSA'): Promise<JWK> {
  const options = alg === 'EdDSA' ? { crv: 'Ed25519', extractable: true } : { extractable: true };
  return exportJWK((await generateKeyPair(alg, options)).privateKey);
}

/** The same token without a signature. */
export function unsigned(token: string): string {
  const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  return `${header}.${token.split('.')[1] ?? ''}.`;
}

async function sign(
  { claims, header, key, expires = '5m' }: Signing,
  usual: { key: JWK; header: { alg: string; kid: string; typ: string }; claims: JWTPayload },
): Promise<string> {
  const named = { ...usual.header, ...header };
  return new SignJWT({ ...usual.claims, ...claims })
    .setProtectedHeader(named)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(await importJWK(key ?? usual.key, named.alg));
}
