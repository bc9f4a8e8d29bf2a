import { describe, expect, it } from '@jest/globals';
import { adminUrlOf, socketDirOf } from './address.js';

describe('the address of a server on this machine', () => {
  it('names its socket, and the port for whoever cannot use one', () => {
    const url = new URL(adminUrlOf({ dir: '/var/my home', port: 7410 }, { password: 'p@ss/word' }));
    expect(decodeURIComponent(url.password)).toBe('p@ss/word');
    expect([url.hostname, url.port, url.pathname]).toEqual(['127.0.0.1', '7410', '/parley']);
    expect(url.searchParams.get('host')).toBe('/var/my home');
  });

  it.each([`/${'long'.repeat(30)}`, '/with"quote'])('goes without the socket in %s', (dir) => {
    expect(socketDirOf({ dir, port: 7410 })).toBeUndefined();
    expect(adminUrlOf({ dir, port: 7410 }, { password: 'x' })).not.toContain('?');
  });
});
