import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { err, ok, type Result } from '@parley/kernel';
import { classifyAddress, isMetadataName, plainHost } from './addresses.js';
import { outboundLimits } from './limits.js';

/** A permission to call something that is not public: one host and port, or a network. */
export type Approval =
  | { readonly host: string; readonly port: number }
  | { readonly cidr: string; readonly port?: number };

/** Resolves a name to every address it has. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Why a call may not leave, before anything was sent. */
export interface Refusal {
  readonly reason: 'invalid-request' | 'not-approved' | 'unresolved';
  readonly message: string;
}

/** An address that has been checked: only these are connected to. */
export interface Target {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

export interface GuardOptions {
  /** Ports on which this machine serves Parley itself; never called for a tenant. */
  readonly ownPorts: readonly number[];
  /** Further `host:port` of Parley's own services. */
  readonly ownServices?: readonly string[];
  readonly resolve?: Resolve;
}

/**
 * Decides where a call that a tenant caused may go.
 *
 * G1  What is checked is what is connected to: a name is resolved once, here.
 * G2  Every address of a name must be allowed; one that is not refuses the call.
 * G3  Metadata services and Parley's own ports are refused whatever is approved.
 */
export class Guard {
  private readonly ownPorts: ReadonlySet<number>;
  private readonly ownServices: ReadonlySet<string>;
  private readonly resolve: Resolve;

  constructor(options: GuardOptions) {
    this.ownPorts = new Set(options.ownPorts);
    this.ownServices = new Set(options.ownServices ?? []);
    this.resolve = options.resolve ?? resolveByTheSystem;
  }

  async check(address: string, approvals: readonly Approval[]): Promise<Result<Target, Refusal>> {
    const parsed = readUrl(address);
    return parsed.ok ? this.checkPlace(parsed.value, approvals) : parsed;
  }

  /** The same for what `readUrl` gave; at once when there is no name to be resolved. */
  checkPlace(
    place: UrlPlace,
    approvals: readonly Approval[],
  ): Result<Target, Refusal> | Promise<Result<Target, Refusal>> {
    const judge = (resolved: Result<readonly string[], Refusal>): Result<Target, Refusal> => {
      if (!resolved.ok) return resolved;
      const { url, host, port } = place;
      for (const address of resolved.value) {
        const refusal = this.refusalOf({ address, host, port }, approvals);
        if (refusal !== undefined) return refuse('not-approved', refusal);
      }
      const addresses = resolved.value.slice(0, outboundLimits.addressesMax);
      return ok({ url, host, port, addresses });
    };
    const { host, port } = place;
    const known = this.withoutResolving(host, port);
    return known === undefined ? this.resolved(host).then(judge) : judge(known);
  }

  /** Whether an admin may approve calls to the host and port of this URL at all (G3). */
  async approvable(address: string): Promise<Result<{ host: string; port: number }, Refusal>> {
    const parsed = readUrl(address);
    if (!parsed.ok) return parsed;
    const { host, port } = parsed.value;
    const resolved = this.withoutResolving(host, port) ?? (await this.resolved(host));
    // A system that is not up yet may be approved: its address is checked again at each call.
    if (!resolved.ok) return resolved.error.reason === 'unresolved' ? ok({ host, port }) : resolved;
    for (const one of resolved.value) {
      const never = this.never({ address: one, host, port });
      if (never !== undefined) return refuse('not-approved', never);
    }
    return ok({ host, port });
  }

  /** What a host is without asking anybody; undefined when it is a name. */
  private withoutResolving(host: string, port: number): Result<string[], Refusal> | undefined {
    if (isMetadataName(host)) return refuse('not-approved', metadataMessage(host));
    if (this.ownServices.has(`${host}:${port}`))
      return refuse('not-approved', ownMessage(host, port));
    return isIP(host) === 0 ? undefined : ok([host]);
  }

