import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * What an address may be called for: `public` by everybody, `internal` only where approved (loopback,
 * private, link-local, carrier-grade NAT, multicast, reserved, and IPv6 forms that hide an IPv4
 * address), `metadata` never: what answers there hands out the machine's own credentials.
 */
export type AddressClass = 'public' | 'internal' | 'metadata';

/** Classifies an IP address in the form that resolvers give. */
export function classifyAddress(address: string): AddressClass {
  if (isIP(address) === 0 || address.includes('%')) return 'internal';
  if (isIPv4(address)) return classifyV4(address);
  const groups = ipv6Groups(address);
  const embedded = embeddedV4(groups);
  if (embedded !== undefined && metadata.check(embedded)) return 'metadata';
  if (metadata.check(address, 'ipv6')) return 'metadata';
  if (isMapped(groups) && embedded !== undefined) return classifyV4(embedded);
  const isGlobal = ((groups[0] ?? 0) & 0xe000) === 0x2000;
  return isGlobal && !internalV6.check(address, 'ipv6') ? 'public' : 'internal';
}

/** Names under which clouds serve metadata; refused before they are resolved. */
export function isMetadataName(host: string): boolean {
  return (
    metadataNames.has(host) || host.endsWith('.metadata.google.internal') || host === 'metadata'
  );
}

/** Host of a URL for comparing: lower case, no brackets, no trailing dot. */
export function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

const metadataNames = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
  'metadata.platformequinix.com',
]);

const metadata = new BlockList();
// AWS, Azure, GCP, DigitalOcean …; ECS and EKS; Azure's wire server; Alibaba; Oracle.
for (const address of [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
]) {
  metadata.addAddress(address);
}
for (const address of ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254']) {
  metadata.addAddress(address, 'ipv6');
}

const internalV4 = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  internalV4.addSubnet(net, prefix);
}

const internalV6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23], // Teredo, benchmarking, ORCHID
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['3fff::', 20],
] as const) {
  internalV6.addSubnet(net, prefix, 'ipv6');
}

function classifyV4(address: string): AddressClass {
  if (metadata.check(address)) return 'metadata';
  return internalV4.check(address) ? 'internal' : 'public';
}

/** The eight 16-bit groups of an IPv6 address. */
function ipv6Groups(address: string): number[] {
  // The URL parser brings every spelling, dotted tails included, into one.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groupsOf = (part: string) =>
    part === '' ? [] : part.split(':').map((hex) => parseInt(hex, 16));
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function isMapped(groups: number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** The IPv4 address inside a mapped, compatible, translated (NAT64) or 6to4 address. */
function embeddedV4(groups: number[]): string | undefined {
  const v4 = (high = 0, low = 0) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  if (groups[0] === 0x2002) return v4(groups[1], groups[2]);
  const isNat64 = groups[0] === 0x64 && groups[1] === 0xff9b;
  const isLow = groups.slice(0, 5).every((group) => group === 0);
  return isNat64 || isLow ? v4(groups[6], groups[7]) : undefined;
}
