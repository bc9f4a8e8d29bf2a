import { describe, expect, it } from '@jest/globals';
import type { SetCredential } from '@parley/contracts';
import { CredentialVault } from './credential-vault.js';

const place = {
  tenantId: 'ten_a',
  connectorId: 'con_a',
  scheme: 'token',
  origin: 'https://a.example',
};
const credential: SetCredential = { type: 'bearer', token: 'a secret' };

it('a sealed text opens with what it was bound to, and nothing else', () => {
  const vault = new CredentialVault('key');
  const bound = { what: 'secret a', boundTo: ['secret', 'ten_a', 'a', 'api.example'] };
  const sealed = vault.sealText('value', bound);
  expect(vault.openText(sealed, bound)).toBe('value');
  const other = { ...bound, boundTo: [...bound.boundTo, 'evil.example'] };
  expect(() => vault.openText(sealed, other)).toThrow(
    'The secret a cannot be read; give it again.',
  );
});

describe('a sealed credential', () => {
  it('opens where it belongs, and no two envelopes are alike', () => {
    const vault = new CredentialVault('key');
    const sealed = vault.seal(credential, place);
    expect(vault.open(sealed, place)).toEqual(credential);
    expect(vault.seal(credential, place)).not.toBe(sealed);
    expect(sealed).toMatch(/^v1\.[0-9a-f]{12}\.[\w-]+\.[\w-]+$/);
  });

  it.each(['tenantId', 'connectorId', 'scheme', 'origin'])('opens for no other %s', (member) => {
    const vault = new CredentialVault('key');
    const sealed = vault.seal(credential, place);
    expect(() => vault.open(sealed, { ...place, [member]: 'other' })).toThrow('give it again');
  });

  it('does not open when a bit of it was changed', () => {
    const vault = new CredentialVault('key');
    const parts = vault.seal(credential, place).split('.');
    const body = Buffer.from(parts[3] ?? '', 'base64url');
    body[0] = (body[0] ?? 0) ^ 1;
    const forged = [...parts.slice(0, 3), body.toString('base64url')].join('.');
    expect(() => vault.open(forged, place)).toThrow('give it again');
    expect(() => vault.open('v0.x', place)).toThrow('give it again');
    expect(() => vault.open('', place)).toThrow('give it again');
  });

  it('is sealed with the first key of the file and opens with any', () => {
    const old = new CredentialVault('old').seal(credential, place);
    const rotated = new CredentialVault('new\nold\n');
    expect(rotated.open(old, place)).toEqual(credential);
    const fresh = rotated.seal(credential, place);
    expect(new CredentialVault('new').open(fresh, place)).toEqual(credential);
    expect(() => new CredentialVault('new').open(old, place)).toThrow('does not have');
  });

  it('needs a key', () => {
    expect(() => new CredentialVault(' \n')).toThrow('empty');
  });
});
