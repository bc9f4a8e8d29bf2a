import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminUrlOf, socketDirOf } from './address.js';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'my home-'));
});

afterAll(() => {
  rmSync(home, { recursive: true });
});

describe('the address of a server on this machine', () => {
  it('names its socket, and the port for whoever cannot use one', async () => {
    const url = new URL(await adminUrlOf({ dir: home, port: 7410 }, { password: 'p@ss/word' }));
    expect(decodeURIComponent(url.password)).toBe('p@ss/word');
    expect([url.hostname, url.port, url.pathname]).toEqual(['127.0.0.1', '7410', '/parley']);
    expect(url.searchParams.get('host')).toBe(home);
  });

  it.each([`/${'long'.repeat(30)}`, '/with"quote', 'relative', '/proc/self'])(
    'goes without the socket in %s',
    async (dir) => {
      expect(await socketDirOf({ dir, port: 7410 })).toBeUndefined();
      expect(await adminUrlOf({ dir, port: 7410 }, { password: 'x' })).not.toContain('?');
    },
  );
});
