import { describe, expect, it } from '@jest/globals';
import { classifyAddress } from './addresses.js';
import { Guard, looksInternal, type Approval } from './guard.js';

const nowhere = async () => {
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
const resolveTo =
  (...addresses: string[]) =>
  async () =>
    addresses;

function guard(resolve: (host: string) => Promise<readonly string[]> = nowhere) {
  return new Guard({ ownPorts: [7400, 7413], ownServices: ['parley-workflow:7413'], resolve });
}

async function reasonOf(url: string, approvals: Approval[] = [], resolve = nowhere as never) {
  const checked = await guard(resolve).check(url, approvals);
  return checked.ok ? 'allowed' : checked.error.reason;
}

describe('addresses', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['127.0.0.1', 'internal'],
    ['127.255.1.9', 'internal'],
    ['0.0.0.0', 'internal'],
    ['10.1.2.3', 'internal'],
    ['172.16.0.1', 'internal'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'internal'],
    ['100.64.0.1', 'internal'],
    ['100.128.0.1', 'public'],
    ['169.254.1.1', 'internal'],
    ['224.0.0.1', 'internal'],
    ['255.255.255.255', 'internal'],
    ['198.18.0.1', 'internal'],
    ['::', 'internal'],
    ['::1', 'internal'],
    ['fc00::1', 'internal'],
    ['fe80::1', 'internal'],
    ['fe80::1%eth0', 'internal'],
    ['ff02::1', 'internal'],
    ['2001:db8::1', 'internal'],
    ['2001::1', 'internal'],
    ['::ffff:127.0.0.1', 'internal'],
    ['::ffff:7f00:1', 'internal'],
    ['::ffff:8.8.8.8', 'public'],
    ['::127.0.0.1', 'internal'],
    ['64:ff9b::7f00:1', 'internal'],
    ['64:ff9b::8.8.8.8', 'internal'],
    ['2002:7f00:1::', 'internal'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['2002:a9fe:a9fe::', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['not an address', 'internal'],
  ])('%s is %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });
});

describe('the guard', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[64:ff9b::a00:1]/',
    'http://１２７.０.０.１/',
    'http://10.0.0.1:8080/',
  ])('refuses %s unless approved', async (url) => {
    expect(await reasonOf(url)).toBe('not-approved');
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://127.0.0.1:7413/internal/v1/versions',
    'http://localhost:7400/',
    'http://[::1]:7400/',
    'http://0.0.0.0:7413/',
    'http://parley-workflow:7413/',
  ])('refuses %s whatever is approved', async (url) => {
    const { hostname, port } = new URL(url);
    const approvals: Approval[] = [
      { host: hostname, port: Number(port || 80) },
      { cidr: '0.0.0.0/0' },
      { cidr: '::/0' },
    ];
    const resolve = async (host: string) => (host === 'localhost' ? ['127.0.0.1'] : []);
    expect(await reasonOf(url, approvals, resolve as never)).toBe('not-approved');
    const approvable = await guard(resolve).approvable(url);
    expect(approvable.ok).toBe(false);
  });

  it.each([
    ['file:///etc/passwd'],
    ['ftp://example.com/'],
    ['gopher://example.com/'],
    ['http://user:secret@example.com/'],
    ['//example.com'],
    ['http://'],
    [`http://example.com/${'x'.repeat(20_000)}`],
  ])('does not call %s', async (url) => {
    const checked = await guard().check(url, []);
    expect(checked).toMatchObject({ ok: false, error: { reason: 'invalid-request' } });
    if (!checked.ok) expect(checked.error.message).not.toContain('secret');
  });

  it('resolves a name once and hands on the addresses that it checked', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    let asked = 0;
    const rebinding = async () => answers[asked++] ?? [];
    const checked = await guard(rebinding).check('http://rebind.example/', []);
    expect(checked).toMatchObject({ ok: true, value: { addresses: ['93.184.215.14'] } });
    expect(asked).toBe(1);
  });

  it('refuses a name when any of its addresses is internal', async () => {
    for (const hidden of ['127.0.0.1', '::ffff:10.0.0.1', '169.254.169.254']) {
      const resolve = resolveTo('93.184.215.14', hidden) as never;
      expect(await reasonOf('http://mixed.example/', [], resolve)).toBe('not-approved');
    }
  });

  it('an approval covers its host and port, a network its addresses, and nothing else', async () => {
    const approvals: Approval[] = [{ host: '127.0.0.1', port: 7420 }, { cidr: '10.1.0.0/16' }];
    expect(await reasonOf('http://127.0.0.1:7420/x', approvals)).toBe('allowed');
    expect(await reasonOf('http://127.1:7420/x', approvals)).toBe('allowed');
    expect(await reasonOf('http://127.0.0.1:7421/x', approvals)).toBe('not-approved');
    expect(await reasonOf('http://127.0.0.2:7420/x', approvals)).toBe('not-approved');
    expect(await reasonOf('http://10.1.2.3/', approvals)).toBe('allowed');
    expect(await reasonOf('http://10.2.2.3/', approvals)).toBe('not-approved');
    const local = resolveTo('127.0.0.1') as never;
    expect(await reasonOf('http://localhost:7420/', approvals, local)).toBe('not-approved');
    const named: Approval[] = [{ host: 'LocalHost.', port: 7420 }];
    expect(await reasonOf('http://localhost:7420/', named, local)).toBe('allowed');
  });

  it('says when a name is not known', async () => {
    expect(await reasonOf('http://missing.example/')).toBe('unresolved');
    expect(await reasonOf('http://empty.example/', [], resolveTo() as never)).toBe('unresolved');
  });
});

describe('how an address looks without asking the network', () => {
  it.each([
    ['http://localhost:7420', true],
    ['http://kitchen:8080', true],
    ['http://api.internal', true],
    ['http://kitchen.default.svc', true],
    ['http://192.168.0.5', true],
    ['http://[::1]', true],
    ['https://api.example.com', false],
    ['https://8.8.8.8', false],
  ])('%s internal: %s', (url, expected) => {
    expect(looksInternal(url)).toBe(expected);
  });
});
