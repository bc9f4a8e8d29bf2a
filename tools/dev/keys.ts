import { generateKeyPairSync, hkdfSync, randomBytes, type JsonWebKey } from 'node:crypto';
import { join } from 'node:path';

import { AppError } from '@parley/kernel';

import { keep, writeWhole, type Home } from './home.ts';

/** Files with the keys of an installation; made on first start, kept after. */
export interface Keys {
  readonly installationKeyFile: string;
  readonly trustedKeysFile: string;
  signingKeyFile(service: string): string;
  /** Password of a database role: derived, so nothing but the installation key is stored. */
  databasePassword(role: string): string;
}

const installationKeyBytes = 32;

export function openKeys(home: Home, services: readonly string[]): Keys {
  const installationKeyFile = join(home.keys, 'installation.key');
  const installationKey = readInstallationKey(installationKeyFile);
  const signingKeyFile = (service: string) => join(home.keys, `${service}.jwk`);
  const trusted = services.map((service) =>
    publicPart(signingKey(service, signingKeyFile(service))),
  );
  const trustedKeysFile = join(home.keys, 'trusted-keys.json');
  writeWhole(trustedKeysFile, `${JSON.stringify({ keys: trusted }, undefined, 2)}\n`);
  return {
    installationKeyFile,
    trustedKeysFile,
    signingKeyFile,
    databasePassword: (role) => {
      const key = hkdfSync('sha256', installationKey, '', `parley/database/${role}`, 24);
      return Buffer.from(key).toString('base64url');
    },
  };
}

function readInstallationKey(file: string): Buffer {
  const { content } = keep(file, () => randomBytes(installationKeyBytes).toString('base64'));
  const key = Buffer.from(content, 'base64');
  if (key.length === installationKeyBytes) return key;
  throw new AppError(
    'unavailable',
    `${file} is damaged: it must hold ${installationKeyBytes} bytes in base64. Restore it from a ` +
      'backup; stored credentials cannot be read without it.',
  );
}

function signingKey(service: string, file: string): JsonWebKey {
  const { content } = keep(file, () => JSON.stringify(newSigningKey(service)));
  try {
    const key = JSON.parse(content) as JsonWebKey;
    if (key.crv === 'Ed25519' && typeof key.d === 'string' && key['kid'] === service) return key;
  } catch {
    // Falls through to the message below.
  }
  throw new AppError(
    'unavailable',
    `${file} is damaged. Remove it: a new key is made at the next start.`,
  );
}

function newSigningKey(service: string): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { ...privateKey.export({ format: 'jwk' }), kid: service, alg: 'EdDSA', use: 'sig' };
}

function publicPart({ d: _private, ...key }: JsonWebKey): JsonWebKey {
  return key;
}