  private async resolved(host: string): Promise<Result<string[], Refusal>> {
    try {
      const addresses = [...(await this.resolve(host))];
      if (addresses.length > 0) return ok(addresses);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return refuse('unresolved', `The name ${host} cannot be resolved (${code}).`);
    }
    return refuse('unresolved', `The name ${host} has no address.`);
  }

  private never({ address, host, port }: Place): string | undefined {
    if (classifyAddress(address) === 'metadata') return metadataMessage(host);
    if (this.ownPorts.has(port) && isThisMachine(address)) return ownMessage(host, port);
    return this.ownServices.has(`${address}:${port}`) ? ownMessage(host, port) : undefined;
  }

  private refusalOf(place: Place, approvals: readonly Approval[]): string | undefined {
    const never = this.never(place);
    if (never !== undefined) return never;
    if (classifyAddress(place.address) === 'public') return undefined;
    if (approvals.some((approval) => covers(approval, place))) return undefined;
    const { host, port, address } = place;
    const where = host === address ? '' : ` (${host} is ${address})`;
    return `${hostPort(host, port)} is an internal address${where}; an admin has to approve it for this connector first.`;
  }
}

interface Place {
  readonly address: string;
  readonly host: string;
  readonly port: number;
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a URL names something internal without looking a name up; names are judged by their form. */
export function looksInternal(address: string): boolean {
  const parsed = readUrl(address);
  if (!parsed.ok) return true;
  const { host } = parsed.value;
  if (isIP(host) !== 0) return classifyAddress(host) !== 'public';
  return !host.includes('.') || internalSuffix.test(host) || isMetadataName(host);
}

const internalSuffix =
  /\.(?:localhost|local|internal|intranet|lan|home|corp|svc|arpa|test|invalid)$/;

/** A URL with its host and port, normalised as they are compared with approvals. */
export interface UrlPlace {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

/** Reads an http(s) URL. */
export function readUrl(address: string): Result<UrlPlace, Refusal> {
  if (address.length > outboundLimits.urlLengthMax) {
    return refuse(
      'invalid-request',
      `The address is longer than ${outboundLimits.urlLengthMax} characters.`,
    );
  }
  const url = URL.parse(address);
  if (url === null) return refuse('invalid-request', 'The address is not a URL.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse('invalid-request', `Only http and https can be called, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('invalid-request', 'The address must not contain a user name or password.');
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return ok({ url, host: plainHost(url.hostname), port });
}

/**
 * Whether a path has a part of only dots, written in any way. What reads a URL takes such parts away,
 * with those before them; encoding a value does not help: it leaves dots as they are. So a value that
 * somebody puts into a path could lead to the path of something else.
 */
export function hasDotSegments(address: string): boolean {
  const path =
    address
      .replaceAll(/[\t\n\r]/g, '')
      .trim()
      .split(/[?#]/, 1)[0] ?? '';
  return /[/\\](?:\.|%2e){1,2}(?=[/\\]|$)/i.test(path);
}

function covers(approval: Approval, { address, host, port }: Place): boolean {
  if ('host' in approval) return plainHost(approval.host) === host && approval.port === port;
  if (approval.port !== undefined && approval.port !== port) return false;
  const [net = '', prefix = ''] = approval.cidr.split('/');
  const family = isIPv4(net) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, Number(prefix), family);
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function isThisMachine(address: string): boolean {
  if (machineAddresses.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) return true;
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  );
}

const machineAddresses = new BlockList();
machineAddresses.addSubnet('127.0.0.0', 8);
machineAddresses.addSubnet('0.0.0.0', 8);
machineAddresses.addAddress('::1', 'ipv6');
machineAddresses.addAddress('::', 'ipv6');

async function resolveByTheSystem(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

function metadataMessage(host: string): string {
  return `${host} is a cloud metadata service, which can never be called.`;
}

function ownMessage(host: string, port: number): string {
  return `${hostPort(host, port)} belongs to Parley itself and can never be called.`;
}

function refuse(reason: Refusal['reason'], message: string): { ok: false; error: Refusal } {
  return err({ reason, message });
}
